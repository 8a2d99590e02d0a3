"""Item 9: the kill switch works, and was drilled before launch as its people state it."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.cards import Zone
from agent.domain import Finding
from agent.probes.findings import day, duration, failed, number, passed, state, unknown
from agent.probes.moments import latest_drill
from agent.probes.registry import probe
from agent.probes.rota import utc
from agent.probes.stated import ends, only_reported
from collectors.evidence import Fact, Origin, State, canonical
from collectors.launchdarkly.facts import FlagEvaluationFacts, FlagFacts, FlagHistoryFacts
from collectors.statements import DrillFacts

_DEAD = frozenset({"archived", "deprecated"})
_MOST_DAYS = 30  # what the template asks; a gate may ask for less, never for more
_SERVED_ON = frozenset({"FALLTHROUGH", "RULE_MATCH", "TARGET_MATCH"})


@probe
def switch_is_on_and_off_really_stops(flag: FlagFacts, *, off_value: str | None = None) -> Finding:
    """The flag is live and on, and what it serves when off is what stops the subject."""
    named: dict[str, Fact] = {"flag": flag.flag}
    stops = state(off_value or "false", origin=Origin.CARD, at="/kill_switch/off_value" if off_value else "")
    if flag.lifecycle.value in _DEAD:
        return failed("The flag {flag} is {lifecycle} and no switch to rely on", named, lifecycle=flag.lifecycle)
    if flag.on.value == "off":
        return failed("The flag {flag} is {now} now", named, now=flag.on)
    if flag.lifecycle.value != "live" or flag.on.value != "on":
        sentence = "Whether the flag {flag} is in use is not known: its lifecycle is {lifecycle} and it is {now}"
        return unknown(sentence, named, lifecycle=flag.lifecycle, now=flag.on)
    if flag.off_value is None:
        return failed(
            "The flag {flag} serves no value of its own when off, so {stops} may never reach the code",
            named,
            stops=stops,
        )
    if not _same(flag.off_value, stops):
        return failed(
            "The flag {flag} serves {off_value} when off, and {stops} is what stops",
            named,
            off_value=flag.off_value,
            stops=stops,
        )
    if _same(flag.on_value, flag.off_value):
        return failed("The flag {flag} serves {off_value} whether on or off", named, off_value=flag.off_value)
    return passed(
        "The flag {flag} is {now} and serves {off_value} when off", named, now=flag.on, off_value=flag.off_value
    )


@probe
def rest_and_sdk_agree(flag: FlagFacts, served: FlagEvaluationFacts) -> Finding:
    """What the subject's own client is served fits what the flag's settings say."""
    facts: dict[str, Fact] = {
        "flag": flag.flag,
        "configured": flag.on,
        "served": served.value,
        "because": served.reason,
    }
    if flag.on.value == served.on.value and _fits(flag, served):
        return passed("The flag {flag} is {configured} and its clients are served {served}", facts)
    sentence = (
        "The flag {flag} is {configured} by its settings, and clients see it {seen} and get {served} for {because}"
    )
    return unknown(sentence, facts, seen=served.on)


@probe
def drill_was_run_before_launch(history: FlagHistoryFacts, *, launch: date, zone: Zone, within_days: int) -> Finding:
    """The latest time the flag was turned off and on again lies in the days before launch."""
    if within_days > _MOST_DAYS:
        loose = number(within_days, "days", origin=Origin.GATE, at="within_days")
        return failed(
            "The gate lets a drill count for {within}, which is too loose: it counts for {most}",
            within=loose,
            most=number(_MOST_DAYS, "days"),
        )
    drill = latest_drill(history)
    facts: dict[str, Fact] = {"flag": history.flag}
    if drill is None:
        return failed("The flag {flag} was not turned off and on again, among {read}", facts, read=history.read)
    limit = timedelta(days=within_days)
    start = datetime.combine(launch, time(), ZoneInfo(zone))
    facts |= {
        "off_at": drill.off.at,
        "on_at": drill.on.at,
        "launch_day": day(launch, origin=Origin.CARD, at="/launch/date"),
    }
    pair = "The flag {flag} was last switched off on {off_at} and on again on {on_at}"
    if utc(drill.on.at.value) >= utc(start):
        return failed(pair + ", not before the launch on {launch_day}", facts)
    if utc(drill.off.at.value) < utc(start - limit):
        facts["within"] = number(within_days, "days", origin=Origin.GATE, at="within_days")
        return failed(pair + ", more than {within} before the launch on {launch_day}", facts)
    until = drill.off.at.value + limit
    if drill.off.by is None:
        return passed(pair + ", before the launch on {launch_day}", facts, valid_until=until)
    sentence = pair + ", before the launch on {launch_day}, by {operator}"
    return passed(sentence, facts, valid_until=until, operator=drill.off.by)


@probe
def statement_matches_the_flag(drill: DrillFacts, history: FlagHistoryFacts, *, within_minutes: int) -> Finding:
    """The drill's stated times are those of the flag, to within minutes."""
    done = latest_drill(history)
    if not drill.statement.proven:
        return only_reported(drill.statement, "The drill")
    facts: dict[str, Fact] = {
        "author": drill.statement.author,
        "stated_off": drill.flag_off,
        "stated_on": drill.flag_on,
    }
    stated = "{author} states that the drill ran from {stated_off} until {stated_on}"
    if done is None:
        return failed(stated + ", and {flag} was not turned off and on again", facts, flag=history.flag)
    times = ((drill.flag_off, done.off.at), (drill.flag_on, done.on.at))
    apart = max(abs((ours.value - theirs.value).total_seconds()) for ours, theirs in times)
    facts["apart"] = duration(apart)
    if apart > 60 * within_minutes:
        facts["allowed"] = duration(60 * within_minutes, origin=Origin.GATE, at="within_minutes")
        return failed(stated + ", {apart} away from the flag's own times where {allowed} are allowed", facts)
    told = "at most {apart} away from the flag's own times" if apart else "which are the flag's own times"
    return passed(f"{stated}, {told}", facts, valid_until=ends(drill.statement))


# --- what the flag serves --------------------------------------------------------------------------------------------


def _fits(flag: FlagFacts, served: FlagEvaluationFacts) -> bool:
    if flag.on.value == "off":
        return served.reason.value == "OFF" and _same(served.value, flag.off_value)
    if flag.off_value is None:  # then nobody can tell that what is served is not what stops
        return False
    by_default = served.reason.value == "FALLTHROUGH" and flag.on_value is not None
    if flag.on.value != "on" or served.reason.value not in _SERVED_ON or _same(served.value, flag.off_value):
        return False
    return not by_default or _same(served.value, flag.on_value)


def _same(one: State | None, other: State | None) -> bool:
    """The same JSON value, however it is written; two that are not there are not the same."""
    return one is not None and other is not None and _plain(one.value) == _plain(other.value)


def _plain(text: str) -> bytes:
    try:
        return canonical(json.loads(text))
    except ValueError:
        return text.encode()
