"""What people signed at another gate, as our own registry holds it: the question, its typed answer, and its collector.

Out of scope: reviews that nobody signed. A sum that nobody stands for is no decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import JsonValue

from collectors.connections import Connections, Decided, not_configured
from collectors.errors import Gone, SourceError
from collectors.evidence import Answer, Completeness, Evidence, Facts, Request, Resource, Source, State, Time, pointer


class DecisionAsk(Request):
    """What was decided last at `gate` for exactly this version of the subject?"""

    type: ClassVar[str] = "clearance.decision"
    subject: str
    version: str
    gate: str


class DecisionFacts(Facts):
    """`decision`: cleared, conditional, blocked, revoked or unsigned; `digest`: of the document that people signed.

    `holds_until` None where it lets nothing through.
    """

    gate: Resource
    review: Resource
    digest: Resource
    decision: State
    holds_until: Time | None


def decision(conn: Connections, asks: Sequence[DecisionAsk]) -> list[Answer]:
    """The last decision that people signed at another gate for this version."""
    if conn.clearance is None:
        return not_configured("clearance", asks, conn.clock(), "CLEARANCE_HOME")
    return [_answer(conn, ask) for ask in asks]


def _answer(conn: Connections, ask: DecisionAsk) -> Answer:
    assert conn.clearance
    asked, now = Source(vendor="clearance", base_url=conn.clearance.home), conn.clock()
    try:
        found = conn.clearance.decided(ask.subject, ask.version, ask.gate)
        if found is None:
            raise Gone(
                f"nothing is signed at the gate {ask.gate} for {ask.subject} {ask.version}",
                advice=f"Assess it there and have it signed: `clearance assess {ask.subject} --gate {ask.gate}`.",
            )
    except SourceError as failure:
        return failure.gap(ask, asked, now)
    asked = asked.model_copy(update={"sandbox": found.sandbox})
    body: dict[str, JsonValue] = {
        "gate": ask.gate, "review": found.review, "digest": found.digest, "decision": found.decision,
        "holds_until": found.holds_until.isoformat() if found.holds_until else None,
    }  # fmt: skip
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked, collected_at=now, facts=_facts(ask, found),
        completeness=Completeness(items=1), body=body,
    )  # fmt: skip


def _facts(ask: DecisionAsk, found: Decided) -> DecisionFacts:
    until = Time(value=found.holds_until, pointer=pointer("holds_until")) if found.holds_until else None
    return DecisionFacts(
        gate=Resource(value=ask.gate, pointer=pointer("gate")),
        review=Resource(value=found.review, pointer=pointer("review")),
        digest=Resource(value=found.digest, pointer=pointer("digest")),
        decision=State(value=found.decision, pointer=pointer("decision")), holds_until=until,
    )  # fmt: skip
