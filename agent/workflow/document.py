"""Puts together what people are shown and sign, and gives it its digest. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue, ValidationError

from agent.cards import Card
from agent.domain import Decision, EarlierReview, GapRow, ReviewDocument, SignerNeeded
from agent.gates import Gate, SignerSpec
from agent.outputs.json import from_json
from agent.people import People
from agent.workflow.binding import midnight
from agent.workflow.planning import Bound
from collectors.evidence import Answer, Evidence, Gap, canonical, sha256

if TYPE_CHECKING:
    from agent.store.reviews import ReviewRow

UNSIGNED = {"digest", "usage"}
LATER: Mapping[str, JsonValue] = {
    "score": None, "categories": [], "controls": {}, "not_applying": [],
    "layout": [], "files": [], "planned": [], "debts": [],
}  # fmt: skip
LATER_OF_ITEM: Mapping[str, JsonValue] = {
    "category": "", "weight": 1, "critical": False, "parent": None, "seed": "", "controls": [], "why_a_person": "",
    "not_applicable": "", "severity": None,
}  # fmt: skip
SINCE = ("exchanges", "reused_from")  # of the reading; left out where empty, so that earlier reviews keep their digest


def digest_of(document: ReviewDocument) -> str:
    """The digest that is signed: over everything shown, less itself and what the run cost."""
    return digest_of_dumped(document.model_dump(mode="json"))


def digest_of_dumped(dumped: Mapping[str, Any]) -> str:
    """The same of a document that is dumped already."""
    reading = dumped["reading"]
    more = {
        "items": [_said(item, LATER_OF_ITEM) for item in dumped["items"]],
        "earlier": [_said(one, {"share": ""}) for one in dumped["earlier"]],
        "reading": {name: value for name, value in (reading or {}).items() if value or name not in SINCE},
    }
    absent = UNSIGNED if reading else {*UNSIGNED, "reading"}
    return sha256(canonical(_said({key: more.get(key, dumped[key]) for key in dumped if key not in absent}, LATER)))


def _said(dumped: dict[str, JsonValue], later: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Less the later fields that say nothing, so that reviews of before there were these keep their digest."""
    return {key: value for key, value in dumped.items() if not (key in later and later[key] == value)}


def gap_rows(rows: Sequence[Bound], answers: Mapping[str, Answer], digests: Mapping[str, str]) -> tuple[GapRow, ...]:
    """What could not be seen, each once, with the items it matters for."""
    items: dict[str, set[int]] = {}
    for row in rows:
        if isinstance(answers[row.key], Gap) and row.item:
            items.setdefault(row.key, set()).add(row.item)
    return tuple(_gap_row(answers[key], digests[key], tuple(sorted(found))) for key, found in items.items())


def _gap_row(gap: Answer, digest: str, items: tuple[int, ...]) -> GapRow:
    assert isinstance(gap, Gap)
    return GapRow(
        digest=digest, items=items, request_type=gap.request_type, reason=gap.reason.value, what=gap.what,
        next_step=gap.next_step,
    )  # fmt: skip


def evidence_types(answers: Mapping[str, Answer], digests: Mapping[str, str]) -> dict[str, str]:
    return {digests[key]: answer.request_type for key, answer in answers.items()}


def is_sandbox(answers: Mapping[str, Answer]) -> bool:
    """Does any evidence come from elsewhere than the vendor's own host?"""
    return any(answer.source.sandbox for answer in answers.values() if isinstance(answer, Evidence | Gap))


def signers(gate: Gate, card: Card, people: People, proposal: Decision) -> tuple[SignerNeeded, ...]:
    """Who has to sign for this proposal. A conditional decision adds the sponsor later if people are stricter."""
    lead_builds = card.people.lead in card.people.builders
    needed = []
    for spec in gate.signers:
        holders = holders_of(spec, card)
        if spec.when == "lead_is_builder" and (not lead_builds or not holders):
            continue
        if spec.when == "conditional" and proposal is not Decision.CONDITIONAL:
            continue
        needed.append(_needed(spec, holders, people))
    return tuple(needed)


def holders_of(spec: SignerSpec, card: Card) -> tuple[str, ...]:
    """Ids that the card names for a role."""
    path = spec.one_of.split(".")[2:]
    named = card.people.roles.get(path[1], ()) if path[0] == "roles" else getattr(card.people, path[0])
    return tuple(named) if isinstance(named, tuple) else ((named,) if named else ())


def _needed(spec: SignerSpec, holders: tuple[str, ...], people: People) -> SignerNeeded:
    because = {
        "always": "every decision",
        "lead_is_builder": "the lead is a builder too",
        "conditional": "a conditional launch",
    }[spec.when]
    names = tuple(people.name_of(one) for one in holders)
    return SignerNeeded(role=spec.role, title=spec.title, people=holders, names=names, because=because)


def controls(gate: Gate) -> dict[str, str]:
    """Digest of each control that the gate's items point to, by name and version."""
    return {one.name: sha256(canonical(one.model_dump(mode="json", by_alias=True))) for one in gate.controls}


def earlier(
    rows: Sequence[ReviewRow], this: str, names: People, shares: Mapping[str, str] = MappingProxyType({})
) -> tuple[EarlierReview, ...]:  # fmt: skip
    """Every review of the same subject, version and gate that came before `this`, and who closed it."""
    begun = {row.id: row.started_by for row in rows}
    return tuple(
        EarlierReview(
            review=row.id, as_of=row.as_of, proposal=row.decision or row.proposal or "none",
            ended=row.state, by=_closed_by(row.ended_by, begun, names), share=shares.get(row.id, ""),
        )
        for row in rows
        if row.id != this
    )  # fmt: skip


def _closed_by(ended_by: str, begun: Mapping[str, str], names: People) -> str:
    """A person, or the review that superseded it and who began that, where somebody's key was at hand."""
    person = begun.get(ended_by, "")
    return f"{ended_by}, begun by {names.name_of(person)}" if person else names.name_of(ended_by)


def redacted(answers: Mapping[str, Answer]) -> dict[str, tuple[str, ...]]:
    """What was taken out of the bodies, by type of request."""
    found: dict[str, set[str]] = {}
    for answer in answers.values():
        if isinstance(answer, Evidence) and answer.redacted:
            found.setdefault(answer.request_type, set()).update(answer.redacted)
    return {kind: tuple(sorted(fields)) for kind, fields in sorted(found.items())}


def decision_ends(document: ReviewDocument, on_call_days: int = 14) -> datetime:
    """Until when a decision holds: the first event behind it to lapse, at most the on-call cover looked at."""
    launch = midnight(Card.model_validate(document.card).launch.date, document.zone)
    limits = [item.valid_until for item in document.items if item.valid_until]
    return min([*limits, launch + timedelta(days=on_call_days)])


def recompute(review: dict[str, JsonValue]) -> str:
    """The digest that the content of a bundle's review.json has; no digest where it is no review."""
    try:
        return digest_of(from_json(review))
    except (ValidationError, KeyError, TypeError):
        return "not a review"
