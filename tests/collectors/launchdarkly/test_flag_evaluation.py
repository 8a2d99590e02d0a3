"""launchdarkly.flag_evaluation: what the SDK serves, and that a default of ours is never taken for it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from collectors.evidence import Evidence, Gap, GapReason, resolve
from collectors.launchdarkly.evaluation import flag_evaluation
from collectors.launchdarkly.facts import FlagEvaluationFacts
from collectors.launchdarkly.flag import flag
from collectors.launchdarkly.sdk import SdkAccess, evaluator
from collectors.sandbox.faults import Fault
from tests.collectors.failures import EMPTY, FAILURES, LONG, long_enough

POLL, STREAM = "/sdk/latest-all", "/all"
pytestmark = pytest.mark.usefixtures("no_leaks")


def evidence_of(answer: object) -> Evidence:
    assert isinstance(answer, Evidence), answer
    return answer


def facts_of(answer: object) -> FlagEvaluationFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, FlagEvaluationFacts)
    return facts


def gap_of(answer: object) -> Gap:
    assert isinstance(answer, Gap), answer
    return answer


def changed(**values: Any):
    """An edit of the flag as SDKs are given it; ... removes the field."""

    def edit(body: Any) -> Any:
        held = body["flags"]["finance-invoice-recon-enabled"]
        for name, value in values.items():
            held.pop(name, None)
            if value is not ...:
                held[name] = value
        return body

    return {POLL: edit}


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_in_both_worlds_the_sdk_agrees_with_the_rest_api(place, the_flag, the_evaluation, world):
    here = place(world)
    served = facts_of(*flag_evaluation(here.conn, [the_evaluation]))
    assert (served.value.value, served.reason.value, served.on.value) == ("true", "FALLTHROUGH", "on")
    stored = evidence_of(*flag(here.conn, [the_flag])).facts
    assert served.value.value == stored.on_value.value  # type: ignore[attr-defined]


def test_a_flag_that_is_off_serves_its_off_value(place, the_evaluation):
    here = place(events=[{"at": "2026-06-12T10:00-04:00", "turned": "off"}])
    facts = facts_of(*flag_evaluation(here.conn, [the_evaluation]))
    assert (facts.value.value, facts.reason.value, facts.on.value) == ("false", "OFF", "off")


def test_every_fact_points_into_the_body(place, the_evaluation):
    answer = evidence_of(*flag_evaluation(place().conn, [the_evaluation]))
    facts = facts_of(answer)
    for fact, held in ((facts.value, True), (facts.on, True), (facts.reason, "FALLTHROUGH")):
        assert resolve(answer.body, fact.pointer) == held
    assert resolve(answer.body, facts.flag.pointer) == facts.flag.value


def test_the_sdk_asks_one_address_once_a_batch_and_sends_no_event(place, the_evaluation):
    here = place()
    asks = [the_evaluation, the_evaluation.model_copy(update={"flag": "finance-invoice-recon-enabled-shadow"})]
    assert len([facts_of(answer) for answer in flag_evaluation(here.conn, asks)]) == 2
    assert [(asked.method, asked.path) for asked in here.faults.seen] == [("GET", POLL)]


def test_where_flags_are_not_served_in_one_piece_the_start_of_the_stream_is_read(place, the_evaluation):
    here = place()
    here.faults.set(Fault(kind="status", status=404, path=POLL))
    answer = evidence_of(*flag_evaluation(here.conn, [the_evaluation]))
    assert facts_of(answer).value.value == "true"
    assert [(asked.method, asked.path) for asked in here.faults.seen] == [("GET", POLL), ("GET", STREAM)]
    assert [(call.path, call.status) for call in answer.calls] == [(POLL, 404), (STREAM, 200)]


def test_what_was_fetched_waits_for_no_thread_of_the_sdks(place, the_evaluation):
    """One that a busy machine starts too late would make a malformed answer of a whole one."""
    here = place()
    (where, key), before = next(iter(here.access.sdk_keys.items())), set(threading.enumerate())
    with evaluator(SdkAccess(where, key, here.access.sdk_url, LONG), here.conn.log("launchdarkly")) as ready:
        assert ready.detail(the_evaluation.flag).value is True
        new = {thread.name for thread in set(threading.enumerate()) - before}
    assert not {name for name in new if name.startswith("ldclient")}


@pytest.mark.parametrize(("fault", "reason"), [*FAILURES, EMPTY])
def test_each_failure_has_its_name_and_is_everyones(place, the_evaluation, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    answers = flag_evaluation(here.conn, [the_evaluation, the_evaluation])
    assert [gap_of(answer).reason for answer in answers] == [reason, reason]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(kind="status", status=401, path=STREAM), GapReason.DENIED),
        (Fault(kind="status", status=503, path=STREAM), GapReason.UNREACHABLE),
        (Fault(kind="refuse", path=STREAM), GapReason.UNREACHABLE),
        (Fault(kind="hang", path=STREAM), GapReason.UNREACHABLE),
    ],
)
def test_a_stream_that_does_not_begin_evaluates_nothing(place, the_evaluation, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(Fault(kind="status", status=404, path=POLL), fault)
    assert gap_of(*flag_evaluation(here.conn, [the_evaluation])).reason == reason


def test_a_stream_that_ends_early_or_sends_no_json_evaluates_nothing(place, the_evaluation):
    for body, reason in (
        ("event: put\ndata: {}", GapReason.UNREACHABLE),
        (":\n\nevent: patch\ndata: {}\n\n", GapReason.UNREACHABLE),
        ("event: put\ndata: {\n\n", GapReason.MALFORMED),
        ("event: put\ndata: {}\n\n", GapReason.MALFORMED),
    ):
        here = place()
        here.faults.set(
            Fault(kind="status", status=404, path=POLL), Fault(kind="status", status=200, body=body, path=STREAM)
        )
        assert gap_of(*flag_evaluation(here.conn, [the_evaluation])).reason == reason


def test_heartbeats_do_not_keep_a_reader_waiting_for_flags_that_never_come(place, the_evaluation):
    here = place(timeout=0.4, edits={STREAM: lambda stream: (b":\n\n" for _ in iter(int, 1))})
    here.faults.set(Fault(kind="status", status=404, path=POLL))
    gap = gap_of(*flag_evaluation(here.conn, [the_evaluation]))
    assert gap.reason == GapReason.UNREACHABLE
    assert "in time" in gap.what


def test_nobody_listening_is_unreachable(place, the_evaluation):
    gap = gap_of(*flag_evaluation(place().as_(sdk_url="http://127.0.0.1:9"), [the_evaluation]))
    assert gap.reason == GapReason.UNREACHABLE


def test_a_wrong_key_or_a_rest_token_is_denied(place, the_evaluation):
    here = place()
    for key in ("sandbox-sdk-another", here.access.token, "ключ"):
        gap = gap_of(*flag_evaluation(here.as_(sdk_keys={"agents/production": key}), [the_evaluation]))
        assert gap.reason == GapReason.DENIED
        assert key not in gap.to_bytes().decode()


def test_an_unknown_flag_is_gone_and_leaves_the_others_alone(place, the_evaluation):
    unknown = the_evaluation.model_copy(update={"flag": "finance-invoice-recon"})
    first, second = flag_evaluation(place().conn, [unknown, the_evaluation])
    assert gap_of(first).reason == GapReason.GONE
    assert facts_of(second).on.value == "on"


@pytest.mark.parametrize(
    ("field", "value"),
    [("on", None), ("on", ...), ("on", "true"), ("version", None), ("fallthrough", None), ("fallthrough", {}),
     ("fallthrough", {"variation": 9}), ("variations", None), ("key", ...), ("rules", "none"),
     ("rules", [{"id": "r", "variation": 0, "clauses": [{"attribute": "a", "op": "before", "values": [10**400]}]}])],
)  # fmt: skip
def test_a_flag_that_cannot_be_evaluated_is_malformed_and_never_a_default(place, the_evaluation, field, value):
    here = place(edits=changed(**{field: value}))
    assert gap_of(*flag_evaluation(here.conn, [the_evaluation])).reason == GapReason.MALFORMED


def test_off_without_an_off_variation_serves_nothing_that_could_be_reported(place, the_evaluation):
    gap = gap_of(*flag_evaluation(place(edits=changed(on=False, offVariation=None)).conn, [the_evaluation]))
    assert gap.reason == GapReason.MALFORMED
    assert "off variation" in gap.next_step


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"rules": [{"id": "r", "variation": 1, "clauses": []}]}, "RULE_MATCH"),
        ({"prerequisites": [{"key": "nowhere", "variation": 0}]}, "PREREQUISITE_FAILED"),
        ({"fallthrough": {"variation": 1}}, "FALLTHROUGH"),
    ],
)
def test_a_rule_or_a_prerequisite_that_stops_everyone_is_told_by_its_reason(place, the_evaluation, values, reason):
    """The flag is on, and what it serves is what stops: the settings do not fit it, so the rule is unknown."""
    facts = facts_of(*flag_evaluation(place(edits=changed(**values)).conn, [the_evaluation]))
    assert (facts.on.value, facts.value.value, facts.reason.value) == ("on", "false", reason)


def test_a_deleted_flag_is_gone(place, the_evaluation):
    gap = gap_of(*flag_evaluation(place(edits=changed(deleted=True)).conn, [the_evaluation]))
    assert gap.reason == GapReason.GONE


def test_an_environment_without_a_key_is_not_configured_and_the_setting_is_named(place, the_evaluation):
    staging = the_evaluation.model_copy(update={"environment": "staging"})
    here = place()
    first, second = flag_evaluation(here.conn, [staging, the_evaluation])
    assert gap_of(first).reason == GapReason.NOT_CONFIGURED
    assert '"agents/staging"' in gap_of(first).next_step
    assert "LAUNCHDARKLY_SDK_KEY" in gap_of(first).next_step
    assert facts_of(second).on.value == "on"


def test_without_any_access_nothing_is_asked(place, the_evaluation):
    here = place()
    gap = gap_of(*flag_evaluation(replace(here.conn, launchdarkly=None), [the_evaluation]))
    assert gap.reason == GapReason.NOT_CONFIGURED


def test_a_rest_address_of_ones_own_never_leads_the_sdk_to_the_vendor(place, the_evaluation):
    here = place()
    gap = gap_of(*flag_evaluation(here.as_(sdk_url=None), [the_evaluation]))
    assert gap.reason == GapReason.NOT_CONFIGURED
    assert "CLEARANCE_LAUNCHDARKLY_SDK_URL" in gap.next_step
    assert here.faults.seen == []


@pytest.mark.parametrize("flags", [None, [], {"x": None}, {"x": {"key": "x"}}, {"x": {"key": "y", "version": 1}}])
def test_flags_that_cannot_be_read_are_not_an_empty_set_of_flags(place, the_evaluation, flags):
    here = place(edits={POLL: lambda body: body | {"flags": flags}})
    assert gap_of(*flag_evaluation(here.conn, [the_evaluation])).reason == GapReason.MALFORMED


def test_the_key_and_contexts_never_reach_the_evidence(place, the_evaluation):
    here = place(edits=changed(targets=[{"values": ["jane@acme.example"], "variation": 0}], salt="s4lt"))
    kept = evidence_of(*flag_evaluation(here.conn, [the_evaluation])).to_bytes().decode()
    for secret in (*here.access.sdk_keys.values(), here.access.token, "acme.example", "s4lt"):
        assert secret not in kept


def test_the_sdk_is_silent_on_the_terminal(place, the_evaluation, capfd):
    here = place()
    here.faults.set(Fault(kind="status", status=404, path=POLL), Fault(kind="status", status=401, path=STREAM))
    flag_evaluation(here.conn, [the_evaluation])
    assert capfd.readouterr() == ("", "")
