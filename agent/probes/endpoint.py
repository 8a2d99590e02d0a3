"""Whether the subject's endpoint answers, as a test from outside sees it again and again."""

from __future__ import annotations

from datetime import timedelta

from agent.domain import Finding
from agent.probes.findings import duration, failed, number, passed, unknown
from agent.probes.registry import probe
from collectors.datadog.facts import SyntheticsFacts
from collectors.evidence import Fact, Origin, Window

_LATE = timedelta(minutes=15)  # after which a run that was due is missing; twice its interval comes on top


@probe
def endpoint_answers(synthetics: SyntheticsFacts, *, locations: int, window: Window) -> Finding:
    """The test is live, ran from as many locations as the card asks for, and passed every time in the window."""
    span = window.end - window.start
    facts: dict[str, Fact] = {"test": synthetics.test, "span": duration(span.total_seconds(), origin=Origin.GATE)}
    if synthetics.status.value != "live":
        return failed("The test {test} is {status}, so nothing asks the endpoint", facts, status=synthetics.status)
    if wrong := [run for run in synthetics.runs if run.outcome.value != "passed"]:
        last = max(wrong, key=lambda run: run.checked.value)
        facts |= {"outcome": last.outcome, "location": last.location, "checked": last.checked}
        return failed("The test {test} {outcome} from {location} at {checked}, within the last {span}", facts)
    if not synthetics.runs:
        return unknown("The test {test} is live, and no run of it is told within the last {span}", facts)
    newest = {run.location.value: run.checked for run in sorted(synthetics.runs, key=lambda run: run.checked.value)}
    facts["seen"] = number(len(newest), "locations")
    if len(newest) < locations:
        facts["asked"] = number(locations, "locations", origin=Origin.CARD)
        return failed("The test {test} ran from {seen} within the last {span}, and the card asks for {asked}", facts)
    facts["assertions"] = synthetics.assertions
    if synthetics.assertions.value < 1:
        return unknown("The test {test} has {assertions}, so that it passed says nothing", facts)
    latest = sorted(newest.values(), key=lambda checked: checked.value, reverse=True)
    if window.end - latest[0].value > 2 * timedelta(seconds=synthetics.every.value) + _LATE:
        facts |= {"last": latest[0], "every": synthetics.every}
        return unknown("The test {test} last ran at {last}, though it is to run every {every}", facts)
    facts |= {"runs": number(len(synthetics.runs), "runs"), "last": latest[0]}
    sentence = "All {runs} of {test} within the last {span} passed, from {seen}, last at {last}"
    return passed(sentence, facts, valid_until=latest[locations - 1].value + span)
