"""Item 2: dashboards, monitors, and those who look."""

from __future__ import annotations

import pytest

from agent.probes.monitoring import dashboard_shows_data, monitors_tell_someone, named_people_watch
from collectors.datadog.facts import (
    DashboardFacts,
    DashboardViewsFacts,
    Monitor,
    MonitorsFacts,
    Recipient,
    View,
    Widget,
)
from collectors.statements import Watcher, WatchFacts
from tests.builders import (
    LENA,
    MIKE,
    MORTEZA,
    PEOPLE,
    person,
    recipient,
    resource,
    state,
    statement,
    time,
    told,
    viewer,
)


def dashboard(**widgets: str) -> DashboardFacts:
    found = tuple(
        Widget(
            title=resource(title),
            state=state(told.split()[0]),
            last_point=time("2026-06-12T15:50") if "@" in told else None,
        )
        for title, told in widgets.items()
    )
    return DashboardFacts(dashboard=resource("finance-invoice-recon"), widgets=found)


def test_a_dashboard_whose_widgets_all_have_data_passes():
    """The oldest of the latest points is named."""
    assert told(dashboard_shows_data(dashboard(Cost="data @", Latency="data @"))) == (
        "pass: 2 widgets of finance-invoice-recon show data, none of it last seen before 12 June 2026, 15:50 EDT."
    )


def test_an_empty_widget_fails_by_name():
    """Even where another could not be asked."""
    found = dashboard_shows_data(dashboard(Cost="empty", Latency="data @", Logs="unasked"))
    assert told(found) == "fail: finance-invoice-recon shows no data in Cost."


def test_a_dashboard_without_widgets_fails():
    """Nothing is shown on it."""
    assert told(dashboard_shows_data(dashboard())) == "fail: finance-invoice-recon has no widget that shows data."


def test_a_widget_that_was_not_asked_is_unknown():
    """So is one that is said to have data and shows no point."""
    assert told(dashboard_shows_data(dashboard(Logs="not asked", Cost="data", Latency="data @"))) == (
        "unknown: Whether finance-invoice-recon shows data in Logs and Cost could not be asked."
    )


def monitor(
    name: str = "Latency", *, status: str = "OK", muted: str = "not muted", draft: str = "published",
    tells: tuple[str | Recipient, ...] = ("@pagerduty-finance-ai",), missing: str = "show_and_notify_no_data",
) -> Monitor:  # fmt: skip
    return Monitor(
        monitor=resource(name), state=state(status), muted=state(muted), draft=state(draft),
        missing_data=state(missing), tells=tuple(recipient(one) if isinstance(one, str) else one for one in tells),
    )  # fmt: skip


def monitors(*found: Monitor) -> str:
    return told(monitors_tell_someone(MonitorsFacts(monitors=found)))


def test_monitors_that_tell_someone_pass():
    """Each recipient is named once."""
    assert monitors(monitor(), monitor("Errors", status="Alert")) == (
        "pass: 2 monitors on the card, none muted and none a draft, reporting to @pagerduty-finance-ai."
    )


IN_ORDER = "monitors on the card, none muted and none a draft, reporting to @pagerduty-finance-ai"


@pytest.mark.parametrize("missing", ["show_no_data", "resolve", "default", "something new"])
def test_monitors_that_all_keep_silent_when_their_data_stop_warn(missing: str):
    """They tell of what they measure; that nothing is measured any more nobody would hear."""
    assert monitors(monitor("A", missing=missing), monitor("B", missing="resolve")) == (
        f"warn: 2 {IN_ORDER}; A and B would tell nobody that data stop coming, the setting being {missing}."
    )


@pytest.mark.parametrize("told_then", ["not told", None])
def test_a_notification_of_missing_data_that_nobody_gets_is_none(told_then: str | None):
    """Its handles stand in the text for an alert alone; or a webhook is all that is told."""
    nobody = monitor("A", tells=(recipient("@pagerduty-finance-ai", silence=told_then),))
    machine = monitor(
        "B", tells=(recipient("@pagerduty-finance-ai", silence="not told"), recipient("@webhook-x", kind="webhook"))
    )

    assert monitors(nobody, machine).startswith(f"warn: 2 {IN_ORDER}; A and B would tell nobody")


def test_a_monitor_that_keeps_silent_beside_one_that_does_not_is_a_remark():
    """No errors are no data: silence is right for some, as long as it is not everybody's."""
    found = monitors_tell_someone(
        MonitorsFacts(monitors=(monitor(missing="notify_no_data"), monitor("B", missing="resolve")))
    )

    assert told(found) == f"pass: 2 {IN_ORDER}; B would tell nobody that data stop coming, the setting being resolve."
    assert found.note


def test_silent_monitors_fail_each_with_its_reason():
    """Muted, draft, and without anybody to tell."""
    found = monitors(monitor("A", muted="muted"), monitor("B", draft="draft"), monitor("C", tells=("@",)), monitor("D"))
    assert found == "fail: A is muted and B is a draft that notifies nobody and C names nobody to tell."


@pytest.mark.parametrize(
    "only",
    [
        recipient("@webhook-x", kind="webhook"), recipient("@workflow-y", kind="workflow"),
        recipient("@slack-z", kind="slack", when="condition"), recipient("@pagerduty-z", when="escalation"),
    ],
)  # fmt: skip
def test_a_monitor_that_perhaps_tells_a_person_is_unknown(only: Recipient):
    """A machine, a condition, or an escalation that comes later."""
    assert monitors(monitor("Errors", tells=(recipient("@"), only)), monitor()) == (
        "unknown: Whether Errors would tell a person at once is not known,"
        f" the first recipient being {only.handle.value}."
    )


def test_only_those_who_are_told_at_once_are_named():
    """Others beside them change nothing."""
    both = ("@pagerduty-finance-ai", recipient("@webhook-x", kind="webhook"))
    assert monitors(monitor(tells=both)).endswith("reporting to @pagerduty-finance-ai.")


@pytest.mark.parametrize("status", ["No Data", "Ignored", "Unknown", "Skipped"])
def test_a_monitor_without_data_is_unknown(status: str):
    """It would not notice anything."""
    assert monitors(monitor(status=status)) == (
        f"unknown: Whether Latency would notice anything is not known, the state being {status}."
    )


def test_words_that_we_do_not_know_are_unknown():
    """A state of muting or drafting outside the contract does not pass."""
    assert monitors(monitor(muted="perhaps")).startswith("unknown")
    assert monitors(monitor(draft="archived")).startswith("unknown")


def test_no_monitor_is_unknown():
    """Nothing was read."""
    assert monitors() == "unknown: Of the monitors on the card 0 monitors were read."


def watch(*stated: tuple[str, str], proven: bool = True, until: str | None = None) -> WatchFacts:
    watchers = tuple(Watcher(person=person(id), when=resource(when)) for id, when in stated)
    return WatchFacts(statement=statement(MORTEZA, proven=proven, until=until), watchers=watchers)


def views(*people: str) -> DashboardViewsFacts:
    seen = tuple(View(person=viewer(id), at=time("2026-06-11T09:05")) for id in people)
    return DashboardViewsFacts(dashboard=resource("finance-invoice-recon"), from_=time("2026-06-01T00:00"), views=seen)


BOTH = ((MIKE, "daily at 09:00"), (MORTEZA, "weekly on Monday"))


def watched(stated: WatchFacts, seen: DashboardViewsFacts | None, *watchers: str) -> str:
    return told(named_people_watch(stated, seen, watchers=watchers, people=PEOPLE))


def test_watchers_who_were_seen_to_look_pass():
    """The statement, and views of each of them."""
    assert watched(watch(*BOTH), views(MIKE, MORTEZA), MIKE, MORTEZA) == (
        "pass: Morteza Moradi states that Mike Chen looks daily at 09:00 and Morteza Moradi looks weekly on Monday, "
        "and each of them was seen to."
    )


def test_blind_view_data_are_a_note_and_no_obstacle():
    """The audit trail cannot know, so the statement stands, until it ends."""
    found = named_people_watch(watch(*BOTH, until="2026-09-01T00:00"), None, watchers=(MIKE,), people=PEOPLE)
    assert told(found) == (
        "pass: Morteza Moradi states that Mike Chen looks daily at 09:00, which no record of views could confirm."
    )
    assert found.note
    assert found.valid_until == time("2026-09-01T00:00").value


def test_a_watcher_whom_the_source_does_not_know_cannot_be_contradicted():
    """Lena has no account at Datadog."""
    assert watched(watch((LENA, "daily")), views(), LENA).endswith("which no record of views could confirm.")


def test_nobody_who_ever_looked_contradicts_the_statement():
    """What is stated and what was seen part."""
    assert watched(watch(*BOTH), views(), MIKE, MORTEZA) == (
        "fail: By the audit trail since 1 June 2026, 00:00 EDT, Mike Chen and Morteza Moradi did not open "
        "finance-invoice-recon."
    )


def test_a_contradiction_in_part_is_a_warning():
    """One of two did look."""
    assert watched(watch(*BOTH), views(MIKE), MIKE, MORTEZA) == (
        "warn: By the audit trail since 1 June 2026, 00:00 EDT, Morteza Moradi did not open finance-invoice-recon."
    )


def test_a_contradiction_in_part_counts_until_the_statement_ends():
    """Without the statement it would be unknown, and no warning that somebody can take on."""
    stated = watch(*BOTH, until="2026-09-01T00:00")
    found = named_people_watch(stated, views(MIKE), watchers=(MIKE, MORTEZA), people=PEOPLE)

    assert (found.outcome, found.valid_until) == ("warn", time("2026-09-01T00:00").value)


def test_a_watcher_without_a_stated_time_fails():
    """Who looks is not enough; a blank is no time."""
    assert watched(watch((MIKE, " ")), views(MIKE, MORTEZA), MIKE, MORTEZA) == (
        "fail: No time is stated at which Mike Chen and Morteza Moradi would look at the dashboard."
    )


def test_a_card_without_watchers_fails():
    """Nobody is named."""
    assert watched(watch(*BOTH), None) == "fail: The card names 0 watchers for the dashboard."


def test_an_unproven_statement_is_unknown():
    """Anyone could have written it."""
    assert watched(watch(*BOTH, proven=False), views(MIKE), MIKE) == (
        "unknown: Who watches the dashboard is only as reported by Morteza Moradi, and no key proves that."
    )
