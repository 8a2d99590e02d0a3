"""What each request needs is what the allow-lists and the policies say, no more and no less."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest

from collectors.needs import CHECKS, DISCOVERS, NEEDS, SDK_KEY, needed
from collectors.registry import REQUESTS

POLICIES = Path(__file__).resolve().parents[2] / "config" / "policies"
NOBODYS = {"documents", "attestation", "clearance"}  # no vendor is asked


def needs_of(*vendors: str) -> set[str]:
    found = {one for type, needs in NEEDS.items() if type.split(".")[0] in vendors for one in needs}
    alone = {one for by in (CHECKS, DISCOVERS) for vendor in vendors for one in by.get(vendor, ())}
    return (found | alone) - {SDK_KEY}


def test_every_request_to_a_vendor_says_what_it_needs():
    assert set(NEEDS) == {type for type in REQUESTS if type.split(".")[0] not in NOBODYS}


@pytest.mark.parametrize("vendor", ["pagerduty", "launchdarkly", "datadog"])
def test_what_requests_need_is_what_the_allow_list_needs(vendor: str):
    named = import_module(f"collectors.{vendor}.client").PERMISSIONS.values()
    assert needs_of(vendor) == {one for one in named if one}


def test_what_aws_needs_is_what_its_allow_list_and_its_policy_name():
    allowed = {one for one in import_module("collectors.aws.client").ALLOWED.values() if one}
    policy = json.loads((POLICIES / "aws.json").read_text(encoding="utf-8"))
    granted = {a for statement in policy["Statement"] if statement["Effect"] == "Allow" for a in statement["Action"]}
    assert needs_of("aws", "s3", "cloudtrail") == allowed == granted


@pytest.mark.parametrize(
    ("vendor", "pattern"),
    [
        ("langsmith", r"`(\w+:read)`"),
        ("okta", r"`(okta\.[\w.]+read)`"),
        ("slack", r"`(\w+:read)`"),
        ("github", r"\| ((?!Metadata)[A-Z][\w ]+) \| read-only"),
    ],
)
def test_what_the_others_need_is_what_their_policy_says(vendor: str, pattern: str):
    told = set(re.findall(pattern, (POLICIES / f"{vendor}.md").read_text(encoding="utf-8")))
    assert {one.removesuffix(": read") for one in needs_of(vendor)} == told


def test_a_history_of_rotations_needs_the_service_that_holds_what_is_asked_about():
    assert needed("cloudtrail.rotations", {"secret": "s", "name": None})[1:] == ("secretsmanager:DescribeSecret",)
    assert needed("cloudtrail.rotations", {"secret": None, "name": "n"})[1:] == ("iam:GetUser", "iam:ListAccessKeys")


def test_an_evaluation_needs_the_key_of_its_own_environment():
    asked = {"project": "agents", "environment": "production", "flag": "f"}
    assert needed("launchdarkly.flag_evaluation", asked) == ("server SDK key of agents/production",)
