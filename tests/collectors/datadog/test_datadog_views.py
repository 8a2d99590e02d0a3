"""Who looked at a dashboard: people in a browser, never keys."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from collectors.datadog.facts import DashboardViewsAsk
from collectors.evidence import GapReason, Window
from collectors.sandbox.faults import Fault

MIKE, MORTEZA = "00000000-0000-4000-8000-000000000002", "00000000-0000-4000-8000-000000000001"
SEARCH = "/api/v2/audit/events/search"


def test_mike_looked_on_every_working_day_and_morteza_every_monday(either, pointers):
    """Morteza's key read the dashboard daily; that is not him looking."""
    evidence = either.evidence(DashboardViewsAsk(id="fin-inv-rec", window=either.pilot))

    assert Counter(view.person.id for view in evidence.facts.views) == {MIKE: 22, MORTEZA: 4}
    assert evidence.facts.from_.value <= either.pilot.start
    assert evidence.completeness.note.startswith("60 reads left out")
    assert pointers(evidence)


def test_no_address_of_a_person_or_a_machine_is_kept(lab):
    text = lab.evidence(DashboardViewsAsk(id="fin-inv-rec", window=lab.pilot)).to_bytes().decode()

    assert "acme.example" not in text
    assert "192.0.2.17" not in text


def test_a_dashboard_that_nobody_opened_has_no_views(lab):
    assert lab.evidence(DashboardViewsAsk(id="abc-def-ghi", window=lab.pilot)).facts.views == ()


def test_a_trail_shorter_than_the_window_is_blind(changed):
    def keep_a_week(data: dict) -> None:
        data["audit"]["retention_days"] = 7

    lab = changed(keep_a_week)
    gap = lab.gap(DashboardViewsAsk(id="fin-inv-rec", window=lab.pilot))

    assert gap.reason == GapReason.BLIND
    assert "begins at 2026-06-0" in gap.what


def test_a_window_before_the_trail_began_is_blind(lab):
    window = Window(start=lab.pilot.start - timedelta(days=90), end=lab.pilot.end)

    assert lab.gap(DashboardViewsAsk(id="fin-inv-rec", window=window)).reason == GapReason.BLIND


def test_an_empty_trail_is_blind_not_unwatched(lab):
    lab.break_with(Fault(kind="status", status=200, path=SEARCH, body='{"data": []}'))

    assert lab.gap(DashboardViewsAsk(id="fin-inv-rec", window=lab.pilot)).reason == GapReason.BLIND


def read(method: str = "GET", status: object = "200", path: str = "/api/v1/dashboard/fin-inv-rec") -> dict:
    return {"method": method, "status_code": status, "url_details": {"path": path}}


def event(**changes: object) -> dict:
    who = {"auth_method": "SESSION", "evt": {"actor": {"type": "USER"}}, "usr": {"uuid": MIKE}}
    attributes = {"timestamp": "2026-05-20T13:00:00Z", "attributes": {**who, "http": read(), **changes}}
    return {"id": "e1", "attributes": attributes}


@pytest.mark.parametrize(
    ("changes", "views"),
    [
        ({}, 1),
        ({"auth_method": "API + App Key"}, 0),
        ({"auth_method": None}, 0),
        ({"evt": {"actor": {"type": "SUPPORT_USER"}}}, 0),
        ({"evt": None}, 0),
        ({"usr": {"email": "someone@acme.example"}}, 0),
        ({"http": read(status=200)}, 1),
        ({"http": read(status="403")}, 0),
        ({"http": read(path="/api/v1/dashboard/other")}, 0),
        ({"http": read(method="PUT")}, 0),
    ],
)
def test_only_a_named_user_in_a_browser_session_counts(lab, changes, views):
    """Whatever the vendor's search lets through is looked at again."""
    body = json.dumps({"data": [event(**changes)]})
    lab.break_with(Fault(kind="status", status=200, path=SEARCH, after=1, body=body))

    assert len(lab.evidence(DashboardViewsAsk(id="fin-inv-rec", window=lab.pilot)).facts.views) == views


def test_where_the_trail_begins_is_asked_once_for_several_dashboards(lab):
    """A search each, and one for the oldest event, on record with every answer."""
    seen, unseen = lab.ask(*(DashboardViewsAsk(id=id, window=lab.pilot) for id in ("fin-inv-rec", "abc-def-ghi")))

    assert (len(seen.facts.views) > 0, unseen.facts.views) == (True, ())
    assert len(lab.calls) == 1 + 2 + 1  # the page after the last with events is bare
    assert seen.calls[0] == unseen.calls[0]


def test_a_trail_that_may_not_be_read_is_asked_once(lab):
    lab.break_with(Fault(kind="status", status=403))

    gaps = lab.ask(*(DashboardViewsAsk(id=id, window=lab.pilot) for id in ("fin-inv-rec", "abc-def-ghi")))

    assert {gap.reason for gap in gaps} == {GapReason.DENIED}
    assert len(lab.calls) == 1
