"""Use case: does what a review rests on still stand: its gate, its card, and what other gates decided."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agent import in_place
from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import ClearanceError
from agent.gates import Gate
from agent.workflow import frozen
from collectors.decisions import DecisionAsk, DecisionFacts
from collectors.evidence import Evidence

CLEARED = "cleared"


def lost(deps: Deps, document: ReviewDocument, gate: Gate, *, as_seen: bool) -> str:
    """The first thing that is not as people saw it, as a sentence without its end; "" where all stands.

    `as_seen`: another gate's decision has to be the very one that was shown, not only one that clears as well.
    """
    return next(_lost(deps, document, gate, as_seen), "")


def _lost(deps: Deps, document: ReviewDocument, gate: Gate, as_seen: bool) -> Iterator[str]:
    yield from _of_gate(deps, document, gate)
    yield from _of_card(deps, document)
    yield from _of_decisions(deps, document, as_seen)


def _of_gate(deps: Deps, document: ReviewDocument, gate: Gate) -> Iterator[str]:
    try:
        now = deps.configuration.gate(gate.id)
    except ClearanceError as error:
        yield f"the gate {gate.id} cannot be read any more ({str(error).splitlines()[0]})"
        return
    for sentence in in_place.moved(gate, now):
        yield f"{sentence} when {document.review} used it"


def _of_card(deps: Deps, document: ReviewDocument) -> Iterator[str]:
    """A card that has another version by now speaks of that one; this version's decision is not touched by it."""
    try:
        now = deps.configuration.card(document.subject)
    except ClearanceError as error:
        yield f"the card of {document.subject} cannot be read any more ({str(error).splitlines()[0]})"
        return
    keys = in_place.card_keys(document.card, now.raw) if now.card.version == document.version else []
    if keys:
        told = f"the card of {document.subject} is still version {document.version} and is not as {document.review}"
        yield f"{told} used it ({', '.join(keys)})"


def _of_decisions(deps: Deps, document: ReviewDocument, as_seen: bool) -> Iterator[str]:
    for ask, shown in _decisions(deps, document):
        if shown.decision.value != CLEARED or deps.connections.clearance is None:
            continue
        now = deps.connections.clearance.decided(ask.subject, ask.version, ask.gate)
        if now is None or now.decision != CLEARED or now.holds_until is None or now.holds_until <= deps.clock():
            word = "gone" if now is None else now.decision if now.decision != CLEARED else "no longer valid"
            yield f"the decision of {shown.review.value} at the gate {ask.gate}, on which it rests, is {word}"
        elif as_seen and (now.review, now.digest) != (shown.review.value, shown.digest.value):
            yield f"at the gate {ask.gate} {now.review} has decided since, and {document.review} shows another review"


def _decisions(deps: Deps, document: ReviewDocument) -> Iterator[tuple[DecisionAsk, DecisionFacts]]:
    """What other gates decided, as this review saw it."""
    if DecisionAsk.type not in document.evidence.values():
        return
    collected = frozen.Collected.model_validate(json.loads(deps.locker.get(document.collected)))
    rows = {row.key: row for row in collected.rows if row.type == DecisionAsk.type and row.state == "asked"}
    for key, row in rows.items():
        answer = deps.locker.answer(collected.answers[key])
        if isinstance(answer, Evidence) and isinstance(answer.facts, DecisionFacts):
            yield DecisionAsk.model_validate(row.params), answer.facts
