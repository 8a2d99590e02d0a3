"""Item 2: dashboards that show data, monitors that tell someone, and people who say when they look."""

from __future__ import annotations

from agent.domain import Finding
from agent.people import People
from agent.probes.findings import failed, listed, noted, number, passed, person, time, unknown, warned
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from collectors.datadog.facts import DashboardFacts, DashboardViewsFacts, Monitor, MonitorsFacts
from collectors.evidence import Fact, Resource
from collectors.statements import WatchFacts

_SEEING = frozenset({"OK", "Alert", "Warn"})
_NOTIFYING = frozenset({"show_and_notify_no_data", "notify_no_data"})
# A webhook, a workflow or a ticket may or may not come before somebody's eyes: nothing at Datadog says.
_PEOPLE = frozenset(
    {"pagerduty", "slack", "teams", "opsgenie", "victorops", "on-call team", "team", "person", "everybody"}
)


@probe
def dashboard_shows_data(dashboard: DashboardFacts) -> Finding:
    """Every widget of the dashboard returned data in the last hours."""
    name, widgets = dashboard.dashboard, dashboard.widgets
    empty = [widget.title for widget in widgets if widget.state.value == "empty"]
    points = [widget.last_point for widget in widgets if widget.state.value == "data" and widget.last_point]
    if not widgets:
        return failed("{dashboard} has no widget that shows data", dashboard=name)
    if empty:
        text, facts = listed("widget", empty)
        return failed(f"{{dashboard}} shows no data in {text}", facts, dashboard=name)
    if len(points) < len(widgets):
        unseen = [w.title for w in widgets if w.state.value != "data" or w.last_point is None]
        text, facts = listed("widget", unseen)
        return unknown(f"Whether {{dashboard}} shows data in {text} could not be asked", facts, dashboard=name)
    oldest = time(min(point.value for point in points))
    count = number(len(widgets), "widgets")
    sentence = "{widgets} of {dashboard} show data, none of it last seen before {oldest}"
    return passed(sentence, widgets=count, dashboard=name, oldest=oldest)


@probe
def monitors_tell_someone(monitors: MonitorsFacts) -> Finding:
    """No monitor on the card is muted, a draft, blind or without somebody whom it tells when it alerts.

    One that keeps silent, or counts it as healthy, when its data stop coming is named. Somewhere that is right (no
    errors are no data), so it is a remark while another monitor tells a person of silence, and else a warning.
    """
    if not monitors.monitors:
        return unknown("Of the monitors on the card {read} were read", read=number(0, "monitors"))
    silent = _silence(monitors)
    if silent:
        return silent
    blind = [one for one in monitors.monitors if not _would_notice(one)]
    if blind:
        text, facts = listed("monitor", [one.monitor for one in blind])
        return unknown(
            f"Whether {text} would notice anything is not known, the state being {{state}}", facts, state=blind[0].state
        )
    unsure = [one for one in monitors.monitors if not _told_at_once(one)]
    if unsure:
        text, facts = listed("monitor", [one.monitor for one in unsure])
        named = next(handle for handle in _handles(unsure[0]) if handle.value.strip("@ "))
        sentence = f"Whether {text} would tell a person at once is not known, the first recipient being {{recipient}}"
        return unknown(sentence, facts, recipient=named)
    tells = list({told.value: told for one in monitors.monitors for told in _told_at_once(one)}.values())
    text, facts = listed("recipient", tells)
    facts["monitors"] = number(len(monitors.monitors), "monitors")
    return _told_on_missing_data(
        monitors, f"{{monitors}} on the card, none muted and none a draft, reporting to {text}", facts
    )


@probe
def named_people_watch(
    watch: WatchFacts, views: DashboardViewsFacts | None, *, watchers: tuple[str, ...], people: People
) -> Finding:
    """Each watcher on the card is stated to look at the dashboard at a named time, and no view data contradict it."""
    if not watchers:
        return failed("The card names {watchers} for the dashboard", watchers=number(0, "watchers"))
    if not watch.statement.proven:
        return only_reported(watch.statement, "Who watches the dashboard")
    stated = {one.person.id: one.when for one in watch.watchers if one.when.value.strip()}
    silent = [id for id in watchers if id not in stated]
    if silent:
        text, facts = _people("watcher", silent, people)
        return failed(f"No time is stated at which {text} would look at the dashboard", facts)
    return _contradiction(watch, views, watchers, people) or _watched(watch, views, watchers, people)


def _silence(monitors: MonitorsFacts) -> Finding | None:
    """The monitors that would tell nobody, each with the reason."""
    facts: dict[str, Fact] = {}
    clauses = []
    for i, one in enumerate(monitors.monitors, start=1):
        if why := _silenced(one):
            facts[f"monitor_{i}"] = one.monitor
            clauses.append(f"{{monitor_{i}}} {why}")
    return failed(" and ".join(clauses), facts) if clauses else None


def _silenced(one: Monitor) -> str:
    if one.muted.value == "muted":
        return "is muted"
    if one.draft.value == "draft":
        return "is a draft that notifies nobody"
    return "" if any(handle.value.strip("@ ") for handle in _handles(one)) else "names nobody to tell"


def _told_on_missing_data(monitors: MonitorsFacts, sentence: str, facts: dict[str, Fact]) -> Finding:
    """One that keeps silent when its data stop is named; where all do, nobody would hear that the subject is gone."""
    quiet = [one for one in monitors.monitors if not _tells_of_silence(one)]
    if not quiet:
        return passed(sentence, facts)
    text, named = listed("quiet", [one.monitor for one in quiet])
    say = warned if len(quiet) == len(monitors.monitors) else noted
    setting = quiet[0].missing_data
    return say(
        f"{sentence}; {text} would tell nobody that data stop coming, the setting being {{setting}}",
        {**facts, **named},
        setting=setting,
    )


def _tells_of_silence(one: Monitor) -> bool:
    return one.missing_data.value in _NOTIFYING and any(
        told.silence and told.silence.value == "told" and told.kind.value in _PEOPLE for told in one.tells
    )


def _handles(one: Monitor) -> list[Resource]:
    return [recipient.handle for recipient in one.tells]


def _told_at_once(one: Monitor) -> list[Resource]:
    """Those people, or what pages them, who hear of it whenever the monitor alerts."""
    return [
        told.handle
        for told in one.tells
        if told.when.value == "alert" and told.kind.value in _PEOPLE and told.handle.value.strip("@ ")
    ]


def _would_notice(one: Monitor) -> bool:
    live = one.muted.value == "not muted" and one.draft.value == "published"
    return live and one.state.value in _SEEING


def _people(role: str, ids: list[str], people: People) -> tuple[str, dict[str, Fact]]:
    return listed(role, [person(people.name_of(id), id) for id in ids])


def _linked(id: str, people: People) -> bool:
    return id in people.people and "datadog" in people.people[id].accounts


def _contradiction(
    watch: WatchFacts, views: DashboardViewsFacts | None, watchers: tuple[str, ...], people: People
) -> Finding | None:
    """Somebody who is said to look and, by the audit trail, never did. Who has no account there cannot be caught."""
    if views is None:
        return None
    seen = {people.by_account("datadog", view.person.id) for view in views.views}
    unseen = [id for id in watchers if _linked(id, people) and id not in seen]
    if not unseen:
        return None
    text, facts = _people("watcher", unseen, people)
    sentence = f"By the audit trail since {{seen_from}}, {text} did not open {{dashboard}}"
    facts |= {"seen_from": views.from_, "dashboard": views.dashboard}
    if len(unseen) == len(watchers):
        return failed(sentence, facts)
    return warned(sentence, facts, valid_until=ends(watch.statement))


def _watched(
    watch: WatchFacts, views: DashboardViewsFacts | None, watchers: tuple[str, ...], people: People
) -> Finding:
    told = [one for one in watch.watchers if one.person.id in watchers and one.when.value.strip()]
    facts: dict[str, Fact] = {"author": watch.statement.author}
    for i, one in enumerate(told, start=1):
        facts |= {f"watcher_{i}": one.person, f"when_{i}": one.when}
    text = " and ".join(f"{{watcher_{i}}} looks {{when_{i}}}" for i in range(1, len(told) + 1))
    until = ends(watch.statement)
    if views is None or not all(_linked(id, people) for id in watchers):
        sentence = f"{{author}} states that {text}, which no record of views could confirm"
        return noted(sentence, facts, valid_until=until)
    return passed(f"{{author}} states that {text}, and each of them was seen to", facts, valid_until=until)
