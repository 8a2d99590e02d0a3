"""A filter of a replication rule that a newer SDK knows and we do not."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from collectors.aws.replication import copies_of


@pytest.mark.parametrize(
    ("only", "told"),
    [
        ({}, "covers"),
        ({"Prefix": "logs/"}, "covers"),
        ({"Prefix": "logs/", "LargerThan": 1}, "touches"),
        ({"And": {"Prefix": "logs/", "LargerThan": 1}}, "touches"),
        ({"Tag": {"Key": "a", "Value": "b"}}, "touches"),
    ],
)
def test_what_is_not_known_narrows_and_fails_nothing(only: dict[str, JsonValue], told: str):
    """Were it a failure, taking the permission to read replication away would better the answer."""
    rule: JsonValue = {"Status": "Enabled", "Filter": only, "Destination": {"Bucket": "arn:aws:s3:::b"}}
    found = copies_of({"ReplicationConfiguration": {"Rules": [rule]}}, "plain", "logs/")
    assert [copy.objects.value for copy in found.replicas] == [told]
