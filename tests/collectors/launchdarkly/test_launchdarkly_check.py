"""What `doctor` is told of LaunchDarkly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.launchdarkly.check import check
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough

CALLER, PROJECTS = "/api/v2/caller-identity", "/api/v2/projects"


def test_a_reader_token_and_its_sdk_keys_are_ok(place):
    here = place()
    rest, sdk = check(here.conn)
    assert (rest.state, rest.account) == ("ok", "6650a000000000000000aaaa")
    assert "service token `clearance-reader`" in rest.sentence
    assert (sdk.state, sdk.account) == ("ok", "agents/production")
    assert (rest.held, rest.missing) == (("viewProject",), ())
    assert "may view the projects agents, platform" in rest.sentence
    assert here.paths() == [CALLER, PROJECTS, "/sdk/latest-all"]


@pytest.mark.parametrize("refusal", [403, 200])
def test_a_token_that_may_view_no_project_is_refused_though_it_says_who_it_is(place, refusal):
    """By a status, or by an empty list."""
    here = place()
    here.faults.set(Fault(kind="status", status=refusal, path=PROJECTS, body='{"items": [], "totalCount": 0}'))
    rest, _ = check(here.conn)
    assert (rest.state, rest.held, rest.missing) == ("refused", (), ("viewProject",))
    assert "Reader role" in rest.sentence


def test_a_token_that_may_write_is_named_as_more_than_needed(place):
    def writes(body: Any) -> Any:
        return body | {"scopes": ["reader", "writer"], "tokenName": None}

    rest, _ = check(place(edits={CALLER: writes}).conn)
    assert "it may write" in rest.sentence


def test_refused_credentials_are_told_apart(place):
    rest, sdk = check(place().as_(token="another", sdk_keys={"agents/production": "another"}))
    assert (rest.state, sdk.state) == ("refused", "refused")
    assert "another" not in rest.sentence + sdk.sentence


@pytest.mark.parametrize("fault", [Fault(kind="status", status=500), Fault(kind="refuse"), Fault(kind="hang")])
def test_a_source_that_does_not_answer_is_unreachable(place, fault):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    assert {told.state for told in check(here.conn)} == {"unreachable"}


def test_without_settings_it_says_which(place):
    here = place()
    for conn in (replace(here.conn, launchdarkly=None), here.as_(token=None, sdk_keys={})):
        (told,) = check(conn)
        assert told.state == "not configured"
        assert "LAUNCHDARKLY_ACCESS_TOKEN" in told.sentence
