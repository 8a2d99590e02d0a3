"""A dashboard's widgets are run as people see them."""

from __future__ import annotations

import json

import pytest

from collectors.datadog.facts import DashboardAsk
from collectors.datadog.widgets import filled
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault

BOARD = "/api/v1/dashboard/fin-inv-rec"


def test_every_data_widget_showed_data_in_the_last_hours(either, pointers):
    """Notes are left out, a group's widgets are looked into, and template variables stand at their defaults."""
    evidence = either.evidence(DashboardAsk(id="fin-inv-rec", recent=either.recent))

    widgets = {widget.title.value: widget.state.value for widget in evidence.facts.widgets}
    assert widgets == dict.fromkeys(["Acceptance", "Latency p95", "Runs completed", "Cost of a run"], "data")
    assert all(either.recent.holds(widget.last_point.value) for widget in evidence.facts.widgets)
    assert "/answers/0/0/times" in " ".join(pointers(evidence))
    assert any("{env:production}" in call.query for call in evidence.calls)


def test_the_people_behind_a_dashboard_are_not_in_the_evidence(lab):
    text = lab.evidence(DashboardAsk(id="fin-inv-rec", recent=lab.recent)).to_bytes().decode()

    assert "acme.example" not in text
    assert "Mike Chen" not in text


def last_widget(**definition: object):
    """Put one more widget on the dashboard."""

    def change(data: dict) -> None:
        data["dashboards"][0]["widgets"].append({"id": 9, "definition": {"title": "New", **definition}})

    return change


ACCEPTANCE = "avg:invoice_recon.acceptance{$env}"
METRIC = {"data_source": "metrics", "name": "a", "query": ACCEPTANCE}


@pytest.mark.parametrize(
    ("definition", "state"),
    [
        ({"type": "timeseries", "requests": [{"q": "avg:invoice_recon.gone{$env}"}]}, "empty"),
        ({"type": "timeseries", "requests": [{"q": ACCEPTANCE}, {"q": "avg:invoice_recon.gone{$env}"}]}, "empty"),
        ({"type": "timeseries", "requests": [{"log_query": {"index": "*"}}]}, "not asked"),
        ({"type": "timeseries", "requests": [{"q": ACCEPTANCE}, {"log_query": {"index": "*"}}]}, "not asked"),
        ({"type": "timeseries", "requests": [{"queries": [METRIC, {**METRIC, "data_source": "logs"}]}]}, "not asked"),
        ({"type": "timeseries", "requests": [{"q": f"{ACCEPTANCE} / {ACCEPTANCE}"}]}, "not asked"),
        ({"type": "timeseries", "requests": [{"q": "avg:invoice_recon.acceptance{$region}"}]}, "not asked"),
        ({"type": "hostmap", "requests": {"fill": {"q": ACCEPTANCE}}}, "data"),
        ({"type": "timeseries", "requests": [{"q": "avg:invoice_recon.acceptance{*} by {env}"}]}, "data"),
        ({"type": "slo"}, "not asked"),
        ({"type": "powerpack", "powerpack_id": "p"}, "not asked"),
        ({"type": "split_group", "source_widget_definition": {"requests": [{"q": ACCEPTANCE}]}}, "not asked"),
        ({"type": "timeseries", "requests": []}, "not asked"),
        ({"type": "timeseries", "requests": None}, "not asked"),
    ],
)
def test_a_widget_is_empty_when_any_query_is_and_not_asked_when_any_cannot_be(changed, pointers, definition, state):
    lab = changed(last_widget(**definition))

    evidence = lab.evidence(DashboardAsk(id="fin-inv-rec", recent=lab.recent))

    assert evidence.facts.widgets[-1].state.value == state
    assert pointers(evidence)


def test_an_untitled_widget_is_named_by_its_kind(changed, pointers):
    lab = changed(last_widget(type="timeseries", title=None, requests=[{"q": ACCEPTANCE}]))

    evidence = lab.evidence(DashboardAsk(id="fin-inv-rec", recent=lab.recent))

    assert evidence.facts.widgets[-1].title.value == "untitled timeseries"
    assert pointers(evidence)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("avg:m{$env}", "avg:m{env:production}"),
        ("avg:m{$env,$environment}", "avg:m{env:production,*}"),
        ("avg:m{host:$env.value}", "avg:m{host:production}"),
        ("avg:m{$team}", "avg:m{team IN (a,b)}"),
        ("avg:m{$nobody}", None),
    ],
)
def test_template_variables_stand_for_their_defaults(query, shown):
    defaults = {
        "env": ("env:production", "production"), "environment": ("*", "*"), "team": ("team IN (a,b)", "(a OR b)")
    }  # fmt: skip

    assert filled(query, defaults) == shown


def test_an_unknown_dashboard_is_gone(lab):
    gap = lab.gap(DashboardAsk(id="abc-def-ghi", recent=lab.recent))

    assert (gap.reason, gap.status) == (GapReason.GONE, 404)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "other", "title": "x", "widgets": []},
        {"id": "fin-inv-rec", "title": "x"},
        {"id": "fin-inv-rec", "widgets": None},
        {"id": "fin-inv-rec", "widgets": [{"id": 1}]},
        [],
    ],
)
def test_a_dashboard_that_cannot_be_read_is_malformed(lab, body):
    lab.break_with(Fault(kind="status", status=200, path=BOARD, body=json.dumps(body)))

    assert lab.gap(DashboardAsk(id="fin-inv-rec", recent=lab.recent)).reason == GapReason.MALFORMED


def test_nulls_where_the_vendor_has_them_do_not_matter(lab, pointers):
    body = {"id": "fin-inv-rec", "title": None, "template_variables": None, "notify_list": None, "widgets": []}
    lab.break_with(Fault(kind="status", status=200, path=BOARD, body=json.dumps(body)))

    evidence = lab.evidence(DashboardAsk(id="fin-inv-rec", recent=lab.recent))

    assert evidence.facts.widgets == ()
    assert pointers(evidence) == ["/dashboard/id"]


@pytest.mark.parametrize(
    ("variable", "scope"),
    [
        ({"prefix": "env", "defaults": ["production", "staging"]}, "{env IN (production,staging)}"),
        ({"prefix": "env", "default": "production"}, "{env:production}"),
        ({"prefix": "env", "defaults": None, "default": None}, "{*}"),
        ({"prefix": None, "defaults": ["env:staging"]}, "{env:staging}"),
    ],
)
def test_the_query_that_is_asked_is_the_one_that_people_see(changed, variable, scope):
    lab = changed(lambda data: data["dashboards"][0].update(template_variables=[{"name": "env", **variable}]))

    evidence = lab.evidence(DashboardAsk(id="fin-inv-rec", recent=lab.recent))

    assert all(scope in call.query for call in evidence.calls[1:])
    assert {widget.state.value for widget in evidence.facts.widgets} == {"data"}


def twice(data: dict) -> None:
    data["dashboards"].append(data["dashboards"][0] | {"id": "other-one", "title": "other"})


def test_the_widgets_of_several_dashboards_share_their_requests(changed, pointers):
    """A read each, one request for all their queries; a dashboard that is gone leaves the others alone."""
    lab = changed(twice)

    one, other, gone = lab.ask(
        *(DashboardAsk(id=id, recent=lab.recent) for id in ("fin-inv-rec", "other-one", "no-such-one"))
    )

    assert [answer.facts.dashboard.value for answer in (one, other)] == ["finance-invoice-recon", "other"]
    assert one.facts.widgets == other.facts.widgets
    assert gone.reason == GapReason.GONE
    assert [call.path for call in lab.calls].count("/api/v2/query/timeseries") == 1
    assert [call.path for call in other.calls] == ["/api/v1/dashboard/other-one", "/api/v2/query/timeseries"]
    assert pointers(other)


def test_a_widget_is_as_recent_as_its_stalest_query(lab):
    """Two queries, the second silent for the last hour."""
    queries = [{"data_source": "metrics", "name": n, "query": f"avg:m.{n}{{*}}"} for n in "ab"]
    widget = {"definition": {"type": "timeseries", "title": "W", "requests": [{"queries": queries}]}}
    board = json.dumps({"id": "fin-inv-rec", "title": "T", "widgets": [widget]})
    late, early = (int(lab.recent.end.timestamp() - back) * 1000 for back in (60, 3600))
    series = [{"query_index": i, "group_tags": [], "unit": None} for i in (0, 1)]
    answer = {"data": {"attributes": {"times": [early, late], "values": [[1, 2], [3, None]], "series": series}}}
    lab.break_with(
        Fault(kind="status", status=200, path="/api/v1/dashboard/.*", body=board),
        Fault(kind="status", status=200, path="/api/v2/query/timeseries", body=json.dumps(answer)),
    )

    evidence = lab.evidence(DashboardAsk(id="fin-inv-rec", recent=lab.recent))

    (found,) = evidence.facts.widgets
    assert found.last_point.value.timestamp() * 1000 == early
    assert found.last_point.pointer == "/answers/0/1/times/0"
    assert evidence.body["answers"][0][1] == {
        "query": "avg:m.b{*}", "times": [early], "values": [[3]], "series": [series[1]]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("avg:m{$env,service:x}", "avg:m{env IN (a,b) AND service:x}"), ("avg:m{$env}", "avg:m{env IN (a,b)}"),
        ("avg:m{$env,*}", "avg:m{env IN (a,b)}"), ("avg:m{$env,!service:x}", None),
    ],
)  # fmt: skip
def test_several_defaults_are_written_in_the_one_syntax_that_the_vendor_takes(query, seen):
    """It refuses a comma or a `!` beside IN."""
    assert filled(query, {"env": ("env IN (a,b)", "(a OR b)")}) == seen
