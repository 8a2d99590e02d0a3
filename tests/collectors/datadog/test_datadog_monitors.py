"""A monitor tells somebody, or it does not."""

from __future__ import annotations

import json

import pytest

from collectors.datadog.facts import MonitorsAsk
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault

ONE = MonitorsAsk(ids=(4200001,))


def monitor(**changes: object):
    def change(data: dict) -> None:
        data["monitors"][0] |= changes

    return change


def test_both_monitors_are_in_order_and_page_finance(either, pointers):
    evidence = either.evidence(MonitorsAsk(ids=(4200001, 4200002)))

    for found in evidence.facts.monitors:
        assert (found.state.value, found.muted.value, found.draft.value) == ("OK", "not muted", "published")
        assert [handle.value for handle in found.tells] == ["@pagerduty-finance-ai", "@slack-finance-ai-alerts"]
        assert found.missing_data.value == "show_and_notify_no_data"
    assert pointers(evidence)
    assert "acme.example" not in evidence.to_bytes().decode()


@pytest.mark.parametrize(
    ("message", "handles"),
    [
        ("Look at it", []),
        ("{{#is_recovery}}@pagerduty-x{{/is_recovery}}", []),
        ("{{#is_alert_recovery}}@pagerduty-x{{/is_alert_recovery}} @slack-y", ["@slack-y"]),
        ("{{#is_recovery}}{{#is_match 'env' 'p'}}@a-b{{/is_match}}@c-d{{/is_recovery}}@slack-y", ["@slack-y"]),
        ("{{#is_recovery}} never closed @pagerduty-x", []),
        ("{{^is_recovery}}@pagerduty-x{{/is_recovery}}", ["@pagerduty-x"]),
        ("{{#is_alert}}@pagerduty-x{{/is_alert}}{{#is_warning}}@slack-y{{/is_warning}}", ["@pagerduty-x", "@slack-y"]),
        ("{{!-- @pagerduty-x --}} {{! @slack-y }}", []),
        ("@slack-{{team.name}} is put together at run time", []),
        ("@pagerduty-x, @pagerduty-x. And @all", ["@pagerduty-x", "@all"]),
        ("write to team@acme.example", []),
    ],
)
def test_only_handles_that_are_told_when_something_is_wrong_count(changed, message, handles):
    facts = changed(monitor(message=message)).evidence(ONE).facts

    assert [handle.value for handle in facts.monitors[0].tells] == handles


def test_a_person_who_is_told_is_counted_without_being_named(changed):
    evidence = changed(monitor(message="Wake @jane.doe@acme.example")).evidence(ONE)

    (handle,) = evidence.facts.monitors[0].tells
    assert handle.value.startswith("@person-")
    assert "jane.doe" not in evidence.to_bytes().decode()


NOON = 1781294400  # 2026-06-12T16:00-04:00, when the world begins


@pytest.mark.parametrize(
    ("changes", "muted"),
    [
        ({"matching_downtimes": [{"id": 1, "start": NOON - 60, "end": None}]}, "muted"),
        ({"matching_downtimes": [{"id": 1, "start": NOON - 60, "end": NOON + 60, "scope": ["env:staging"]}]}, "muted"),
        ({"matching_downtimes": [{"id": 1}]}, "muted"),
        ({"matching_downtimes": [{"id": 1, "start": NOON - 60, "end": NOON - 30}]}, "not muted"),
        ({"matching_downtimes": [{"id": 1, "start": NOON + 60, "end": None}]}, "not muted"),
        ({"options": {"silenced": {"*": None}}}, "muted"),
        ({"options": {"silenced": {"*": NOON - 60}}}, "not muted"),
        ({"options": None}, "not muted"),
    ],
)
def test_a_downtime_in_force_mutes_whatever_it_covers(changed, pointers, changes, muted):
    evidence = changed(monitor(**changes)).evidence(ONE)

    assert evidence.facts.monitors[0].muted.value == muted
    assert pointers(evidence)


def test_a_draft_and_silence_on_missing_data_are_seen(changed):
    lab = changed(monitor(draft_status="draft", overall_state="No Data", options={"on_missing_data": "show_no_data"}))

    (found,) = lab.evidence(ONE).facts.monitors

    assert (found.draft.value, found.state.value, found.missing_data.value) == ("draft", "No Data", "show_no_data")


@pytest.mark.parametrize(
    ("options", "value"),
    [({"notify_no_data": True}, "notify_no_data"), ({"notify_no_data": False}, "default"), ({}, "default")],
)
def test_the_older_switch_for_missing_data_is_understood(changed, options, value):
    assert changed(monitor(options=options)).evidence(ONE).facts.monitors[0].missing_data.value == value


@pytest.mark.parametrize("missing", ["overall_state", "matching_downtimes"])
def test_a_monitor_that_does_not_say_is_malformed(changed, missing):
    assert changed(monitor(**{missing: None})).gap(ONE).reason == GapReason.MALFORMED


def test_the_answer_about_another_monitor_is_malformed(lab):
    lab.break_with(Fault(kind="status", status=200, body=json.dumps({"id": 7, "overall_state": "OK"})))

    assert lab.gap(ONE).reason == GapReason.MALFORMED


def test_one_unknown_monitor_leaves_the_question_unanswered(lab):
    gap = lab.gap(MonitorsAsk(ids=(4200001, 99)))

    assert gap.reason == GapReason.GONE
    assert "monitor 99" in gap.what
