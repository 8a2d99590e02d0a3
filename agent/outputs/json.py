"""A review as JSON: the document itself, with the filled sentences and citations beside the templates.

`python -m agent.outputs.json config/schema/review.schema.json` writes the schema that every such document holds to.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from agent.domain import (
    CheckResult,
    Decision,
    Finding,
    ItemResult,
    Reason,
    Remedy,
    ReviewDocument,
    SignOff,
    Statement,
    Used,
)
from agent.drafting.parts import sentence, slots_of
from agent.drafting.values import say
from collectors.evidence import Model


class Citation(Model):
    """What one value of a finding rests on. `evidence` is a digest, empty for the card, the gate and our own sums."""

    role: str
    value: str
    origin: str
    evidence: str
    pointer: str


class FindingJson(Finding):
    message: str
    citations: tuple[Citation, ...]


class StatementJson(Statement):
    slots: tuple[str, ...]


class ItemJson(ItemResult):
    findings: tuple[FindingJson, ...]
    draft: tuple[StatementJson, ...]
    remediation: Remedy


class CheckJson(CheckResult):
    finding: FindingJson
    probe: str
    message: str
    citations: tuple[Citation, ...]


class ReasonJson(Reason):
    """`item` or `check` says where it stands; the other is null."""

    item: int | None
    check: str | None
    sentence: str


class ReviewJson(ReviewDocument):
    """What `assess --json` prints."""

    reasons: tuple[ReasonJson, ...]
    checks: tuple[CheckJson, ...]
    items: tuple[ItemJson, ...]


def to_json(document: ReviewDocument) -> dict[str, JsonValue]:
    """Every field of the document as it is signed, and beside them what a reader would have to work out."""
    zone = document.zone
    whole = document.model_dump()
    whole["reasons"] = [_reason(reason) for reason in document.reasons]
    whole["checks"] = [_check(check, zone) for check in document.checks]
    whole["items"] = [_item(item, zone) for item in document.items]
    dumped: dict[str, JsonValue] = ReviewJson.model_validate(whole).model_dump(mode="json")
    return dumped


def from_json(value: dict[str, JsonValue]) -> ReviewDocument:
    """The document that was signed, out of its JSON: what `to_json` and the bundle added is left out again."""
    review = ReviewJson.model_validate({k: v for k, v in value.items() if k not in ("decision", "signoffs")})
    plain = review.model_dump(exclude={"reasons": {"__all__": {"item", "check", "sentence"}}})
    plain["checks"] = [_less(check, "probe", "message", "citations") for check in plain["checks"]]
    for check in plain["checks"]:
        check["finding"] = _less(check["finding"], "message", "citations")
    plain["items"] = [_plain_item(item) for item in plain["items"]]
    return ReviewDocument.model_validate(plain)


def review_schema() -> dict[str, JsonValue]:
    """The JSON schema of `assess --json` and of a bundle's review.json, which adds the decision and the sign-offs."""
    schema = ReviewJson.model_json_schema(mode="serialization")
    for part in (schema, *schema["$defs"].values()):
        if "properties" in part:
            part["required"] = sorted(part["properties"])
    more = TypeAdapter(tuple[Decision, SignOff]).json_schema(mode="serialization")
    decision, signoff = more["prefixItems"]
    schema["$defs"] |= more["$defs"]
    schema["properties"] |= {"decision": decision, "signoffs": {"type": "array", "items": signoff}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "clearance-review/1", **schema}


def _citations(finding: Finding, zone: str) -> list[dict[str, JsonValue]]:
    return [_citation(used, zone) for used in finding.facts]


def _citation(used: Used, zone: str) -> dict[str, JsonValue]:
    fact = used.fact
    return {
        "role": used.role, "value": say(fact, zone), "origin": fact.origin.value, "evidence": fact.evidence,
        "pointer": fact.pointer,
    }  # fmt: skip


def _finding(finding: Finding, zone: str) -> dict[str, object]:
    return finding.model_dump() | {"message": sentence(finding, zone), "citations": _citations(finding, zone)}


def _item(item: ItemResult, zone: str) -> dict[str, object]:
    return item.model_dump() | {
        "findings": [_finding(finding, zone) for finding in item.findings],
        "draft": [one.model_dump() | {"slots": slots_of(one.template)} for one in item.draft],
        "remediation": item.remedy.model_dump(),
    }


def _check(check: CheckResult, zone: str) -> dict[str, object]:
    finding = _finding(check.finding, zone)
    return check.model_dump() | {
        "finding": finding, "probe": check.finding.probe, "message": check.text, "citations": finding["citations"]
    }  # fmt: skip


def _reason(reason: Reason) -> dict[str, object]:
    item = int(reason.where) if re.fullmatch(r"[0-9]+", reason.where) else None
    check = None if item is not None else reason.where
    return reason.model_dump() | {"item": item, "check": check, "sentence": reason.text}


def _less(value: dict[str, object], *keys: str) -> dict[str, object]:
    return {k: v for k, v in value.items() if k not in keys}


def _plain_item(item: dict[str, object]) -> dict[str, object]:
    findings, draft = item["findings"], item["draft"]
    assert isinstance(findings, tuple | list)
    assert isinstance(draft, tuple | list)
    return _less(item, "remediation") | {
        "findings": [_less(finding, "message", "citations") for finding in findings],
        "draft": [_less(one, "slots") for one in draft],
    }


def main(arguments: list[str]) -> None:
    """Write the schema to the file named, or print it."""
    text = json.dumps(review_schema(), indent=2, ensure_ascii=False) + "\n"
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
