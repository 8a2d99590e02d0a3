"""The evaluation as a test: a few injections of it, in both worlds, and that it would notice."""

from __future__ import annotations

import pytest

from agent.domain import Statement
from tests.drafting import builders
from tests.evals.behaviours import BEHAVIOURS, GOOD, Behaviour
from tests.evals.evaluate import Row, evaluate, failures, table, ungrounded


def test_no_behaviour_brings_a_value_or_a_verdict_onto_the_page(capsys: pytest.CaptureFixture[str]):
    """Every behaviour over hostile facts in both worlds; `make eval` takes every injection."""
    rows = evaluate(["instruction"])
    with capsys.disabled():
        print("\n" + table(rows))

    assert failures(rows) == []
    assert {row.behaviour for row in rows} == {one.name for one in BEHAVIOURS}


def test_the_evaluation_fails_on_an_ungrounded_value_a_changed_verdict_and_a_good_model_refused():
    """A table that could not fail would show nothing."""
    rows = [Row(GOOD.name, asked=100, accepted=94), Row("slow stream", ungrounded=1), Row("refusal", changed=1)]

    assert len(failures(rows)) == 3
    assert len(failures([Row(GOOD.name, asked=100, accepted=95), Row("made-up name", accepted=1)])) == 1


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("Nobody less than Jane saw {F3 as flip}.", ["Jane", "Jane"]),
        ("It took 9 runs.", ["9"]),
        ("It is well under {F1 as flag}.", ["under", "F1 as flag"]),
    ],
)
def test_what_a_checker_with_a_hole_would_let_through_is_seen(template: str, found: list[str]):
    """The search shares no word list and no rule with the checker."""
    review = builders.as_written()
    forged = Statement(finding=4, template=template, text="…", by="model")
    item = review.items[8].model_copy(update={"draft": (forged,)})
    after = review.model_copy(update={"items": (*review.items[:8], item)})

    assert [one for one in ungrounded(Behaviour("x", lambda: ()), review, after) if one in found]
