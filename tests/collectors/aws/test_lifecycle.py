"""What lifecycle rules mean together, by example and against a slow, obvious simulation."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.aws.lifecycle import Rule, Versioning, WireRule, effective, enabled_rules

NOW = datetime(2026, 6, 12, tzinfo=UTC)
NEVER, ENABLED, SUSPENDED = Versioning.NEVER, Versioning.ENABLED, Versioning.SUSPENDED


def days(rules: Sequence[Rule], versioning: Versioning = NEVER, prefix: str = "logs/") -> tuple[int | None, int | None]:
    found = effective(rules, prefix, versioning)
    return (found.floor.days if found.floor else None, found.ceiling.days if found.ceiling else None)


def wire(*rules: dict[str, object]) -> tuple[Rule, ...]:
    return enabled_rules([WireRule.model_validate({"Status": "Enabled", **rule}) for rule in rules], NOW)


def test_without_a_rule_nothing_is_ever_destroyed() -> None:
    assert days([]) == (None, None)


def test_a_covering_rule_sets_floor_and_ceiling_with_a_day_for_rounding() -> None:
    assert days(wire({"Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 30}})) == (30, 31)


@pytest.mark.parametrize(
    "selection",
    [
        {"Filter": {"Prefix": "logs/debug/"}},
        {"Prefix": "logs/debug/"},
        {"Filter": {"Tag": {"Key": "tier", "Value": "low"}}},
        {"Filter": {"ObjectSizeGreaterThan": 0}},
        {"Filter": {"And": {"Prefix": "logs/", "ObjectSizeLessThan": 128}}},
        {"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "tier", "Value": "low"}]}}},
    ],
)
def test_a_rule_that_touches_some_objects_lowers_the_floor_and_bounds_nothing(selection: dict[str, object]) -> None:
    assert days(wire({**selection, "Expiration": {"Days": 30}})) == (30, None)


@pytest.mark.parametrize("selection", [{"Filter": {}}, {"Prefix": ""}, {"Filter": {"Prefix": "l"}}, {}])
def test_an_empty_or_shorter_prefix_covers(selection: dict[str, object]) -> None:
    assert days(wire({**selection, "Expiration": {"Days": 30}})) == (30, 31)


@pytest.mark.parametrize("prefix", ["other/", "Logs/", "/logs/", "logs-old/"])
def test_a_rule_for_another_prefix_means_nothing(prefix: str) -> None:
    assert days(wire({"Filter": {"Prefix": prefix}, "Expiration": {"Days": 1}})) == (None, None)


@pytest.mark.parametrize(
    "harmless",
    [
        {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]},
        {"Expiration": {"ExpiredObjectDeleteMarker": True}},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        {"Status": "Disabled", "Expiration": {"Days": 1}},
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
    ],
)
def test_what_removes_no_stored_bytes_sets_no_limit(harmless: dict[str, object]) -> None:
    assert days(wire({"Filter": {}, **harmless}), ENABLED) == (None, None)


def test_the_earliest_of_overlapping_expirations_wins_however_specific_the_other_is() -> None:
    rules = wire({"Filter": {}, "Expiration": {"Days": 10}}, {"Prefix": "logs/", "Expiration": {"Days": 3650}})
    assert days(rules) == (10, 11)


def test_in_a_versioned_bucket_expiration_and_noncurrent_expiration_add_up_across_rules() -> None:
    rules = wire(
        {"Filter": {}, "Expiration": {"Days": 10}},
        {"Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 5}},
    )
    assert days(rules, ENABLED) == (15, 16)


def test_in_a_versioned_bucket_expiration_alone_destroys_nothing() -> None:
    assert days(wire({"Filter": {}, "Expiration": {"Days": 10}}), ENABLED) == (None, None)


def test_the_newest_noncurrent_versions_that_are_kept_never_go() -> None:
    kept = {"NoncurrentDays": 5, "NewerNoncurrentVersions": 1}
    rules = wire({"Filter": {}, "Expiration": {"Days": 10}, "NoncurrentVersionExpiration": kept})
    assert days(rules, ENABLED) == (None, None)


def test_suspended_versioning_destroys_null_versions_and_keeps_older_ones() -> None:
    rules = wire({"Filter": {}, "Expiration": {"Days": 10}})
    assert days(rules, SUSPENDED) == (10, None)


def test_rules_that_select_no_object_in_common_do_not_add_up() -> None:
    low, high = ({"Tag": {"Key": "tier", "Value": v}} for v in ("low", "high"))
    rules = wire(
        {"Filter": low, "Expiration": {"Days": 10}},
        {"Filter": high, "NoncurrentVersionExpiration": {"NoncurrentDays": 5}},
    )
    assert days(rules, ENABLED) == (None, None)


def test_a_past_date_destroys_everything_at_once() -> None:
    assert days(wire({"Filter": {}, "Expiration": {"Date": "2026-06-01T00:00:00Z"}})) == (0, 1)


def test_a_date_to_come_takes_objects_that_are_new_on_that_day_and_bounds_nothing() -> None:
    assert days(wire({"Filter": {}, "Expiration": {"Date": "2036-06-01T00:00:00Z"}})) == (0, None)


@pytest.mark.parametrize(
    "unknown", [{"Shred": {"Days": 1}}, {"Filter": {"Owner": "x"}}, {"Expiration": {"Days": -1}}, {"Status": "Maybe"}]
)
def test_a_rule_with_a_member_or_value_that_we_do_not_know_is_not_skipped(unknown: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        wire({"Filter": {}, **unknown})


@pytest.mark.parametrize("nothing", [{"Expiration": {}}, {}])
def test_a_rule_that_says_nothing_is_an_answer_with_a_part_missing(nothing: dict[str, object]) -> None:
    """S3 has no such rule: taken for one that destroys nothing, it would turn a missing field into a pass."""
    with pytest.raises(ValidationError):
        wire({"Filter": {}, **nothing})


# --- against a simulation -------------------------------------------------------------------------------------------

rules_of = st.lists(
    st.builds(
        Rule,
        number=st.integers(0, 99),
        name=st.just("r"),
        prefix=st.sampled_from(["", "l", "logs/", "logs/a", "logs/ab", "logs/b", "x"]),
        tags=st.sampled_from([(), (), (("t", "1"),), (("t", "2"),), (("t", "1"), ("u", "1"))]),
        larger_than=st.sampled_from([None, None, 2, 5]),
        smaller_than=st.sampled_from([None, None, 3, 6]),
        expires=st.none() | st.integers(0, 6),
        forgets=st.none() | st.integers(1, 4),
        keeps=st.sampled_from([0, 0, 1]),
    ).map(lambda r: r.model_copy(update={"expires_all_by": r.expires})),
    max_size=5,
)
versionings = st.sampled_from(list(Versioning))
quick = settings(max_examples=60, deadline=None)


def selects(rule: Rule, key: str, tags: dict[str, str], size: int) -> bool:
    fits = all(tags.get(k) == v for k, v in rule.tags)
    above = rule.larger_than is None or size > rule.larger_than
    below = rule.smaller_than is None or size < rule.smaller_than
    return key.startswith(rule.prefix) and fits and above and below


def lives(rules: Sequence[Rule], versioned: bool) -> int | None:
    """The day on which bytes written on day 0 are destroyed, day by day; None = not within a month."""
    covered_on: int | None = None
    for day in range(30):
        if covered_on is None and any(r.expires is not None and day >= r.expires for r in rules):
            if not versioned:
                return day
            covered_on = day
        if covered_on is not None and any(
            r.forgets is not None and r.keeps == 0 and day - covered_on >= r.forgets for r in rules
        ):
            return day
    return None


def lifetimes(rules: Sequence[Rule], versioning: Versioning) -> Iterator[int | None]:
    """Of every kind of object under logs/ that these rules can tell apart."""
    keys = ["logs/z", "logs/a", "logs/ab", "logs/abz", "logs/b"]
    tags = [{}, {"t": "1"}, {"t": "2"}, {"t": "1", "u": "1"}, {"t": "2", "u": "1"}]
    states = {NEVER: [False], ENABLED: [True], SUSPENDED: [False, True]}[versioning]
    for key, labels, size, versioned in product(keys, tags, (2, 3, 6), states):
        yield lives([r for r in rules if selects(r, key, labels, size)], versioned)


@quick
@given(rules_of, versionings)
def test_the_floor_is_the_shortest_life_of_any_object(rules: list[Rule], versioning: Versioning) -> None:
    ends = [day for day in lifetimes(rules, versioning) if day is not None]
    assert days(rules, versioning)[0] == min(ends, default=None)


@quick
@given(rules_of, versionings)
def test_no_object_outlives_the_ceiling(rules: list[Rule], versioning: Versioning) -> None:
    ceiling = days(rules, versioning)[1]
    if ceiling is not None:
        assert all(day is not None and day + 1 <= ceiling for day in lifetimes(rules, versioning))


@quick
@given(rules_of, rules_of, versionings)
def test_one_more_rule_never_lengthens_the_floor(rules: list[Rule], more: list[Rule], versioning: Versioning) -> None:
    before, after = days(rules, versioning)[0], days([*rules, *more], versioning)[0]
    assert before is None or (after is not None and after <= before)


@quick
@given(rules_of, versionings, st.randoms())
def test_the_order_of_rules_never_matters(rules: list[Rule], versioning: Versioning, chance: object) -> None:
    shuffled = list(rules)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert days(shuffled, versioning) == days(rules, versioning)
