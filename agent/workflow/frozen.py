"""What a review froze, read back from the locker by digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from agent.cards import Card
from agent.deps import Deps
from agent.domain import ReviewDocument, SignerNeeded, SignOff
from agent.errors import StoreError
from agent.gates import Gate
from agent.people import People
from agent.signing.house import own_keys
from agent.store.reviews import ReviewRow
from agent.workflow import planning
from agent.workflow.binding import Scope
from agent.workflow.document import digest_of
from agent.workflow.planning import Bound, Plan
from agent.workflow.state import ReviewState
from collectors.evidence import Answer, Model, Request, canonical


class Collected(Model):
    """What was asked and what came back: the rows as finally bound, and the answer's digest by question key."""

    rows: tuple[Bound, ...]
    answers: dict[str, str]


def keep(deps: Deps, value: Model, kind: str) -> str:
    """Its digest. The run that made it goes on with it as it is: what was written is what it would read back."""
    return keep_all(deps, [(value, written(value), kind)])[0]


def keep_all(deps: Deps, values: Sequence[tuple[Model, bytes, str]]) -> list[str]:
    """The same for several, each as it is `written`, in one transaction."""
    digests = deps.locker.put_all([(body, kind) for _, body, kind in values], deps.clock())
    for (value, _, _), digest in zip(values, digests, strict=True):
        deps.recall.hold((type(value), digest), value)
    return digests


def written(value: Model) -> bytes:
    """The bytes that are kept of it."""
    return canonical(value.model_dump(mode="json", by_alias=True))


def keep_json(deps: Deps, value: JsonValue, kind: str) -> str:
    return deps.locker.put(canonical(value), kind, deps.clock())


M = TypeVar("M", bound=Model)


def gate(deps: Deps, state: ReviewState) -> Gate:
    return of(deps, state["gate"], Gate)


def row(deps: Deps, state: ReviewState) -> ReviewRow:
    """How this review began: of the row, only what never changes while it runs may be read here."""
    return deps.recall.once(("row", state["review"]), lambda: deps.reviews.get(state["review"]))


def raw_card(deps: Deps, state: ReviewState) -> dict[str, JsonValue]:
    digest = state["card"]
    card: dict[str, JsonValue] = deps.recall.once(("card", digest), lambda: json.loads(deps.locker.get(digest)))
    return card


def card(deps: Deps, state: ReviewState) -> Card:
    return deps.recall.once((Card, state["card"]), lambda: Card.model_validate(raw_card(deps, state)))


def people(deps: Deps, state: ReviewState) -> People:
    return of(deps, state["people"], People)


def plan(deps: Deps, digest: str) -> Plan:
    return of(deps, digest, Plan)


def asks(deps: Deps, digest: str) -> dict[str, Request]:
    """The distinct questions of a plan by key."""
    return deps.recall.once(("asks", digest), lambda: plan(deps, digest).asks())


def of(deps: Deps, digest: str, model: type[M]) -> M:
    """What the locker holds under that digest, as `model`."""
    return deps.recall.once((model, digest), lambda: _parsed(model, deps.locker.get(digest)))


def answer(deps: Deps, digest: str) -> Answer:
    return deps.recall.once(("answer", digest), lambda: deps.locker.answer(digest))


def answers(deps: Deps, digests: set[str]) -> dict[str, Answer]:
    """The answers of a review: those that this run did not read yet are read together."""
    missing = [digest for digest in digests if not deps.recall.has(("answer", digest))]
    fresh = deps.locker.all_answers(missing) if missing else {}
    for digest, one in fresh.items():
        deps.recall.hold(("answer", digest), one)
    return {digest: fresh[digest] if digest in fresh else answer(deps, digest) for digest in digests}


def _parsed(model: type[M], body: bytes) -> M:
    return _shared(model, body) if model in SHARED else model.model_validate_json(body)


SHARED = (Gate, People)  # which the reviews of a sweep have in common; the bytes are read and checked each time


@lru_cache(maxsize=16)
def _shared(model: type[M], body: bytes) -> M:
    return model.model_validate_json(body)


def scope(deps: Deps, state: ReviewState) -> Scope:
    """Everything that the gate's `$names` can mean in this review."""
    key = ("scope", state["gate"], state["card"], state["people"], state["as_of"])
    return deps.recall.once(key, lambda: _scope(deps, state))


def _scope(deps: Deps, state: ReviewState) -> Scope:
    as_of = datetime.fromisoformat(state["as_of"])
    return scope_over(gate(deps, state), raw_card(deps, state), people(deps, state).model_dump(mode="json"), as_of)


def scope_over(gate: Gate, raw: dict[str, JsonValue], people: JsonValue, as_of: datetime) -> Scope:
    """The same for a card as its YAML has it. Pure."""
    typed = Card.model_validate(raw)
    base = Scope(
        card=raw, defaults=typed.model_dump(mode="json", by_alias=True), as_of=as_of, zone=typed.pilot.zone,
        people=people,
    )  # fmt: skip
    return planning.windowed(gate, base)


class Standing(Model):
    """A document that was assessed to its end, its gate, the sign-offs that count, and the roles that are missing.

    `spent`: sign-offs over it that count no more; their roles can give no other one.
    """

    document: ReviewDocument
    gate: Gate
    people: People
    signed: tuple[SignOff, ...]
    missing: tuple[SignerNeeded, ...]
    spent: tuple[SignOff, ...]


def standing(deps: Deps, row: ReviewRow) -> Standing:
    """What a review shows and who signed it, every digest and signature checked again."""
    from agent.workflow import signatures

    shown = document(deps, row)
    rules = _read(deps, shown.gate_digest, Gate)
    known = _read(deps, shown.people_digest, People)
    signed = deps.reviews.signoffs(row.id, shown.digest)
    good = signatures.counted(shown, rules, signed, known, deps.configuration.people(), _house(deps, signed))
    short = signatures.missing(shown, rules, good, known)
    spent = tuple(one for one in signed if one not in good)
    return Standing(document=shown, gate=rules, people=known, signed=tuple(good), missing=tuple(short), spent=spent)


def _house(deps: Deps, signed: Sequence[SignOff]) -> list[str]:
    """The product's own keys, where a sign-off rests on one: it then says who was logged in."""
    home = deps.settings.home
    return own_keys(home) if any(one.login for one in signed) else []


def document(deps: Deps, row: ReviewRow) -> ReviewDocument:
    """The document of a review; StoreError when it is not the one whose digest was signed."""
    found = _read(deps, row.document, ReviewDocument)
    same = (found.review, found.subject, found.version, found.gate) == (row.id, row.subject, row.version, row.gate)
    if not same or not found.digest == row.digest == digest_of(found):
        raise StoreError(f"what the store holds of {row.id} is not what was shown; restore it from its backup")
    return found


def _read(deps: Deps, digest: str, model: type[M]) -> M:
    try:
        return model.model_validate_json(deps.locker.get(digest))
    except ValidationError as error:
        told = f"{model.__name__} {digest[:12]} was written by another version of Clearance; assess again"
        raise StoreError(told) from error


def known(deps: Deps, answers: Mapping[str, str]) -> str:
    """Keep answers by question key that are there before a review asks anything; "" for none."""
    rows: list[JsonValue] = [[key, digest] for key, digest in sorted(answers.items())]
    return keep_json(deps, rows, "known") if rows else ""


def answered(deps: Deps, state: ReviewState) -> dict[str, str]:
    """Digests of evidence and gaps by question key, so far; the later answer to a question wins."""
    begun = state.get("known", "")
    rows = deps.recall.once(("known", begun), lambda: json.loads(deps.locker.get(begun))) if begun else []
    return dict(rows) | {one["key"]: one["digest"] for one in state.get("answers", [])}


def collected(deps: Deps, state: ReviewState) -> Collected:
    """The rows with follow-ups bound, and every answer so far; the later answer to a question wins."""
    first = plan(deps, state["plan"]).bound
    followed = plan(deps, state["followed"]).bound if state.get("followed") else ()
    done = {(row.item, row.name, row.index): row for row in followed}
    rows = tuple(done.get((row.item, row.name, row.index), row) for row in first)
    return Collected(rows=rows, answers=answered(deps, state))
