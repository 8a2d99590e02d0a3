"""Every way in which Datadog may fail to answer has its name, and none of them looks like an answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from threading import Event

import pytest
from pydantic import BaseModel

from collectors.connections import DatadogAccess
from collectors.datadog.client import ALLOWED
from collectors.datadog.facts import (
    DashboardAsk,
    DashboardViewsAsk,
    LogArchivesAsk,
    LogIndexAsk,
    LogsAsk,
    MetricAsk,
    MonitorsAsk,
    SloAsk,
    SyntheticsAsk,
)
from collectors.evidence import Evidence, FactBase, GapReason, Number, Person, Time, resolve
from collectors.http import NotAllowed
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.processes import LONGEST

QUESTIONS = {
    "metric": lambda lab: MetricAsk(query="avg:invoice_recon.acceptance{env:production}", window=lab.pilot),
    "dashboard": lambda lab: DashboardAsk(id="fin-inv-rec", recent=lab.recent),
    "monitors": lambda lab: MonitorsAsk(ids=(4200001,)),
    "views": lambda lab: DashboardViewsAsk(id="fin-inv-rec", window=lab.pilot),
    "logs": lambda lab: LogsAsk(query="@guardrail:output_schema", window=lab.pilot),
    "index": lambda lab: LogIndexAsk(index="finance-agents"),
    "archives": lambda lab: LogArchivesAsk(bucket="acme-agent-audit"),
    "slo": lambda lab: SloAsk(id="5a1e0000000040008000000000000001", window=lab.pilot),
    "synthetics": lambda lab: SyntheticsAsk(test="inv-rec-api", window=lab.recent),
}
SCOPES = {
    "metric": "timeseries_query", "dashboard": "dashboards_read", "monitors": "monitors_read",
    "views": "audit_logs_read", "logs": "logs_read_data", "index": "logs_read_config", "archives": "logs_read_archives",
    "slo": "slos_read", "synthetics": "synthetics_read",
}  # fmt: skip
each_question = pytest.mark.parametrize("question", QUESTIONS)
STATUSES = {
    401: GapReason.DENIED, 403: GapReason.DENIED, 404: GapReason.GONE, 429: GapReason.THROTTLED,
    500: GapReason.UNREACHABLE, 400: GapReason.MALFORMED, 302: GapReason.MALFORMED, 204: GapReason.MALFORMED,
}  # fmt: skip


@each_question
@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_a_gap_by_its_name(lab, question, status):
    """Bodies may be empty; a reset far away is not waited for."""
    lab.break_with(Fault(kind="status", status=status, headers={"x-ratelimit-reset": "600"}))

    gap = lab.gap(QUESTIONS[question](lab))

    assert (gap.reason, gap.status) == (STATUSES[status], status)
    assert gap.calls[-1].status == status


@each_question
def test_a_refusal_names_the_permission(lab, question):
    lab.break_with(Fault(kind="status", status=403, body='{"errors": ["Forbidden"]}'))

    gap = lab.gap(QUESTIONS[question](lab))

    assert gap.scope == SCOPES[question]
    assert SCOPES[question] in gap.what


@each_question
@pytest.mark.parametrize("kind", ["refuse", "cut"])
def test_a_lost_connection_is_unreachable(lab, question, kind):
    lab.break_with(Fault(kind=kind))

    assert lab.gap(QUESTIONS[question](lab)).reason == GapReason.UNREACHABLE


@each_question
def test_a_body_cut_short_is_malformed(lab, question):
    lab.break_with(Fault(kind="truncate"))

    assert lab.gap(QUESTIONS[question](lab)).reason == GapReason.MALFORMED


@each_question
def test_an_error_with_status_200_is_malformed(lab, question):
    lab.break_with(Fault(kind="status", status=200, body='{"data": [], "errors": "internal failure"}'))

    gap = lab.gap(QUESTIONS[question](lab))

    assert gap.reason == GapReason.MALFORMED
    assert "internal failure" in gap.what


@each_question
@pytest.mark.parametrize(
    "body", ["", "null", "[]", "{}", "<html>", '"text"', "\xff", "[" * 5000, '{"data": "\\ud800"}']
)
def test_any_other_body_is_malformed(lab, question, body):
    lab.break_with(Fault(kind="status", status=200, body=body))

    assert lab.gap(QUESTIONS[question](lab)).reason == GapReason.MALFORMED


@each_question
def test_a_hang_ends_with_the_time_out_and_is_not_repeated(lab, question):
    ask, hang = QUESTIONS[question](lab), Fault(kind="hang", seconds=2 * LONGEST)
    REQUESTS[ask.type].collector()  # so that none of the time is that of loading the vendor's client
    lab.break_with(hang)
    began = time.monotonic()

    gap = lab.gap(ask, timeout=long_enough(hang))

    assert gap.reason == GapReason.UNREACHABLE
    assert "did not answer in time" in gap.what
    assert time.monotonic() - began < 30  # sooner than any client gives up by itself
    assert [call.status for call in gap.calls] == [0]
    while not lab.proxy.seen and time.monotonic() - began < LONGEST:  # given up, it may still be on its way there
        Event().wait(0.01)
    assert len(lab.proxy.seen) == 1


@pytest.mark.parametrize("body", ["[" * 5000, '{"errors": ["\\ud800"]}', '{"errors": {"a": 1}}', '{"errors": [null]}'])
def test_a_refusal_stands_whatever_comes_with_it(lab, body):
    lab.break_with(Fault(kind="status", status=403, body=body))

    gap = lab.gap(QUESTIONS["index"](lab))

    assert gap.reason == GapReason.DENIED
    assert gap.to_bytes()


def test_nobody_listening_is_unreachable(lab):
    access = replace(lab.conn.datadog, base_url="http://127.0.0.1:9")

    gap = lab.gap(QUESTIONS["index"](lab), datadog=access)

    assert gap.reason == GapReason.UNREACHABLE
    assert [call.status for call in gap.calls] == [0, 0, 0]


@pytest.mark.parametrize("fault", [{"status": 429, "headers": {"x-ratelimit-reset": "0"}}, {"status": 503}])
def test_what_may_pass_is_tried_again_and_each_attempt_is_recorded(lab, fault):
    lab.break_with(Fault(kind="status", times=2, **fault))

    evidence = lab.evidence(QUESTIONS["index"](lab))

    assert [call.status for call in evidence.calls] == [fault["status"], fault["status"], 200, 200]


def test_a_limit_that_resets_too_late_is_told(lab):
    lab.break_with(Fault(kind="status", status=429, headers={"x-ratelimit-reset": "37"}))

    gap = lab.gap(QUESTIONS["index"](lab))

    assert "resets in 37 s" in gap.what
    assert len(gap.calls) == 1


@pytest.mark.parametrize("key", ["api_key", "app_key"])
def test_a_wrong_key_is_denied_and_never_shown(lab, key):
    gap = lab.gap(QUESTIONS["index"](lab), datadog=replace(lab.conn.datadog, **{key: "wrong-and-secret"}))

    assert (gap.reason, gap.status) == (GapReason.DENIED, 403)
    assert "secret" not in gap.to_bytes().decode()


def test_what_the_vendor_says_is_capped_and_holds_no_key(lab):
    said = f"key {lab.world.credentials.datadog_api_key} " + "x" * 500
    lab.break_with(Fault(kind="status", status=403, body=f'{{"errors": [{{"title": "no", "detail": "{said}"}}]}}'))

    gap = lab.gap(QUESTIONS["index"](lab))

    assert lab.world.credentials.datadog_api_key not in gap.what
    assert len(gap.what) < 300


@each_question
@pytest.mark.parametrize("missing", ["everything", "api_key", "app_key"])
def test_missing_keys_are_not_configured_and_nothing_is_asked(lab, question, missing):
    access = None if missing == "everything" else replace(lab.conn.datadog, **{missing: ""})

    gap = lab.gap(QUESTIONS[question](lab), datadog=access)

    assert gap.reason == GapReason.NOT_CONFIGURED
    assert "DD_API_KEY and DD_APP_KEY" in gap.what
    assert lab.proxy.seen == []


def test_stray_variables_redirect_nothing_and_replace_no_key(lab, monkeypatch):
    for name, value in {"DD_SITE": "example.invalid", "DD_API_KEY": "stray", "DD_APP_KEY": "stray"}.items():
        monkeypatch.setenv(name, value)

    evidence = lab.evidence(QUESTIONS["index"](lab))

    assert evidence.source.base_url == lab.url
    assert lab.proxy.seen[0].headers["dd-api-key"] == lab.world.credentials.datadog_api_key
    assert lab.proxy.seen[0].headers["dd-application-key"] == lab.world.credentials.datadog_app_key


def test_a_redirect_is_not_followed_with_our_keys(lab):
    lab.break_with(Fault(kind="status", status=307, headers={"location": f"{lab.url}/elsewhere"}))

    lab.gap(QUESTIONS["index"](lab))

    assert {asked.path for asked in lab.proxy.seen} == {"/api/v1/logs/config/indexes"}


@each_question
def test_every_call_that_went_out_is_on_the_allow_list_and_on_record(lab, question):
    evidence = lab.evidence(QUESTIONS[question](lab))

    assert all(any(rule.matches(a.method, a.path) for rule in ALLOWED) for a in lab.proxy.seen)
    assert [(call.method, call.path) for call in evidence.calls] == [(a.method, a.path) for a in lab.proxy.seen]
    assert all(re.fullmatch(r"[0-9a-f]{64}", call.body_sha256) for call in evidence.calls)


@pytest.mark.parametrize(
    "ask", [DashboardAsk.model_construct(id=".."), LogIndexAsk(index=".."), LogIndexAsk(index="a/b?c")]
)
def test_a_name_that_would_lead_elsewhere_never_leaves(lab, ask):
    """An escaped slash stays within its part of the path; dots alone would climb out of it."""
    ask = DashboardAsk(id="..", recent=lab.recent) if isinstance(ask, DashboardAsk) else ask
    try:
        lab.gap(ask)
    except NotAllowed:
        assert lab.proxy.seen == [] or ask.type == LogIndexAsk.type
    lists = {"/api/v1/logs/config/indexes", "/api/v1/logs/config/index-order"}
    assert {asked.path for asked in lab.proxy.seen} - lists <= {"/api/v1/logs/config/indexes/a%2Fb%3Fc"}


def test_one_question_that_fails_leaves_the_others_alone(lab):
    gone, found = lab.ask(LogIndexAsk(index="nowhere"), LogIndexAsk(index="finance-agents"))

    assert gone.reason == GapReason.GONE
    assert isinstance(found, Evidence)


def test_the_source_names_host_and_credential_but_not_the_keys(lab):
    evidence = lab.evidence(QUESTIONS["index"](lab))

    assert (evidence.source.vendor, evidence.source.base_url, evidence.source.sandbox) == ("datadog", lab.url, True)
    assert evidence.source.credential
    assert lab.world.credentials.datadog_app_key not in evidence.to_bytes().decode()
    assert "sandbox-datadog" not in repr(DatadogAccess("sandbox-datadog-api", "sandbox-datadog-app"))


def facts_of(value: object) -> Iterator[FactBase]:
    if isinstance(value, FactBase):
        yield value
    elif isinstance(value, BaseModel):
        yield from (fact for name in type(value).model_fields for fact in facts_of(getattr(value, name)))
    elif isinstance(value, tuple):
        yield from (fact for one in value for fact in facts_of(one))


def says(body: object, fact: object) -> bool:
    """Does this place in the body say what the fact says?"""
    if isinstance(fact, Number):
        return body == fact.value or (body == [] and fact.value == 0)
    if isinstance(fact, Time):
        parsed = datetime.fromisoformat(body).timestamp() if isinstance(body, str) else float(str(body))
        return fact.value.timestamp() in (parsed, parsed / 1000)
    if isinstance(fact, Person):
        return body == fact.id
    return body == fact.value or (isinstance(body, str) and str(fact.value) in body)


@each_question
def test_every_fact_points_at_the_place_that_says_it(either, question):
    """But for two states that a list's being empty means, which points to the list."""
    evidence = either.evidence(QUESTIONS[question](either))

    pointed = [fact for fact in facts_of(evidence.facts) if fact.origin == "evidence"]
    wrong = [fact for fact in pointed if not says(resolve(evidence.body, fact.pointer), fact)]

    assert len(pointed) >= 1
    assert {getattr(fact, "value", None) for fact in wrong} <= {"not muted", "not limited", "data", "passed"}


STREAMS = {"logs": "/api/v2/logs/events/search", "views": "/api/v2/audit/events/search"}


@pytest.mark.parametrize("question", STREAMS)
@pytest.mark.parametrize("status", [429, 500])
def test_a_later_page_that_fails_is_never_a_shorter_list(lab, question, status):
    """The first page stands, and is not judged without the rest."""
    page = json.dumps({
        "data": [{"id": "1", "attributes": {"timestamp": "2026-05-13T04:00:00Z", "attributes": {}}}],
        "meta": {"page": {"after": "next"}},
    })  # fmt: skip
    lab.break_with(
        Fault(kind="status", status=200, path=STREAMS[question], body=page, times=2 if question == "views" else 1),
        Fault(kind="status", status=status, path=STREAMS[question], headers={"x-ratelimit-reset": "600"}),
    )

    gap = lab.gap(QUESTIONS[question](lab))

    assert gap.reason == (GapReason.THROTTLED if status == 429 else GapReason.UNREACHABLE)
