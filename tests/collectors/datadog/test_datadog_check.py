"""What `doctor` says of Datadog."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors.datadog.check import check
from collectors.sandbox.faults import Fault


def test_right_keys_are_ok_and_name_the_organisation(lab):
    found = check(lab.conn)

    assert (found.vendor, found.state, found.account) == ("datadog", "ok", "420017")


@pytest.mark.parametrize(("key", "named"), [("api_key", "check of the API key"), ("app_key", "monitors_read")])
def test_a_wrong_key_is_refused_and_says_which(lab, key, named):
    """The vendor's own check looks at the API key alone, so one read is made with both."""
    found = check(replace(lab.conn, datadog=replace(lab.conn.datadog, **{key: "wrong"})))

    assert found.state == "refused"
    assert named in found.sentence


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 500}, {"kind": "hang"}, {"kind": "truncate"}])
def test_no_answer_is_unreachable(lab, fault):
    lab.break_with(Fault(**fault))

    assert check(replace(lab.conn, timeout=0.2)).state == "unreachable"


def test_without_keys_it_is_not_configured(lab):
    found = check(replace(lab.conn, datadog=None))

    assert found.state == "not configured"
    assert "DD_API_KEY" in found.sentence


def test_an_account_without_monitors_is_still_ok(changed):
    lab = changed(lambda data: data.update(monitors=[]))

    assert (check(lab.conn).state, check(lab.conn).account) == ("ok", "")
