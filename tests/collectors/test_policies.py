"""config/policies/ grants what the collectors may call and nothing else, in the vendors' own words."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from collectors.http import Allowed

REPO = Path(__file__).resolve().parents[2]
POLICIES = REPO / "config" / "policies"
CONTRACTS = REPO.parent / "shared" / "contracts"
each_vendor = pytest.mark.parametrize("vendor", ["pagerduty", "datadog", "launchdarkly"])


def permissions(vendor: str) -> dict[Allowed, str]:
    found: dict[Allowed, str] = import_module(f"collectors.{vendor}.client").PERMISSIONS
    return found


def policy(vendor: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((POLICIES / f"{vendor}.json").read_text(encoding="utf-8"))
    return read


def granted(vendor: str) -> set[str]:
    told = policy(vendor)
    if vendor == "launchdarkly":
        return {action for statement in told["inline_role"] for action in statement["actions"]}
    return set(told["oauth_scopes" if vendor == "pagerduty" else "application_key_scopes"])


@each_vendor
def test_a_policy_grants_exactly_what_the_allow_list_needs(vendor: str) -> None:
    assert granted(vendor) == {permission for permission in permissions(vendor).values() if permission}


@each_vendor
def test_a_policy_names_the_permission_of_each_call(vendor: str) -> None:
    assert policy(vendor)["calls"] == {f"{a.method} {a.path}": named for a, named in permissions(vendor).items()}


PLACES = {
    "OWNER": "acme", "REPOSITORY": "agents", "PATH": "a/b.md", "WORKFLOW": "ci.yml", "BRANCH": "main",
    "ID": "0oa1finrecon0000a1b2",
}  # fmt: skip


def told_calls(vendor: str) -> set[tuple[str, str]]:
    """The calls that a policy in words names, with something in each of its places."""
    text = (POLICIES / f"{vendor}.md").read_text(encoding="utf-8")
    found = re.findall(r"`(GET|POST) (/[^`]+)`", text)
    return {(method, "/".join(PLACES.get(part, part) for part in path.split("/"))) for method, path in found}


@pytest.mark.parametrize("vendor", ["langsmith", "github", "slack", "okta"])
def test_a_policy_in_words_names_every_call_of_the_allow_list_and_no_other(vendor: str) -> None:
    allowed: tuple[Allowed, ...] = import_module(f"collectors.{vendor}.client").ALLOWED
    told = told_calls(vendor)

    assert [call for call in told if not any(rule.matches(*call) for rule in allowed)] == []
    assert [rule for rule in allowed if not any(rule.matches(*call) for call in told)] == []


@each_vendor
def test_no_permission_writes(vendor: str) -> None:
    reads = re.compile(r"\w+\.read|\w+_read(_\w+)?|timeseries_query|view\w+")
    assert [name for name in granted(vendor) if not reads.fullmatch(name)] == []


def test_launchdarkly_is_read_by_its_least_role() -> None:
    told = policy("launchdarkly")
    assert told["role"] == "reader"
    assert {statement["effect"] for statement in told["inline_role"]} == {"allow"}


def operations(vendor: str) -> list[tuple[str, str, str]]:
    """Method, a path with its parameters filled in, and the permission that the vendor's own document asks for."""
    found = []
    for file in sorted((CONTRACTS / vendor).glob("openapi*.json")):
        for path, methods in json.loads(file.read_text(encoding="utf-8"))["paths"].items():
            for method, told in methods.items():
                needed = told.get("x-oauth-scope") if isinstance(told, dict) else None
                if isinstance(told, dict) and "x-permission" in told:
                    needed = "|".join(told["x-permission"]["permissions"])
                if needed is not None:
                    found.append((method.upper(), re.sub(r"{\w+}", "1", path), needed))
    return found


@pytest.mark.parametrize("vendor", ["pagerduty", "datadog"])
def test_the_permission_of_each_call_is_the_one_in_the_vendors_document(vendor: str) -> None:
    if not (CONTRACTS / vendor).is_dir():
        pytest.skip(f"the vendor's document is not at {CONTRACTS / vendor}")
    known = permissions(vendor)
    checked = 0
    for method, path, needed in operations(vendor):
        for rule, named in known.items():
            if rule.matches(method, path):
                assert named == needed, f"{method} {path}"
                checked += 1
    unnamed = [rule for rule in known if rule.path.startswith("/v3/")]  # PagerDuty names no scope for newer schedules
    assert checked >= len(known) - len(unnamed)
