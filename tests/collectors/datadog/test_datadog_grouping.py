"""A grouped query is asked only where it is the same question; what is not proven to be so is asked as it stands."""

from __future__ import annotations

import pytest

from collectors.datadog.grouping import LARGEST, apart


def avg(*queries: str) -> list[tuple[str, str]]:
    return [(query, "avg") for query in queries]


def test_queries_that_differ_in_the_value_of_one_tag_are_one_question():
    wanted = avg(*(f"avg:runs.ok{{env:production,subject:s{i}}}" for i in range(3)))

    (group,), alone = apart(wanted, 2)

    assert group.query == "avg:runs.ok{env:production AND subject IN (s0,s1,s2)} by {subject}"
    assert dict(group.members) == {f"s{i}": one for i, one in enumerate(wanted)}
    assert alone == []


def test_what_follows_the_scope_follows_the_groups():
    (group,), _ = apart(avg("sum:runs{subject:a}.as_count()", "sum:runs{subject:b}.as_count()"), 2)

    assert group.query == "sum:runs{subject IN (a,b)} by {subject}.as_count()"


@pytest.mark.parametrize(
    "other",
    [
        "avg:runs.late{env:p,subject:b}", "sum:runs.ok{env:p,subject:b}", "avg:runs.ok{env:q,subject:b}",
        "avg:runs.ok{env:p,subject:b}.as_count()", "avg:runs.ok{env:p,subject:b,team:x}", "avg:runs.ok{subject:b}",
        "avg:runs.ok{env:p,!subject:b}", "avg:runs.ok{env:p,subject:b*}", "avg:runs.ok{env:p,subject:B}",
        "avg:runs.ok{env:p AND subject IN (b,c)}", "avg:runs.ok{env:p OR subject:b}", "avg:runs.ok{*}",
        "avg:runs.ok{env:p,subject:b} by {host}", "avg:runs.ok{env:p,subject:b,subject:c}", "avg:runs.ok{}",
        "default_zero(avg:runs.ok{env:p,subject:b})", "avg:runs.ok{env:p,subject:b}.fill(zero)", "avg:runs.ok",
        "avg:runs.ok{env:p,subject:b} / avg:runs{env:p,subject:b}",
    ],
)  # fmt: skip
def test_what_differs_in_anything_else_is_asked_as_it_stands(other):
    wanted = avg("avg:runs.ok{env:p,subject:a}", other)

    assert apart(wanted, 2) == ([], wanted)


def test_another_aggregator_is_another_question():
    wanted = [("avg:runs.ok{subject:a}", "avg"), ("avg:runs.ok{subject:b}", "max")]

    assert apart(wanted, 2) == ([], wanted)


def test_each_question_belongs_to_one_group_the_largest():
    wanted = avg(*(f"avg:m{{env:{env},subject:{s}}}" for env, s in ("pa", "pb", "pc", "qa")))

    groups, alone = apart(wanted, 2)

    assert [sorted(group.members) for group in groups] == [["a", "b", "c"]]
    assert alone == [wanted[3]]


def test_a_group_has_an_end_and_few_are_not_worth_one():
    wanted = avg(*(f"avg:m{{subject:s{i}}}" for i in range(LARGEST + 1)))

    groups, alone = apart(wanted, 2)

    assert [len(group.members) for group in groups] == [LARGEST]
    assert len(alone) == 1
    assert apart(wanted[:20], 21) == ([], wanted[:20])
