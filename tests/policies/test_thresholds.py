"""Each policy's own limits, exactly, on either side, to a tenth and beyond."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from agent.domain import Decision, ItemResult, Verdict
from agent.policies.all import judgement
from agent.policies.specs import Band, Label, PercentagePolicy, Policy, Threshold
from agent.scores import Score, percent
from tests.policies.rows import ALL_OF, LABELS, PERCENTAGE, STAGES, WEIGHTED, boxes, row


def score(rows: list[ItemResult], policy: Policy) -> Score:
    found = judgement(rows, [], policy).score
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("done", "of", "label", "says", "share"),
    [
        (95, 95, "DEPLOY", "", "100"),
        (94, 95, "DEFER", "Address gaps.", "98.9"),
        (999, 1000, "DEFER", "Address gaps.", "99.9"),
        (900, 1000, "DEFER", "Address gaps.", "90"),
        (899, 1000, "DEFER", "Not ready.", "89.9"),
        (2249, 2500, "DEFER", "Not ready.", "89.9"),
        (86, 95, "DEFER", "Address gaps.", "90.5"),
        (85, 95, "DEFER", "Not ready.", "89.4"),
        (0, 95, "DEFER", "Not ready.", "0"),
    ],
)
def test_percentage_bands(done: int, of: int, label: str, says: str, share: str):
    """A box short of everything is no yes, and a ten-thousandth below a limit is below it."""
    found = score(boxes(done, of), PERCENTAGE)

    assert (found.label, found.says, found.whole.share) == (label, says, share)
    assert (found.whole.done, found.whole.of, found.whole.reached) == (done, of, done == of)
    assert found.by_a_person == ("CANCEL",)


def test_what_does_not_apply_leaves_the_sum():
    """Nine of ten, the tenth not applying: all that applies is done."""
    found = score(boxes(9, 10, not_applicable=1), PERCENTAGE)

    assert (found.label, found.whole.done, found.whole.of, found.whole.not_applicable) == ("DEPLOY", 9, 9, 1)


def test_what_could_not_be_seen_stays_in_the_sum():
    found = score(boxes(9, 10, undetermined=1), PERCENTAGE)

    assert (found.label, found.whole.done, found.whole.of) == ("DEFER", 9, 10)


def test_each_category_has_a_line_of_its_own():
    found = score([row(1), row(2, Verdict.NOT_MET), row(3, category="b")], PERCENTAGE)

    assert [(line.id, line.done, line.of, line.share) for line in found.lines] == [
        ("a", 1, 2, "50"),
        ("b", 1, 1, "100"),
    ]


Pair = tuple[int, int]


def weighed(a: Pair, b: Pair, c: Pair) -> list[ItemResult]:
    rows: list[ItemResult] = []
    number = 0
    for category, (done, of) in zip("abc", (a, b, c), strict=True):
        for i in range(of):
            number += 1
            rows.append(row(number, Verdict.MET if i < done else Verdict.NOT_MET, category))
    return rows


@pytest.mark.parametrize(
    ("a", "b", "c", "label", "whole", "share_of_a"),
    [
        ((10, 10), (10, 10), (0, 10), "READY", "80", "100"),
        ((10, 10), (299, 300), (0, 10), "NEEDS WORK", "79.9", "100"),
        ((10, 10), (10, 10), (1, 1000), "READY", "80.0", "100"),
        ((900, 1000), (10, 10), (10, 10), "READY", "95", "90"),
        ((899, 1000), (10, 10), (10, 10), "NEEDS WORK", "94.9", "89.9"),
    ],
)
def test_weighted_limits(a: Pair, b: Pair, c: Pair, label: str, whole: str, share_of_a: str):
    """80 % of the whole and 90 % of the first category; neither makes up for the other."""
    found = score(weighed(a, b, c), WEIGHTED)

    assert (found.label, found.whole.share, found.lines[0].share) == (label, whole, share_of_a)


def test_a_weighted_sum_is_shown_exactly():
    """50 % of 1/3, 30 % of 1 and 20 % of 1/2: 17/30."""
    found = score(weighed((1, 3), (1, 1), (1, 2)), WEIGHTED)

    assert (found.whole.done, found.whole.of, found.whole.share) == (17, 30, "56.6")
    assert [line.weight for line in found.lines] == ["50 %", "30 %", "20 %"]
    assert [line.reached for line in found.lines] == [False, None, None]


def test_items_weigh_in_their_category():
    rows = [row(1, weight=3), row(2, Verdict.NOT_MET, weight=1), row(3, category="b"), row(4, category="c")]

    assert score(rows, WEIGHTED).lines[0].share == "75"


def test_a_category_in_which_nothing_applies_leaves_the_sum_but_not_its_limit():
    """Without anything that applies in the first category, its 90 % are not reached."""
    free = score([row(1), row(2, category="b"), row(3, Verdict.NOT_APPLICABLE, "c")], WEIGHTED)
    held = score([row(1, Verdict.NOT_APPLICABLE), row(2, category="b"), row(3, category="c")], WEIGHTED)

    assert (free.label, free.whole.share) == ("READY", "100")
    assert (held.label, held.whole.share, held.lines[0].reached) == ("NEEDS WORK", "100", False)


def test_a_critical_item_gives_the_outcome_its_own_label():
    rows = [row(1), row(2, Verdict.NOT_MET, "b", critical=True)]

    assert score(rows, ALL_OF).label == score([*rows, row(3, category="c")], WEIGHTED).label == "BLOCKED"
    assert score([row(1, Verdict.NOT_MET)], ALL_OF).label == "NEEDS WORK"
    plain = ALL_OF.model_copy(update={"labels": LABELS.model_copy(update={"stopped": None})})
    assert score(rows, plain).label == "NEEDS WORK"


def test_the_first_stage_that_is_short_names_the_outcome():
    """75 % are enough for the second stage, and nothing makes up for the first."""
    short = [row(1, Verdict.NOT_MET), row(2, category="b")]
    second = [row(1), row(2, category="b"), row(3, Verdict.NOT_MET, "c")]
    enough = [row(1), *(row(n, category="b") for n in (2, 3, 4)), row(5, Verdict.NOT_MET, "c")]

    assert [score(rows, STAGES).label for rows in (short, second, enough)] == ["STOP", "DO NOT DEPLOY", "DEPLOY"]
    assert [line.reached for line in score(second, STAGES).lines] == [True, False]


def test_a_check_that_fails_takes_the_last_stages_word():
    from agent.domain import Outcome
    from tests.builders import check

    found = judgement([row(1), row(2, category="b")], [check(Outcome.FAIL)], STAGES)

    assert found.decision is Decision.BLOCKED
    assert found.score is not None
    assert found.score.label == "DO NOT DEPLOY"


def test_a_share_is_cut_off_and_never_rounded_up():
    from fractions import Fraction

    shares = [Fraction(2, 3), Fraction(999_999, 1_000_000), Fraction(1), Fraction(0), Fraction(1, 1_000_000)]
    assert [percent(one) for one in shares] == ["66.6", "99.9", "100", "0", "0.0"]


def test_limits_are_taken_as_written():
    """Above takes what is more than its limit, at least the limit too; a gate gives one of them."""
    from fractions import Fraction

    limit = Fraction(8, 10)
    assert Threshold(at_least=Decimal(80)).reached(limit)
    assert not Threshold(above=Decimal(80)).reached(limit)
    assert Threshold(above=Decimal(80)).told() == "more than 80 %"
    for wrong in ({}, {"at_least": 80, "above": 80}):
        with pytest.raises(ValidationError, match="either at_least or above"):
            Threshold.model_validate(wrong)


@pytest.mark.parametrize("limits", [(90, 100, 0), (100, 100, 0), (100, 90)])
def test_bands_fall_to_nought(limits: tuple[int, ...]):
    with pytest.raises(ValidationError, match="bands fall"):
        PercentagePolicy(name="percentage", bands=tuple(Band(label="L", at_least=Decimal(one)) for one in limits))


def test_labels_are_words():
    with pytest.raises(ValidationError):
        Label(label="")
