"""What `doctor` is told of LaunchDarkly."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.launchdarkly.check import check
from collectors.sandbox.faults import Fault

CALLER = "/api/v2/caller-identity"


def test_a_reader_token_and_its_sdk_keys_are_ok(place):
    here = place()
    rest, sdk = check(here.conn)
    assert (rest.state, rest.account) == ("ok", "6650a000000000000000aaaa")
    assert "service token `clearance-reader`" in rest.sentence
    assert (sdk.state, sdk.account) == ("ok", "agents/production")
    assert here.paths() == [CALLER, "/sdk/latest-all"]


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
    here = place(timeout=0.2)
    here.faults.set(fault)
    assert {told.state for told in check(here.conn)} == {"unreachable"}


def test_without_settings_it_says_which(place):
    here = place()
    for conn in (replace(here.conn, launchdarkly=None), here.as_(token=None, sdk_keys={})):
        (told,) = check(conn)
        assert told.state == "not configured"
        assert "LAUNCHDARKLY_ACCESS_TOKEN" in told.sentence
