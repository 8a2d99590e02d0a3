"""Datadog's stand-in computes its answers from the world and speaks as the vendor does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from collectors.sandbox.datadog import Datadog
from collectors.sandbox.datadog.metrics import step_for
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world
from tests.processes import LONGEST

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT.parent / "shared" / "contracts" / "datadog"
PILOT = ("2026-05-13T00:00-04:00", "2026-06-12T00:00-04:00")
RUNS = "sum:invoice_recon.runs.completed{env:production}.as_count()"


class Client:
    """Plain HTTP with the right keys, so that nothing of ours stands between test and stand-in."""

    def __init__(self, url: str, world: World) -> None:
        self.url, self.world = url, world
        self.keys = {
            "DD-API-KEY": world.credentials.datadog_api_key,
            "DD-APPLICATION-KEY": world.credentials.datadog_app_key,
        }

    def __call__(self, path: str, body: Any = None, **query: object) -> tuple[int, Any]:
        target = self.url + path + ("?" + urlencode(query) if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(target, data, {"content-type": "application/json", **self.keys})
        try:
            with urllib.request.urlopen(request, timeout=LONGEST) as reply:
                return reply.status, json.loads(reply.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def good(self, path: str, body: Any = None, **query: object) -> Any:
        status, answer = self(path, body, **query)
        assert status == 200, answer
        return answer


@cache
def made(name: str) -> tuple[World, Datadog]:
    world = load_world(ROOT / "config" / "worlds" / name)
    return world, Datadog(world)


@pytest.fixture(params=["as-written", "put-right"])
def dd(request: pytest.FixtureRequest) -> Iterator[Client]:
    world, stand_in = made(request.param)
    running = serve(stand_in)
    yield Client(running.url, world)
    running.close()


def ms(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp() * 1000)


def query(kind: str, text: str, window: tuple[str, str] = PILOT, **more: object) -> dict[str, Any]:
    one = {"data_source": "metrics", "query": text, "name": "a"} | ({"aggregator": "avg"} if kind == "scalar" else {})
    attributes = {"from": ms(window[0]), "to": ms(window[1]), "queries": [one], **more}
    return {"data": {"type": f"{kind}_request", "attributes": attributes}}


def search(text: str, **page: object) -> dict[str, Any]:
    return {"filter": {"query": text, "from": PILOT[0], "to": PILOT[1]}, "page": page, "sort": "timestamp"}


ACCEPTANCE = "avg:invoice_recon.acceptance{env:production}"
SLO = "/api/v1/slo/5a1e0000000040008000000000000001"
SPAN = {"from_ts": ms(PILOT[0]) // 1000, "to_ts": ms(PILOT[1]) // 1000}
ANSWERS = [
    ("v1", "get", "/api/v1/validate", "/api/v1/validate", None, {}),
    ("v2", "post", "/api/v2/query/scalar", "/api/v2/query/scalar", query("scalar", ACCEPTANCE), {}),
    ("v2", "post", "/api/v2/query/scalar", "/api/v2/query/scalar", query("scalar", "avg:nothing{*}"), {}),
    ("v2", "post", "/api/v2/query/scalar", "/api/v2/query/scalar", query("scalar", ACCEPTANCE + " by {env}"), {}),
    ("v2", "post", "/api/v2/query/timeseries", "/api/v2/query/timeseries", query("timeseries", RUNS), {}),
    ("v1", "get", "/api/v1/dashboard/{dashboard_id}", "/api/v1/dashboard/fin-inv-rec", None, {}),
    ("v1", "get", "/api/v1/monitor/{monitor_id}", "/api/v1/monitor/4200001", None, {"with_downtimes": "true"}),
    ("v1", "get", "/api/v1/monitor", "/api/v1/monitor", None, {}),
    ("v2", "post", "/api/v2/audit/events/search", "/api/v2/audit/events/search", search("*", limit=50), {}),
    ("v2", "get", "/api/v2/audit/events", "/api/v2/audit/events", None, {"filter[from]": "now-7d"}),
    ("v2", "post", "/api/v2/logs/events/search", "/api/v2/logs/events/search", search("*", limit=50), {}),
    ("v2", "post", "/api/v2/logs/events/search", "/api/v2/logs/events/search", search("service:none"), {}),
    ("v1", "get", "/api/v1/logs/config/indexes", "/api/v1/logs/config/indexes", None, {}),
    ("v1", "get", "/api/v1/logs/config/indexes/{name}", "/api/v1/logs/config/indexes/finance-agents", None, {}),
    ("v2", "get", "/api/v2/logs/config/archives", "/api/v2/logs/config/archives", None, {}),
    ("v1", "get", "/api/v1/slo/{slo_id}", SLO, None, {}),
    ("v1", "get", "/api/v1/slo/{slo_id}/history", f"{SLO}/history", None, SPAN),
    ("v1", "get", "/api/v1/slo/{slo_id}/history", f"{SLO}/history", None, SPAN | {"apply_correction": "false"}),
    ("v1", "get", "/api/v1/slo/{slo_id}/history", f"{SLO}/history", None, {"from_ts": 1, "to_ts": 2}),
    ("v1", "get", "/api/v1/slo/{slo_id}/corrections", f"{SLO}/corrections", None, {}),
]


@pytest.mark.parametrize(("version", "method", "route", "path", "body", "query_"), ANSWERS)
def test_each_good_answer_fits_the_vendors_document(dd, version, method, route, path, body, query_):
    document = CONTRACTS / f"openapi.{version}.json"
    if not document.exists():
        pytest.skip(f"the vendor's document is not at {document}")
    from openapi_schema_validator import OAS30ReadValidator

    contract = json.loads(document.read_text(encoding="utf-8"))
    good = contract["paths"][route][method]["responses"]["200"]["content"]["application/json"]["schema"]
    errors = OAS30ReadValidator({"components": contract["components"], **good}).iter_errors(
        dd.good(path, body, **query_)
    )

    assert [error.message for error in errors] == []


def test_a_missing_key_is_401_and_a_wrong_one_403(dd):
    right = dict(dd.keys)

    for header in right:
        dd.keys = {**right, header: "wrong"}
        assert dd("/api/v1/monitor") == (403, {"errors": ["Forbidden"]})
        dd.keys = {k: v for k, v in right.items() if k != header}
        assert dd("/api/v1/monitor") == (401, {"errors": ["Unauthorized"]})


def test_validate_looks_at_the_api_key_alone(dd):
    dd.keys = {"DD-API-KEY": dd.keys["DD-API-KEY"]}
    assert dd("/api/v1/validate") == (200, {"valid": True})

    dd.keys = {"DD-API-KEY": "wrong"}
    assert dd("/api/v1/validate")[0] == 403


@pytest.mark.parametrize(
    "path", ["/api/v1/dashboard/nope", "/api/v1/monitor/7", "/api/v1/logs/config/indexes/nope", "/api/v2/nope"]
)
def test_what_is_not_there_is_404(dd, path):
    status, answer = dd(path)

    assert status == 404
    assert isinstance(answer["errors"][0], str)


@pytest.mark.parametrize("text", ["avg:nothing{*}", "avg:invoice_recon.acceptance{env:nowhere}"])
def test_an_unknown_metric_or_scope_is_an_empty_answer(dd, text):
    columns = dd.good("/api/v2/query/scalar", query("scalar", text))["data"]["attributes"]["columns"]
    series = dd.good("/api/v2/query/timeseries", query("timeseries", text))["data"]["attributes"]

    assert [column["values"] for column in columns] == [[]]
    assert series == {"series": [], "times": [], "values": []}


@pytest.mark.parametrize(
    "body",
    [
        query("scalar", "acceptance"),
        query("timeseries", RUNS),
        query("scalar", RUNS, (PILOT[1], PILOT[0])),
        query("scalar", RUNS, ("2024-01-01T00:00Z", "2024-02-01T00:00Z")),
        {},
    ],
    ids=["unreadable", "wrong type", "backwards", "too old", "empty"],
)
def test_a_bad_query_is_400_with_the_reason(dd, body):
    status, answer = dd("/api/v2/query/scalar", body)

    assert status == 400
    assert answer["errors"][0]


def test_scopes_narrow_and_groups_split(dd):
    def total(scope: str) -> list[float]:
        text = f"sum:invoice_recon.runs.completed{{{scope}}}.as_count()"
        body = query("scalar", text)
        body["data"]["attributes"]["queries"][0]["aggregator"] = "sum"
        (column,) = dd.good("/api/v2/query/scalar", body)["data"]["attributes"]["columns"]
        return column["values"]

    both, production, staging = total("*")[0], total("env:production")[0], total("env:staging")[0]
    assert both == production + staging == total("env IN (production,staging)")[0]

    grouped = dd.good(
        "/api/v2/query/timeseries", query("timeseries", ACCEPTANCE.replace("{env:production}", "{*} by {env}"))
    )
    tags = [series["group_tags"] for series in grouped["data"]["attributes"]["series"]]
    assert tags == [["env:production"], ["env:staging"]]


def test_the_step_coarsens_with_the_window_and_a_finer_one_is_granted_within_reason():
    hour, day = 3600.0, 86400.0

    assert [step_for(seconds, None) for seconds in (hour, day, 7 * day, 30 * day)] == [10, 300, 3600, 14400]
    assert step_for(day, 60) == 60
    assert step_for(30 * day, 10) == 30 * day / 1500
    assert step_for(hour, 1) == 10


def test_windows_are_half_open_and_end_at_the_worlds_clock(dd):
    clock = dd.world.clock
    window = ((clock - timedelta(minutes=30)).isoformat(), (clock + timedelta(days=1)).isoformat())

    times = dd.good("/api/v2/query/timeseries", query("timeseries", RUNS, window))["data"]["attributes"]["times"]

    assert 0 < len(times) < 12
    assert max(times) < clock.timestamp() * 1000


def test_downtimes_are_only_there_for_who_asks_and_pages_cut_the_list(dd):
    assert "matching_downtimes" not in dd.good("/api/v1/monitor/4200001")
    assert dd.good("/api/v1/monitor/4200001", with_downtimes="true")["matching_downtimes"] == []
    assert [m["id"] for m in dd.good("/api/v1/monitor", page=1, page_size=1)] == [4200002]
    assert dd("/api/v1/monitor/4200001", group_states="purple")[0] == 400


def test_pages_point_on_until_a_bare_one(dd):
    """Ten events by default; the cursor goes on even where the page was the last with events."""
    first = dd.good("/api/v2/logs/events/search", search("service:invoice-recon"))
    assert len(first["data"]) == 10

    seen, cursor = 0, None
    while True:
        page = {"limit": 1000} if cursor is None else {"limit": 1000, "cursor": cursor}
        answer = dd.good("/api/v2/logs/events/search", search("service:invoice-recon", **page))
        seen += len(answer["data"])
        if not answer["data"]:
            break
        cursor = answer["meta"]["page"]["after"]

    assert answer == {"data": []}
    assert seen > 3000
    assert dd("/api/v2/logs/events/search", search("*", limit=1001))[0] == 400
    assert dd("/api/v2/logs/events/search", search("*", cursor="nonsense"))[0] == 400


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("@guardrail:input_validation", 1),
        ("@guardrail:*", 3),
        ("@guardrail:* -@outcome:blocked", 2),
        ('@reason:"active content in PDF"', 1),
        ("service:nobody", 0),
    ],
)
def test_terms_of_a_search_must_all_hold(dd, text, count):
    assert len(dd.good("/api/v2/logs/events/search", search(text))["data"]) == count


def test_a_search_that_cannot_be_read_is_400(dd):
    assert dd("/api/v2/logs/events/search", search("((("))[0] == 400
    assert dd("/api/v2/logs/events/search", {"filter": {"from": "yesterday"}})[0] == 400


def test_the_audit_trail_holds_ninety_days_of_looks_by_people_and_keys(dd):
    path = "@http.url_details.path:/api/v1/dashboard/fin-inv-rec"
    body = {"filter": {"query": path, "from": "now-200d", "to": "now"}, "page": {"limit": 1000}, "sort": "timestamp"}

    events = [event["attributes"] for event in dd.good("/api/v2/audit/events/search", body)["data"]]

    oldest = datetime.fromisoformat(events[0]["timestamp"])
    assert timedelta(days=88) < dd.world.clock - oldest <= timedelta(days=90)
    assert {event["attributes"]["auth_method"] for event in events} == {"SESSION", "API + App Key"}
    assert {event["attributes"]["http"]["status_code"] for event in events} == {"200"}


def test_both_worlds_differ_only_where_time_has_moved_on():
    """The second drill is all that the later world has and the earlier one has not."""
    first, second = (made(name)[0].vendor("datadog") for name in ("as-written", "put-right"))
    production = second["runs"][0]
    production["pauses"] = production["pauses"][:1]

    assert production.pop("extra")
    assert first == second
