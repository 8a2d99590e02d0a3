"""Item 9, what the drill showed: work was in flight, and it stopped in time. Statement and telemetry together."""

from __future__ import annotations

from math import isfinite

from agent import periods
from agent.cards import Span
from agent.domain import Finding
from agent.probes.findings import duration, failed, noted, passed, unknown
from agent.probes.moments import latest_drill
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from agent.probes.telemetry import Stopping, stopping_of
from collectors.datadog.facts import MetricFacts
from collectors.evidence import Duration, Fact, Origin
from collectors.launchdarkly.facts import FlagHistoryFacts
from collectors.statements import DrillFacts


@probe
def work_was_in_flight(drill: DrillFacts, stopping: MetricFacts, history: FlagHistoryFacts) -> Finding:
    """When the switch was flipped, runs were in progress, and what became of them is recorded."""
    done = latest_drill(history)
    runs = stopping_of(stopping, done) if done else None
    if done is None or runs is None:
        return _no_times(history)
    facts: dict[str, Fact] = {"flip": done.off.at}
    seen = {} if runs.first is None else {"seen_after": duration(runs.first)}
    if not drill.statement.proven:
        return only_reported(drill.statement, "What was in flight at the flip on {flip}", **facts)
    return _stated_none(drill, facts, seen) or _in_flight(drill, facts, seen)


@probe
def time_to_stop_is_recorded(
    drill: DrillFacts, stopping: MetricFacts, history: FlagHistoryFacts, *, stop_within: Span
) -> Finding:
    """The time from the flip to the last run's end is recorded, within the card's limit, and not contradicted."""
    done = latest_drill(history)
    runs = stopping_of(stopping, done) if done else None
    if done is None or runs is None:
        return _no_times(history)
    limit = duration(periods.length(stop_within).total_seconds(), origin=Origin.CARD, at="/kill_switch/stop_within")
    facts: dict[str, Fact] = {"flip": done.off.at, "limit": limit}
    return _ran_on(runs, facts, limit.value) or _stopped(drill, runs, facts, limit.value)


def _no_times(history: FlagHistoryFacts) -> Finding:
    return unknown("There is no drill of {flag} whose runs could be looked at", flag=history.flag)


# --- in flight -------------------------------------------------------------------------------------------------------


def _stated_none(drill: DrillFacts, facts: dict[str, Fact], seen: dict[str, Duration]) -> Finding | None:
    """A proven statement that leaves the count out, gives none, or one that cannot be."""
    facts = {**facts, "author": drill.statement.author, **seen}
    given = drill.in_flight
    if given is None:
        if seen:
            return None
        return failed(
            "{author} does not record what was in flight at the flip on {flip}, and no run was seen after it", facts
        )
    if given.value == 0 and seen:
        sentence = (
            "{author} states that nothing was in flight at the flip on {flip}, and a run ended {seen_after} after it"
        )
        return failed(sentence, facts)
    if given.value == 0:
        return failed("Nothing was in flight at the flip on {flip}, as {author} states", facts)
    if not (isfinite(given.value) and given.value > 0):
        return unknown(
            "How many runs were in flight at the flip on {flip} is not a number that {author} can mean", facts
        )
    return None


def _in_flight(drill: DrillFacts, facts: dict[str, Fact], seen: dict[str, Duration]) -> Finding:
    if drill.in_flight_outcome is None or not drill.in_flight_outcome.value.strip():
        return failed("What became of the runs in flight at the flip on {flip} is not recorded", facts)
    until = ends(drill.statement)
    if drill.in_flight is None:
        sentence = "Work was in flight at the flip on {flip}: a run ended {seen_after} after it"
        return passed(sentence, {**facts, **seen}, valid_until=until)
    facts = {**facts, "in_flight": drill.in_flight, "author": drill.statement.author}
    were = "was" if drill.in_flight.value == 1 else "were"
    stated = f"{{in_flight}} {were} in flight at the flip on {{flip}}, as {{author}} states"
    if not seen:
        return noted(stated + ", though no run was seen to end after it", facts, valid_until=until)
    return passed(stated + ", and a run ended {seen_after} after it", {**facts, **seen}, valid_until=until)


# --- time to stop ----------------------------------------------------------------------------------------------------


def _ran_on(runs: Stopping, facts: dict[str, Fact], limit: float) -> Finding | None:
    """Telemetry alone proves that it did not stop in time, however coarse it is."""
    if runs.last is None:
        return None
    measured = {"last_run": duration(runs.last)}
    if runs.throughout:
        return failed(
            "Runs went on through the drill that began on {flip}: the last ended {last_run} after it",
            {**facts, **measured},
        )
    if runs.last > limit:
        return failed(
            "A run ended {last_run} after the flip on {flip}, later than the {limit} on the card", {**facts, **measured}
        )
    return None


def _stopped(drill: DrillFacts, runs: Stopping, facts: dict[str, Fact], limit: float) -> Finding:
    stated, proven = drill.time_to_stop, drill.statement.proven
    if stated is None or not proven:
        return _by_telemetry(drill, runs, facts, limit)
    told: dict[str, Fact] = {**facts, "stated": stated, "author": drill.statement.author}
    if not (isfinite(stated.value) and stated.value >= 0):
        return unknown(
            "The time to stop after the flip on {flip} that {author} gives cannot be",
            flip=facts["flip"],
            author=told["author"],
        )
    if runs.last is not None and abs(stated.value - runs.last) > runs.step:
        sentence = (
            "{author} states that all stopped {stated} after the flip on {flip}, but a run ended {last_run} after it"
        )
        return failed(sentence, told, last_run=duration(runs.last))
    if stated.value > limit:
        return failed("It took {stated} to stop after the flip on {flip}, longer than the {limit} on the card", told)
    sentence = "All stopped {stated} after the flip on {flip}, within the {limit} on the card, as {author} states"
    return passed(sentence, told, valid_until=ends(drill.statement))


def _by_telemetry(drill: DrillFacts, runs: Stopping, facts: dict[str, Fact], limit: float) -> Finding:
    """Without a statement, only points fine enough to lie within the limit as a whole."""
    if runs.over_by is not None and runs.over_by <= limit:
        last = duration(runs.over_by)
        return passed(
            "The last run ended at most {last_run} after the flip on {flip}, within the {limit} on the card",
            facts,
            last_run=last,
        )
    if drill.time_to_stop is not None:
        return only_reported(drill.statement, "The time to stop after the flip on {flip}", flip=facts["flip"])
    return failed("The time to stop after the flip on {flip} is not recorded", facts)
