"""A box that only a person can answer: by whom, how, and how sure."""

from __future__ import annotations

import pytest

from agent.probes.all import PROBES
from collectors.statements import AnswersFacts, Box
from tests.builders import at, number, resource, state, statement, told

SAYS = PROBES["a_person_says_so"]


def answers(says: str = "yes", note: str = "", sure: int | None = None, **of: object) -> AnswersFacts:
    box = Box(
        item="encrypted", statement=statement("lena.fischer", **of), says=state(says),  # type: ignore[arg-type]
        note=resource(note) if note else None, confidence=None if sure is None else number(sure, "percent"),
    )  # fmt: skip
    return AnswersFacts(boxes=(box,))


def asked(facts: AnswersFacts, **params: object) -> str:
    return told(SAYS({"answers": facts}, {"item": "encrypted", **params}))


def test_a_proven_yes_passes_as_long_as_its_author_says():
    assert asked(answers()) == "pass: Lena Fischer says yes."
    assert SAYS({"answers": answers(until="2026-07-01T00:00")}, {"item": "encrypted"}).valid_until == at(
        "2026-07-01T00:00"
    )


def test_a_no_fails_with_its_reason():
    assert asked(answers("no", "One store is left")) == "fail: Lena Fischer says no: One store is left."


@pytest.mark.parametrize(
    ("facts", "params", "said"),
    [
        (answers("not_applicable", "It stores nothing"), {}, "says that this does not apply: It stores nothing"),
        (answers(), {"by": "ines.costa"}, "answered, and the card asks somebody else to"),
        (answers(proven=False), {}, "only as reported by Lena Fischer"),
        (answers(), {"item": "other"}, "Nobody has answered the box other"),
        (answers(), {"confidence": True}, "does not say how sure they are"),
    ],
    ids=["not applicable", "somebody else", "no key", "another box", "not sure"],
)
def test_anything_else_is_unknown(facts: AnswersFacts, params: dict[str, object], said: str):
    """An own "does not apply" waits for somebody who approves it."""
    found = asked(facts, **params)

    assert found.startswith("unknown: ")
    assert said in found


@pytest.mark.parametrize("by", ["lena.fischer", ("ines.costa", "lena.fischer")])
def test_whom_the_card_asks_may_answer(by: object):
    assert asked(answers(), by=by).startswith("pass: ")


def test_how_sure_somebody_is_is_shown():
    assert asked(answers(sure=95), confidence=True) == "pass: Lena Fischer says yes, with a confidence of 95 %."
