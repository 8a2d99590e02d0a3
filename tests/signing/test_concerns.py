"""Whoever lets a subject through answers every concern, or comes after somebody who did."""

from __future__ import annotations

import pytest

from agent.concerns import Concern, ConcernKind, ReadQuote
from agent.domain import Assurance, SignOff, SignOffDecision
from agent.signing.concerns import lets_through_unanswered, mistake, unanswered
from tests.builders import at


def concern(id: str, text: str = "Runs end within a minute.") -> Concern:
    quote = ReadQuote(source="S1", passage=1, line=1, text=text)
    return Concern(
        id=id, item=7, kind=ConcernKind.NO_ANSWER, question="Does this answer what was asked?", quotes=(quote,)
    )


def signed(decision: str, **answers: str) -> SignOff:
    return SignOff(
        review="rv-1", role="lead", person="a", name="A", digest="d", decision=SignOffDecision(decision),
        concerns=answers, channel="cli", assurance=Assurance.KEY, at=at("2026-06-12T16:00"),
    )  # fmt: skip


BOTH = (concern("C1"), concern("C2"))
FIRST, SECOND = "I timed it myself", "Mike said so today"


@pytest.mark.parametrize("decision", ["cleared", "conditional"])
def test_letting_through_needs_every_answer(decision: str):
    assert lets_through_unanswered(BOTH, signed(decision), []) == ["C1", "C2"]
    assert lets_through_unanswered(BOTH, signed(decision, C1=FIRST), []) == ["C2"]
    assert lets_through_unanswered(BOTH, signed(decision, C1=FIRST, C2=SECOND), []) == []


@pytest.mark.parametrize("decision", ["blocked", "more-evidence"])
def test_holding_back_needs_none(decision: str):
    assert lets_through_unanswered(BOTH, signed(decision), []) == []


def test_an_earlier_answer_counts_whoever_gave_it():
    """Also that of somebody who was stricter, and each may answer a part."""
    earlier = [signed("blocked", C1=FIRST)]
    assert lets_through_unanswered(BOTH, signed("cleared", C2=SECOND), earlier) == []
    assert unanswered(BOTH, earlier) == ["C2"]


def test_answers_with_a_mistake_among_them_do_not_count():
    assert unanswered(BOTH, [signed("cleared", C1=FIRST, C2="yes")]) == ["C1", "C2"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"C1": FIRST, "C2": SECOND}, ""),
        ({"C9": FIRST}, "no such concern; this review has C1, C2"),
        ({"C1": "— — — fine"}, "three at least"),
        ({"C1": "word " * 500}, "longer than 2,000"),
        ({"C1": "runs END within a  minute."}, "repeats what the concern says"),
        ({"C1": "Runs end within a minute!?"}, "repeats what the concern says"),
        ({"C1": "Runs e\u200bnd within a minute."}, "repeats what the concern says"),
        ({"C1": "\uff32uns end within a minute"}, "repeats what the concern says"),
        ({"C1": "end within a minute"}, "repeats what the concern says"),
        ({"C1": "Yes: Runs end within a minute."}, "repeats what the concern says"),
        ({"C1": "Runs end within a minute. Does this answer what was asked? OK"}, "repeats what the concern says"),
        ({"C1": "fine fine fine"}, "three at least"),
        ({"C1": "1 2 3 4"}, "three at least"),
        ({"C1": "Runs end within a minute, as I timed with a watch"}, ""),
        ({"C1": FIRST, "C2": FIRST.upper()}, "the same text"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(answers: dict[str, str], told: str):
    assert told in mistake(BOTH, answers)
    assert bool(mistake(BOTH, answers)) == bool(told)


def test_a_review_without_concerns_takes_no_answers():
    assert "this review has none" in mistake((), {"C1": FIRST})
