"""Use case: does what a review rests on still stand: gate, card, what people stated, what other gates decided."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agent import in_place
from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import ClearanceError
from agent.gates import Gate
from agent.workflow import frozen
from collectors.attestation_files import hear
from collectors.decisions import DecisionAsk, DecisionFacts
from collectors.errors import SourceError
from collectors.evidence import Evidence, resolve

CLEARED, STATEMENTS = "cleared", "attestation."


def lost(deps: Deps, document: ReviewDocument, gate: Gate, *, as_seen: bool) -> str:
    """The first thing that is not as people saw it, as a sentence without its end; "" where all stands.

    `as_seen`: another gate's decision has to be the very one that was shown, not only one that clears as well.
    """
    return next(_lost(deps, document, gate, as_seen), "")


def _lost(deps: Deps, document: ReviewDocument, gate: Gate, as_seen: bool) -> Iterator[str]:
    yield from _of_gate(deps, document, gate)
    yield from _of_card(deps, document)
    yield from _of_statements(deps, document)
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


def _of_statements(deps: Deps, document: ReviewDocument) -> Iterator[str]:
    """What a key proved that was revoked since proves nothing, nor does what was taken away."""
    shown, access = _proven(deps, document), deps.connections.attestations
    if not shown:
        return
    if access is None:
        yield f"the statements on which {document.review} rests cannot be looked up: no overlay is configured"
        return
    try:
        heard = hear(access, document.subject, document.version, deps.clock())
    except SourceError as failure:
        yield f"the statements on which {document.review} rests cannot be read: {failure.what}"
        return
    still = {one.digest for one in heard.said if one.proven}
    for digest in sorted(shown.keys() - still):
        name = deps.configuration.people().name_of(shown[digest])
        why = "its key was revoked, or it was taken away"
        yield f"a statement of {name}, on which it rests, proves nothing any more ({why})"


def _proven(deps: Deps, document: ReviewDocument) -> dict[str, str]:
    """The proven statements that this review saw: by digest, who made each."""
    kept = {digest for digest, type_ in document.evidence.items() if type_.startswith(STATEMENTS)}
    bodies = (one.body for one in deps.locker.all_answers(kept).values() if isinstance(one, Evidence))
    rows = (row for body in bodies for row in body.values() if isinstance(row, dict) and row.get("proven") is True)
    return {str(row["digest"]): str(resolve(row, "/document/author")) for row in rows}


def _of_decisions(deps: Deps, document: ReviewDocument, as_seen: bool) -> Iterator[str]:
    for ask, shown in _decisions(deps, document):
        if shown.decision.value != CLEARED:
            continue
        if deps.connections.clearance is None:
            yield f"the decision of {shown.review.value} at the gate {ask.gate}, on which it rests, cannot be looked up"
            continue
        now = deps.connections.clearance.decided(ask.subject, ask.version, ask.gate)
        if now is None or now.decision != CLEARED or now.holds_until is None or now.holds_until <= deps.clock():
            word = "gone" if now is None else now.decision if now.decision != CLEARED else "no longer valid"
            yield f"the decision of {shown.review.value} at the gate {ask.gate}, on which it rests, is {word}"
        elif now.sandbox and not document.sandbox:
            yield f"at the gate {ask.gate} {now.review} has decided since, over stand-ins (SANDBOX)"
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
