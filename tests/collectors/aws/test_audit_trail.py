"""aws.trail over real HTTP: whether a trail is written, and what it takes in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.aws.audit_trail import trail
from collectors.aws.safeguards import TrailAsk, TrailFacts
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door

FINE = TrailAsk(name="fine")
ARN = "arn:aws:cloudtrail:us-east-1:123456789012:trail/fine"


def told(door: Door, ask: TrailAsk = FINE) -> dict[str, Any]:
    found = door.evidence(trail, ask).facts
    assert isinstance(found, TrailFacts)
    return {name: fact and fact.value for name, fact in found if name != "trail"}


def test_in_both_worlds_the_trail_wrote_minutes_ago(either: Door) -> None:
    found = told(either, TrailAsk(name="acme-all"))
    delivered = found.pop("delivered")
    assert 0 < (either.world.clock - delivered).total_seconds() < 900
    on = dict.fromkeys(("logging", "everywhere", "validated"), "on")
    assert found == {**on, "error": None, "management": "all"}


def test_a_trail_that_is_off_says_so_and_why_it_could_not_write(odd: Door) -> None:
    off = dict.fromkeys(("logging", "everywhere", "validated"), "off")
    assert told(odd, TrailAsk(name="silent")) == {
        **off,
        "delivered": None,
        "error": "AccessDenied",
        "management": "all",
    }


def test_a_trail_may_be_named_by_its_arn(odd: Door) -> None:
    assert told(odd, TrailAsk(name=ARN)) == told(odd)
    assert odd.evidence(trail, FINE).source.account == "123456789012"


def says(body: object, after: int, status: int = 200) -> Fault:
    return Fault(kind="status", status=status, body=json.dumps(body), after=after)


def management(door: Door, **selectors: Any) -> str:
    door.proxy.set(says(selectors, 2))
    try:
        return str(told(door)["management"])
    finally:
        door.proxy.set()


ALL = {"ReadWriteType": "All", "IncludeManagementEvents": True}
ONLY = {"Field": "eventCategory", "Equals": ["Management"]}


def test_one_selector_alone_must_take_in_everything(odd: Door) -> None:
    part = ALL | {"ReadWriteType": "ReadOnly"}
    assert management(odd, EventSelectors=[part, ALL]) == "all"
    assert management(odd, EventSelectors=[part, ALL | {"ReadWriteType": "WriteOnly"}]) == "not all"
    assert management(odd, EventSelectors=[ALL | {"IncludeManagementEvents": False}]) == "not all"
    assert management(odd, EventSelectors=[ALL | {"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]) == "not all"
    assert management(odd, EventSelectors=[]) == "not all"


def test_a_further_field_narrows_an_advanced_selector(odd: Door) -> None:
    assert management(odd, AdvancedEventSelectors=[{"FieldSelectors": [ONLY]}]) == "all"
    narrowed = [ONLY, {"Field": "readOnly", "Equals": ["false"]}]
    assert management(odd, AdvancedEventSelectors=[{"FieldSelectors": narrowed}]) == "not all"
    assert management(odd, AdvancedEventSelectors=[{"FieldSelectors": [ONLY | {"Equals": ["Data"]}]}]) == "not all"


@pytest.mark.parametrize(
    ("after", "scope"),
    [(0, "cloudtrail:GetTrail"), (1, "cloudtrail:GetTrailStatus"), (2, "cloudtrail:GetEventSelectors")],
)
def test_a_refusal_names_the_permission(odd: Door, after: int, scope: str) -> None:
    gap = odd.gap(trail, FINE, says({"__type": "AccessDeniedException", "message": "no"}, after, 400))
    assert (gap.reason, gap.scope) == (GapReason.DENIED, scope)
    assert scope in gap.what


@pytest.mark.parametrize(
    "broken",
    [
        says({}, 0),
        says({"Trail": {"Name": "other", "TrailARN": ARN[:-4] + "other", "IsMultiRegionTrail": True,
                        "LogFileValidationEnabled": True}}, 0),
        says({"Trail": {"Name": "fine", "TrailARN": ARN}}, 0),
        says({}, 1),
        says({}, 2),
        says({"EventSelectors": [{"IncludeManagementEvents": True}]}, 2),
        says({"EventSelectors": [{"ReadWriteType": "All"}]}, 2),
        says({"AdvancedEventSelectors": [{"FieldSelectors": []}]}, 2),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_contracts_is_malformed(odd: Door, broken: Fault) -> None:
    assert odd.gap(trail, FINE, broken).reason is GapReason.MALFORMED


def test_a_trail_that_is_not_there_is_gone(odd: Door) -> None:
    assert odd.gap(trail, TrailAsk(name="nothing")).reason is GapReason.GONE
