"""What `doctor` says of Datadog."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from collectors.datadog.check import check
from collectors.needs import NEEDS
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough


def test_right_keys_are_ok_and_name_the_organisation(lab):
    found = check(lab.conn)

    assert (found.vendor, found.state, found.account) == ("datadog", "ok", "420017")


@pytest.mark.parametrize(("key", "named"), [("api_key", "check of the API key"), ("app_key", "monitors_read")])
def test_a_wrong_key_is_refused_and_says_which(lab, key, named):
    """The vendor's own check looks at the API key alone, so one read is made with both."""
    found = check(replace(lab.conn, datadog=replace(lab.conn.datadog, **{key: "wrong"})))

    assert found.state == "refused"
    assert named in found.sentence


@pytest.mark.parametrize("fault", [Fault(kind="status", status=500), Fault(kind="hang"), Fault(kind="truncate")])
def test_no_answer_is_unreachable(lab, fault):
    lab.break_with(fault)

    assert check(replace(lab.conn, timeout=long_enough(fault))).state == "unreachable"


def test_without_keys_it_is_not_configured(lab):
    found = check(replace(lab.conn, datadog=None))

    assert found.state == "not configured"
    assert "DD_API_KEY" in found.sentence


def test_an_account_without_monitors_is_still_ok(changed):
    lab = changed(lambda data: data.update(monitors=[]))

    assert (check(lab.conn).state, check(lab.conn).account) == ("ok", "")


def test_it_tells_since_when_the_audit_trail_knows_anything(lab):
    """Dashboards that were opened before cannot be known; the permission to ask is there."""
    found = check(lab.conn)

    (spot,) = found.blind
    assert spot.request == "datadog.dashboard_views"
    assert spot.since is not None
    assert spot.since < lab.conn.clock()
    assert "audit_logs_read" in found.held


def test_a_trail_that_may_not_be_read_is_one_missing_permission(lab):
    lab.break_with(Fault(kind="status", status=403, path="/api/v2/audit/events/search"))

    found = check(lab.conn)

    assert (found.state, found.missing) == ("ok", ("audit_logs_read",))
    assert "audit_logs_read" in found.blind[0].sentence


def test_a_key_that_may_not_read_monitors_is_refused_and_the_permission_is_missing(lab):
    lab.break_with(Fault(kind="status", status=403, path="/api/v1/monitor"))

    assert (check(lab.conn).state, check(lab.conn).missing) == ("refused", ("monitors_read",))


def test_the_difference_of_the_clocks_is_told(lab):
    """The stand-in's Date is the machine's; the world's clock stands elsewhere."""
    assert check(lab.conn).clock_ahead_s is not None


READS = {
    "timeseries_query": "/api/v2/query/scalar", "dashboards_read": "/api/v1/dashboard",
    "logs_read_data": "/api/v2/logs/events/search", "logs_read_config": "/api/v1/logs/config/indexes",
    "logs_read_archives": "/api/v2/logs/config/archives", "slos_read": "/api/v1/slo",
    "synthetics_read": "/api/v1/synthetics/tests",
    "audit_logs_read": "/api/v2/audit/events/search",
}  # fmt: skip


def test_each_permission_that_a_request_needs_is_seen_to_be_there(lab):
    found = check(lab.conn)

    assert set(found.held) == {one for type, names in NEEDS.items() if type.startswith("datadog.") for one in names}
    assert found.missing == ()


@pytest.mark.parametrize("permission", READS)
def test_each_permission_that_is_refused_is_the_one_that_is_missing(lab, permission):
    lab.break_with(Fault(kind="status", status=403, path=READS[permission]))

    found = check(lab.conn)

    assert (found.state, found.missing) == ("ok", (permission,))
    assert permission not in found.held


@pytest.mark.parametrize("fault", [{"kind": "truncate"}, {"kind": "status", "status": 400}])
def test_a_permission_that_could_not_be_tried_is_neither_there_nor_missing(lab, fault):
    lab.break_with(Fault(path=READS["slos_read"], **fault))

    found = check(lab.conn)

    assert "slos_read" not in found.held + found.missing
    assert "logs_read_archives" in found.held


def test_where_one_read_gets_no_answer_the_others_are_not_tried(lab):
    lab.break_with(Fault(kind="refuse", path=READS["dashboards_read"]))

    found = check(lab.conn)

    assert (found.state, found.missing) == ("ok", ())
    assert not {"dashboards_read", "slos_read"} & set(found.held)


def test_it_tells_for_how_many_days_the_audit_trail_reaches_back(lab):
    """Kept for seven days unless somebody set more: then a month of looks cannot be known."""
    event = {"id": "e", "attributes": {"timestamp": (lab.world.clock - timedelta(days=7)).isoformat()}}
    body = json.dumps({"data": [event]})
    lab.break_with(Fault(kind="status", status=200, path=READS["audit_logs_read"], body=body))

    (spot,) = check(lab.conn).blind

    assert "7 days ago; who opened a dashboard before that cannot be known" in spot.sentence
    assert "RUM" in spot.sentence
