"""A monitor tells somebody, or it does not."""

from __future__ import annotations

import json
from time import process_time

import pytest

from collectors.datadog.facts import MonitorsAsk
from collectors.datadog.recipients import YES, handles, shown
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
        assert [(one.kind.value, one.target.value, one.when.value) for one in found.tells] == [
            ("pagerduty", "finance-ai", "alert"), ("slack", "finance-ai-alerts", "alert"),
        ]  # fmt: skip
        assert found.missing_data.value == "show_and_notify_no_data"
        assert "told" in {told.silence.value for told in found.tells}
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

    assert [one.handle.value for one in facts.monitors[0].tells] == handles


def test_a_person_who_is_told_is_counted_without_being_named(changed):
    evidence = changed(monitor(message="Wake @jane.doe@acme.example")).evidence(ONE)

    (told,) = evidence.facts.monitors[0].tells
    assert told.handle.value.startswith("@person-")
    assert told.kind.value == "person"
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
    other = json.dumps({"id": 7, "overall_state": "OK"})
    lab.break_with(Fault(kind="status", status=200, path="/api/v1/monitor/4200001", body=other))

    assert lab.gap(ONE).reason == GapReason.MALFORMED


def test_one_unknown_monitor_leaves_the_question_unanswered(lab):
    gap = lab.gap(MonitorsAsk(ids=(4200001, 99)))

    assert gap.reason == GapReason.GONE
    assert "monitor 99" in gap.what


@pytest.mark.parametrize(
    ("message", "when"),
    [
        ("@slack-y", "alert"),
        ("{{#is_alert}}@slack-y{{/is_alert}}", "alert"),
        ("{{^is_recovery}}@slack-y{{/is_recovery}}", "alert"),
        ("{{^is_warning}}@slack-y{{/is_warning}}", "alert"),
        ("{{#is_recovery}}fine{{else}}@slack-y{{/is_recovery}}", "alert"),
        ("{{#is_warning}}@slack-y{{/is_warning}}", "condition"),
        ('{{#is_match "env.name" "{dev}"}}@slack-y{{/is_match}}', "condition"),
        ('{{#is_recovery}}{{#is_match "env.name" "{"}}late{{/is_match}} @slack-y{{/is_recovery}} @slack-y', "alert"),
        ("{{#is_warning}}late{{/is_recovery}} @slack-y{{/is_warning}}", "condition"),
        ("{{/is_warning}} @slack-y", "condition"),
        ("{{#is_no_data}}@slack-y{{/is_no_data}}", "condition"),
        ("{{^is_alert}}@slack-y{{/is_alert}}", "condition"),
        ("{{#is_alert}}x{{else}}@slack-y{{/is_alert}}", "condition"),
        ("{{#is_match 'env' 'p'}}@slack-y{{/is_match}}", "condition"),
        ("{{#is_alert}}{{#is_match 'env' 'p'}}@slack-y{{/is_match}}{{/is_alert}}", "condition"),
        ("{{#is_warning}}@slack-y{{/is_warning}} @slack-y", "alert"),
    ],
)
def test_the_text_that_is_shown_follows_the_state(changed, message, when):
    """Only what stands there whenever the monitor alerts is sure to be told."""
    (told,) = changed(monitor(message=message)).evidence(ONE).facts.monitors[0].tells

    assert (told.handle.value, told.when.value) == ("@slack-y", when)


@pytest.mark.parametrize(
    ("message", "silence"),
    [
        ("@slack-y", "told"),
        ("{{^is_recovery}}@slack-y{{/is_recovery}}", "told"),
        ("{{^is_alert}}@slack-y{{/is_alert}}", "told"),
        ("{{#is_alert}}@slack-y{{/is_alert}}{{#is_no_data}}@slack-y{{/is_no_data}}", "told"),
        ("{{#is_alert}}x{{else}}@slack-y{{/is_alert}}", "told"),
        ("{{#is_alert}}@slack-y{{/is_alert}}", "not told"),
        ("{{^is_no_data}}@slack-y{{/is_no_data}}", "not told"),
        ("{{#is_no_data}}x{{else}}@slack-y{{/is_no_data}}", "not told"),
        ("{{#is_match 'env' 'p'}}@slack-y{{/is_match}}", "not told"),
    ],
)
def test_whether_a_handle_is_told_of_missing_data_follows_the_text_for_it(changed, message, silence):
    """A handle that stands in the text for an alert alone hears nothing when data stop coming."""
    (told,) = changed(monitor(message=message)).evidence(ONE).facts.monitors[0].tells

    assert (told.handle.value, told.silence.value) == ("@slack-y", silence)


@pytest.mark.parametrize("text", ["{{" + " " * 50_000, "{{!--" * 20_000, "{{#a " * 20_000, "{{{" * 30_000])
def test_a_message_that_never_closes_is_read_in_a_moment(text):
    began = process_time()
    assert handles(shown(text, YES)) == []
    assert process_time() - began < 2


def test_an_escalation_message_tells_only_where_the_monitor_notifies_again(changed, pointers):
    options = {"escalation_message": "Still wrong @pagerduty-x", "renotify_interval": 30}
    evidence = changed(monitor(message="Look", options=options)).evidence(ONE)

    assert [(t.handle.value, t.when.value) for t in evidence.facts.monitors[0].tells] == [
        ("@pagerduty-x", "escalation")
    ]
    assert "/monitors/0/options/escalation_message" in pointers(evidence)
    for never in (None, 0):
        lab = changed(monitor(message="Look", options=options | {"renotify_interval": never}))
        assert lab.evidence(ONE).facts.monitors[0].tells == ()


def ruled(*rules: dict, **changes: object):
    """A monitor without handles, of service:invoice-recon, and these notification rules."""

    def change(data: dict) -> None:
        data["monitors"][0] |= {"message": "Look at it", **changes}
        data["notification_rules"] = [
            {"id": f"r{i}", "type": "monitor-notification-rule", "attributes": {"name": "n", **rule}}
            for i, rule in enumerate(rules)
        ]

    return change


OURS = {"tags": ["service:invoice-recon"]}
BY_STATE = {
    "conditions": [
        {"scope": "transition_type:is_alert", "recipients": ["pagerduty-a"]},
        {"scope": "transition_type:is_warning", "recipients": ["slack-w"]},
        {"scope": "transition_type:is_recovery", "recipients": ["slack-r"]},
        {"scope": "env:production", "recipients": ["slack-e"]},
        {"scope": "env:production OR team:x", "recipients": ["slack-o"]},
    ],
    "fallback_recipients": ["slack-f"],
}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"filter": OURS, "recipients": ["slack-x", "jane@acme.example"]}, {"slack": "alert", "person": "alert"}),
        ({"filter": {"scope": "service:invoice-recon AND env:production"}, "recipients": ["slack-x"]},
         {"slack": "alert"}),
        ({"filter": {"tags": ["service:other"]}, "recipients": ["slack-x"]}, {}),
        ({"filter": {"tags": ["service:invoice-recon", "team:x"]}, "recipients": ["slack-x"]}, {}),
        ({"filter": {"tags": ["env:staging"]}, "recipients": ["slack-x"]}, {"slack": "condition"}),
        ({"filter": {"scope": "service:(invoice-recon OR b)"}, "recipients": ["slack-x"]}, {"slack": "condition"}),
        ({"filter": {"tags": ["service:*"]}, "recipients": ["slack-x"]}, {"slack": "condition"}),
        ({"filter": None, "recipients": ["slack-x"]}, {"slack": "condition"}),
        ({"filter": OURS, "recipients": None}, {}),
        ({"filter": OURS, "recipients": ["pagerduty", "all", "jira-x", "nobody"]},
         {"pagerduty": "alert", "everybody": "alert", "ticket": "alert", "other": "alert"}),
    ],
)  # fmt: skip
def test_a_notification_rule_tells_too_where_its_tags_are_the_monitors(changed, pointers, rule, told):
    """`env` stands in the monitor's query, so a group of it may carry the tag; what cannot be read is a perhaps."""
    evidence = changed(ruled(rule)).evidence(ONE)

    assert {one.kind.value: one.when.value for one in evidence.facts.monitors[0].tells} == told
    assert pointers(evidence)
    assert "jane" not in evidence.to_bytes().decode()


def test_a_rules_conditions_say_in_which_state_somebody_is_told(changed, pointers):
    evidence = changed(ruled({"filter": OURS, "conditional_recipients": BY_STATE})).evidence(ONE)

    told = {one.handle.value: one.when.value for one in evidence.facts.monitors[0].tells}
    assert told == {
        "@pagerduty-a": "alert", "@slack-e": "alert", "@slack-w": "condition", "@slack-o": "condition",
        "@slack-f": "condition",
    }  # fmt: skip
    assert "/rules/0/attributes/conditional_recipients/conditions/0/recipients/0" in pointers(evidence)


def test_a_rule_for_every_state_tells_of_missing_data_and_one_with_conditions_may_not(changed):
    rules = ({"filter": OURS, "recipients": ["slack-a"]}, {"filter": OURS, "conditional_recipients": BY_STATE})
    told = changed(ruled(*rules)).evidence(ONE).facts.monitors[0].tells

    assert {one.handle.value for one in told if one.silence.value == "told"} == {"@slack-a"}
    assert len(told) == 6


def test_rules_of_others_are_read_and_not_kept(lab):
    evidence = lab.evidence(ONE)

    assert evidence.body["rules"] == []
    assert evidence.completeness.note == "1 notification rules read"


RULES = "/api/v2/monitor/notification_rule"


def test_rules_that_may_not_be_read_leave_the_question_unanswered(lab):
    """Who is told would otherwise depend on what the key may see."""
    lab.break_with(Fault(kind="status", status=403, path=RULES))

    gap = lab.gap(ONE)

    assert (gap.reason, gap.scope) == (GapReason.DENIED, "monitors_read")


def endless(first: int) -> str:
    return json.dumps({"data": [{"id": f"r{first + i}", "attributes": {}} for i in range(1000)]})


def test_rules_are_read_to_the_last_page(lab):
    lab.break_with(Fault(kind="status", status=200, path=RULES, body=endless(0), times=1))

    evidence = lab.evidence(ONE)

    assert [call.path for call in evidence.calls] == [RULES, RULES, "/api/v1/monitor/4200001"]


def test_a_list_of_rules_that_repeats_itself_ends(lab):
    lab.break_with(Fault(kind="status", status=200, path=RULES, body=endless(0)))

    assert [call.path for call in lab.evidence(ONE).calls].count(RULES) == 2


def test_a_list_of_rules_without_end_is_truncated(lab):
    lab.break_with(*(Fault(kind="status", status=200, path=RULES, body=endless(1000 * i), times=1) for i in range(10)))

    assert lab.gap(ONE).reason == GapReason.TRUNCATED


def crowd(count: int):
    def change(data: dict) -> None:
        one = data["monitors"][0]
        data["monitors"] += [{**one, "id": 5000 + i, "name": f"m{i}"} for i in range(count)]

    return change


def test_many_monitors_are_read_from_the_list(changed):
    """Each question gets its own, and one that is not on the list is asked for alone and is gone."""
    lab = changed(crowd(30))

    *found, gone = lab.ask(*(MonitorsAsk(ids=(5000 + i,)) for i in range(30)), MonitorsAsk(ids=(99,)))

    assert [answer.facts.monitors[0].monitor.value for answer in found] == [f"m{i}" for i in range(30)]
    assert [len(answer.body["monitors"]) for answer in found] == [1] * 30
    assert gone.reason == GapReason.GONE
    assert [call.path for call in lab.calls] == [RULES, "/api/v1/monitor", "/api/v1/monitor/99"]


def test_a_monitor_is_the_same_from_the_list_and_alone(changed):
    lab = changed(crowd(30))

    listed = lab.ask(*(MonitorsAsk(ids=(5000 + i,)) for i in range(30)))[4]

    assert listed.facts == lab.evidence(MonitorsAsk(ids=(5004,))).facts
