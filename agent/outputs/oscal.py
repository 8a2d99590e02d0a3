"""A signed review as OSCAL assessment results (JSON), for tools that hold the results of many assessments.

https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/assessment-results/json-reference/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from pydantic import JsonValue

from agent.domain import Decision, Finding, ItemResult, ReviewDocument, SignOff, Verdict
from agent.drafting.parts import sentence
from agent.outputs.escape import md
from agent.outputs.established import established
from agent.outputs.markdown import settled

VERSION = "1.2.1"
NAMES = "https://clearance.example/ns/oscal"
METHODS = {"test": "TEST", "examine": "EXAMINE", "interview": "INTERVIEW"}
Json = dict[str, JsonValue]


def render(document: ReviewDocument, signed: Sequence[SignOff], decision: Decision, bundle: str) -> Json:
    """`bundle`: the name of its folder, to which the links to evidence are relative. Same review, same ids and text."""
    return {"assessment-results": _Results(settled(document, signed, decision), signed, decision, bundle).whole()}


class _Results:
    """One review's results. An item counts as satisfied only where it is met; all else says its verdict in words."""

    def __init__(
        self, document: ReviewDocument, signed: Sequence[SignOff], decision: Decision, bundle: str
    ) -> None:  # fmt: skip
        self.document, self.signed, self.decision, self.bundle = document, signed, decision, bundle
        self.last = max(one.at for one in signed).isoformat()

    def id(self, *parts: object) -> str:
        return str(uuid5(NAMESPACE_URL, "/".join([NAMES, self.document.review, *map(str, parts)])))

    def whole(self) -> Json:
        return {
            "uuid": self.id("results"),
            "metadata": self.metadata(),
            "import-ap": {"href": f"#{self.id('gate')}", "remarks": "The gate, as it was frozen for this review."},
            "results": [self.result()],
            "back-matter": {"resources": [self.gate(), *self.evidence()]},
        }

    def metadata(self) -> Json:
        one = self.document
        roles: list[JsonValue] = [{"id": row.role, "title": md(row.title)} for row in one.signers]
        known = {row.role for row in one.signers}
        roles += [{"id": s.role, "title": s.role.replace("_", " ")} for s in self.signed if s.role not in known]
        people = {s.person: s.name for s in self.signed}
        return {
            "title": f"{md(one.gate_title)}: {md(one.name or one.subject)} {md(one.version)}",
            "last-modified": self.last, "version": one.digest, "oscal-version": VERSION, "roles": roles,
            "parties": [
                {"uuid": self.id("person", id), "type": "person", "name": md(name)} for id, name in people.items()
            ],
            "responsible-parties": [self.responsible(s) for s in self.signed],
        }  # fmt: skip

    def responsible(self, one: SignOff) -> Json:
        return {"role-id": one.role, "party-uuids": [self.id("person", one.person)]}

    def result(self) -> Json:
        one = self.document
        objectives: list[JsonValue] = [{"objective-id": self.objective(item)} for item in one.items]
        found: Json = {
            "uuid": self.id("result"), "title": f"Review {one.review}",
            "description": md(" ".join(one.summary)) or f"Review of {md(one.subject)}.",
            "start": one.as_of.isoformat(), "end": self.last, "props": self.props(),
            "local-definitions": {"components": [self.subject()]},
            "reviewed-controls": {
                "control-selections": [
                    {"include-controls": [{"control-id": f"item-{item.number}"} for item in one.items]}
                ],
                "control-objective-selections": [{"include-objectives": objectives}],
            },
            "attestations": [self.attestation(s) for s in self.signed],
            "observations": [*self.observations()],
            "findings": [self.finding(item) for item in one.items if item.verdict is not Verdict.NOT_APPLICABLE],
        }  # fmt: skip
        risks: list[JsonValue] = [*self.risks()]
        return found | ({"risks": risks} if risks else {})

    def props(self) -> list[JsonValue]:
        one = self.document
        said = {
            "review": one.review, "digest": one.digest, "decision": self.decision.value,
            "proposal": one.proposal.value, "sandbox": "yes" if one.sandbox else "no",
        }  # fmt: skip
        return [_prop(name, value) for name, value in said.items()]

    def subject(self) -> Json:
        one = self.document
        return {
            "uuid": self.id("subject"), "type": "software", "title": md(one.name or one.subject),
            "description": f"The AI agent {md(one.subject)}.", "props": [_prop("version", one.version)],
            "status": {"state": "under-development"},
        }  # fmt: skip

    def objective(self, item: ItemResult) -> str:
        return f"{self.document.gate}_item-{item.number}"

    def attestation(self, one: SignOff) -> Json:
        said = [f"Signed as {one.decision.value} at {one.at.isoformat()}, over the digest {one.digest}."]
        said += [md(one.reason)] if one.reason else []
        said += [f"On item {item}: {md(note)}" for item, note in sorted(one.notes.items())]
        part: Json = {"uuid": self.id("signed", one.role), "name": "authority", "prose": "\n\n".join(said)}
        return {"responsible-parties": [self.responsible(one)], "parts": [part]}

    def observations(self) -> Iterator[Json]:
        """One for each finding of an item and each check, and one for each thing that could not be seen."""
        for item in self.document.items:
            for index, finding in enumerate(item.findings):
                methods = [METHODS[method] for method in established(item, self.document)]
                yield self.observation(self.id("finding", item.number, index), finding, methods or ["UNKNOWN"])
        for check in self.document.checks:
            yield self.observation(self.id("check", check.id), check.finding, ["TEST"], md(check.title))
        for gap in self.document.gaps:
            yield {
                "uuid": self.id("gap", gap.digest), "title": f"Could not be seen: {md(gap.request_type)}",
                "description": md(gap.what), "methods": ["UNKNOWN"], "collected": self.document.as_of.isoformat(),
                "props": [_prop("gap", gap.reason)], "remarks": md(gap.next_step) or "None.",
            }  # fmt: skip

    def observation(self, id: str, finding: Finding, methods: Sequence[str], title: str = "") -> Json:
        told: Json = {
            "uuid": id, "title": title or md(finding.probe), "description": md(sentence(finding, self.document.zone)),
            "methods": [*methods], "types": ["control-objective"], "collected": self.document.as_of.isoformat(),
            "props": [_prop("outcome", finding.outcome.value)],
            "subjects": [{"subject-uuid": self.id("subject"), "type": "component"}],
        }  # fmt: skip
        used = dict.fromkeys(u.fact.evidence for u in finding.facts if u.fact.evidence in self.document.evidence)
        seen: list[JsonValue] = [
            {"href": f"#{self.id('evidence', digest)}", "description": md(self.document.evidence[digest])}
            for digest in used
        ]
        expires: Json = {"expires": finding.valid_until.isoformat()} if finding.valid_until else {}
        return told | ({"relevant-evidence": seen} if seen else {}) | expires

    def finding(self, item: ItemResult) -> Json:
        met = item.verdict is Verdict.MET and not item.waived
        word = f"{item.verdict.value.replace('_', ' ')}{', waived' if item.waived else ''}"
        reason = "pass" if met else "fail" if item.verdict is Verdict.NOT_MET else "other"
        related: list[JsonValue] = [
            {"observation-uuid": self.id("finding", item.number, index)} for index in range(len(item.findings))
        ]
        told: Json = {
            "uuid": self.id("item", item.number), "title": f"{item.number}. {md(item.title)}",
            "description": f"{md(item.title)}: {word}.",
            "target": {
                "type": "objective-id", "target-id": self.objective(item),
                "status": {"state": "satisfied" if met else "not-satisfied", "reason": reason, "remarks": word},
            },
        }  # fmt: skip
        risks: list[JsonValue] = [{"risk-uuid": id} for number, id in self.risk_ids() if number == item.number]
        told |= {"related-observations": related} if related else {}
        return told | ({"related-risks": risks} if risks else {})

    def risk_ids(self) -> Iterator[tuple[int, str]]:
        yield from ((row.item, self.id("risk", row.digest)) for row in self.document.waivers)
        yield from ((row.item, self.id("risk", row.digest)) for row in self.document.open_items)

    def risks(self) -> Iterator[Json]:
        """What somebody took on: a waiver is a deviation that was approved, an open item is being put right."""
        for waiver in self.document.waivers:
            yield {
                "uuid": self.id("risk", waiver.digest), "title": f"Waiver of item {waiver.item}",
                "description": md(waiver.reason), "statement": f"Instead: {md(waiver.compensating)}",
                "status": "deviation-approved", "deadline": waiver.expires.isoformat(),
            }  # fmt: skip
        for row in self.document.open_items:
            yield {
                "uuid": self.id("risk", row.digest), "title": f"Open item {row.item}", "description": md(row.missing),
                "statement": f"{md(row.owner)} took it on.", "status": "remediating", "deadline": row.due.isoformat(),
            }  # fmt: skip

    def gate(self) -> Json:
        one = self.document
        return {
            "uuid": self.id("gate"), "title": f"Gate {md(one.gate)} {md(one.gate_version)}",
            "props": [_prop("gate-digest", one.gate_digest)],
        }  # fmt: skip

    def evidence(self) -> Iterator[Json]:
        for digest, kind in sorted(self.document.evidence.items()):
            link: Json = {
                "href": f"{self.bundle}/evidence/{digest}.json", "media-type": "application/json",
                "hashes": [{"algorithm": "SHA-256", "value": digest}],
            }  # fmt: skip
            yield {"uuid": self.id("evidence", digest), "title": md(kind), "rlinks": [link]}


def _prop(name: str, value: str) -> Json:
    return {"name": name, "ns": NAMES, "value": " ".join(value.split()) or "none"}
