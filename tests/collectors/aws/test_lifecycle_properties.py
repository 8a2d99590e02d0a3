"""The effective retention against a reference that follows every kind of object day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from collectors.aws.lifecycle import Versioning, WireRule, effective, enabled_rules
from tests.collectors.aws.lifecycle_reference import TODAY, Wire, every_kind, life

Rules = list[dict[str, Any]]
BYTES = {Versioning.NEVER: (False,), Versioning.ENABLED: (True,), Versioning.SUSPENDED: (False, True)}
PREFIXES = ("", "l", "logs/", "logs/a", "logs/ab", "other/")
tag = st.sampled_from([{"Key": "t", "Value": "1"}, {"Key": "t", "Value": "2"}, {"Key": "u", "Value": "1"}])
prefix = st.sampled_from(PREFIXES)
size = st.integers(0, 4)
both = st.fixed_dictionaries(
    {},
    optional={
        "Prefix": prefix, "Tags": st.lists(tag, min_size=1, max_size=2, unique_by=lambda one: one["Key"]),
        "ObjectSizeGreaterThan": size, "ObjectSizeLessThan": size,
    },
)  # fmt: skip
chosen = st.one_of(
    st.just({"Filter": {}}),
    prefix.map(lambda one: {"Prefix": one}), prefix.map(lambda one: {"Filter": {"Prefix": one}}),
    tag.map(lambda one: {"Filter": {"Tag": one}}), both.map(lambda one: {"Filter": {"And": one}}),
    size.map(lambda one: {"Filter": {"ObjectSizeGreaterThan": one}}),
    size.map(lambda one: {"Filter": {"ObjectSizeLessThan": one}}),
)  # fmt: skip
by_days = st.integers(1, 9).map(lambda days: {"Days": days})
by_date = st.sampled_from((-400, -1, 0, 3)).map(lambda d: {"Date": (TODAY + timedelta(days=d)).isoformat()})
marker = st.just({"ExpiredObjectDeleteMarker": True})
noncurrent = st.fixed_dictionaries(
    {"NoncurrentDays": st.integers(1, 6)}, optional={"NewerNoncurrentVersions": st.integers(1, 2)}
)
HARMLESS: Rules = [
    {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
    {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    {"NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "GLACIER"}]},
    {"Expiration": {"ExpiredObjectDeleteMarker": True}},
]
actions = st.one_of(
    st.one_of(by_days, by_days, by_date, marker).map(lambda one: {"Expiration": one}),
    noncurrent.map(lambda one: {"NoncurrentVersionExpiration": one}),
    st.tuples(by_days, noncurrent).map(lambda two: {"Expiration": two[0], "NoncurrentVersionExpiration": two[1]}),
    st.sampled_from(HARMLESS),
)
a_rule = st.builds(
    lambda state, where, what: {"Status": state, **where, **what},
    st.sampled_from(["Enabled", "Enabled", "Enabled", "Disabled"]), chosen, actions,
)  # fmt: skip
rules_of = st.lists(a_rule, max_size=4)
versionings = st.sampled_from(list(Versioning))
asked = st.sampled_from(("", "logs/", "logs/a"))
quick = settings(max_examples=40, deadline=None)


def days(rules: Sequence[Wire], under: str, versioning: Versioning) -> tuple[int | None, int | None]:
    """Floor and ceiling as the collector has them, from what S3 answers."""
    found = effective(enabled_rules([WireRule.model_validate(rule) for rule in rules], TODAY), under, versioning)
    return (found.floor.days if found.floor else None, found.ceiling.days if found.ceiling else None)


def lives(rules: Sequence[Wire], under: str, versioning: Versioning) -> list[int | None]:
    return [life(rules, one) for one in every_kind(rules, under, BYTES[versioning])]


def dated(rules: Sequence[Wire]) -> bool:
    return any("Date" in rule.get("Expiration", {}) for rule in rules)


KEPT = {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}
NEVER_GONE = {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}, "NoncurrentVersionExpiration": KEPT}
TO_COME = {"Status": "Enabled", "Filter": {}, "Expiration": {"Date": (TODAY + timedelta(days=3)).isoformat()}}
TWO = [
    {"Status": "Enabled", "Filter": {"Tag": {"Key": "t", "Value": "1"}}, "Expiration": {"Days": 1}},
    {"Status": "Enabled", "Filter": {"Tag": {"Key": "t", "Value": "2"}},
     "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
]  # fmt: skip


@quick
@example([NEVER_GONE], "logs/", Versioning.ENABLED)  # chance alone rarely finds these
@example(TWO, "logs/", Versioning.ENABLED)
@given(rules_of, asked, versionings)
def test_the_floor_is_the_shortest_life_of_any_object(rules: Rules, under: str, versioning: Versioning) -> None:
    """Dates apart, for which no object need be there on that very day: then no life is shorter than the floor."""
    shortest = min((one for one in lives(rules, under, versioning) if one is not None), default=None)
    floor, _ = days(rules, under, versioning)
    if dated(rules):
        assert shortest is None or (floor is not None and floor <= shortest)
    else:
        assert floor == shortest


@quick
@example([NEVER_GONE], ({"Days": 9}, 6), "logs/", Versioning.ENABLED)
@example([TO_COME], ({"Days": 9}, 6), "logs/", Versioning.NEVER)
@given(rules_of, st.tuples(by_days, st.integers(1, 6)), asked, versionings)
def test_nothing_outlives_the_ceiling(
    rules: Rules, ends: tuple[dict[str, int], int], under: str, versioning: Versioning
) -> None:
    """With one rule for everything there always is one, a day for the rounding to midnight included."""
    everything = {"NoncurrentVersionExpiration": {"NoncurrentDays": ends[1]}, "Expiration": ends[0], "Filter": {}}
    rules = [*rules, {"Status": "Enabled", **everything}]
    _, ceiling = days(rules, under, versioning)
    assert ceiling is not None
    assert all(one is not None and one + 1 <= ceiling for one in lives(rules, under, versioning))


@quick
@given(rules_of, rules_of, asked, versionings)
def test_one_more_rule_never_lengthens_floor_or_ceiling(
    rules: Rules, more: Rules, under: str, versioning: Versioning
) -> None:
    for before, after in zip(days(rules, under, versioning), days([*rules, *more], under, versioning), strict=True):
        assert before is None or (after is not None and after <= before)


@quick
@given(st.permutations(range(4)), st.lists(a_rule, min_size=4, max_size=4), asked, versionings)
def test_the_order_of_rules_never_matters(order: list[int], rules: Rules, under: str, versioning: Versioning) -> None:
    assert days([rules[i] for i in order], under, versioning) == days(rules, under, versioning)


@quick
@given(rules_of, rules_of, st.sampled_from(HARMLESS), chosen, asked, versionings)
def test_what_is_disabled_or_destroys_nothing_changes_nothing(
    rules: Rules, off: Rules, harmless: dict[str, Any], where: dict[str, Any], under: str, versioning: Versioning
) -> None:
    idle = [{**rule, "Status": "Disabled"} for rule in off] + [{"Status": "Enabled", **where, **harmless}]
    assert days([*rules, *idle], under, versioning) == days(rules, under, versioning)


@quick
@given(rules_of, versionings)
def test_more_is_never_kept_for_longer_than_a_part_of_it(rules: Rules, versioning: Versioning) -> None:
    """What is under a longer prefix is under the shorter too: its floor is no lower, its ceiling no higher."""
    for whole, part in (("", "logs/"), ("logs/", "logs/a")):
        (low, high), (floor, ceiling) = days(rules, whole, versioning), days(rules, part, versioning)
        assert low is None or floor is None or low <= floor
        assert floor is None or low is not None
        assert high is None or (ceiling is not None and ceiling <= high)


@quick
@given(rules_of, asked)
def test_versions_never_shorten_a_life(rules: Rules, under: str) -> None:
    """Where versions are kept, expiration alone destroys nothing; suspended, new bytes are on their own again."""
    plain, versioned = (days(rules, under, versioning)[0] for versioning in (Versioning.NEVER, Versioning.ENABLED))
    assert versioned is None or (plain is not None and plain <= versioned)
    assert days(rules, under, Versioning.SUSPENDED)[0] == plain
