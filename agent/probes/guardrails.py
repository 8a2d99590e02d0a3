"""Item 4: each guardrail was triggered in the pilot and did what it is there for."""

from __future__ import annotations

from agent.cards import Guardrail
from agent.domain import Finding
from agent.probes.findings import failed, number, passed, resource, state, unknown
from agent.probes.registry import probe
from collectors.datadog.facts import LogsFacts
from collectors.evidence import Fact, Origin, Window


@probe
def guardrail_fired(fired: LogsFacts, *, guardrail: Guardrail, window: Window) -> Finding:
    """In the pilot the guardrail was triggered, and the log says that it blocked, rejected or escalated.

    Finding nothing is unknown: a search tells no untested guardrail from events that are hidden from our role, left out
    of the index, archived or gone, nor from a query that fits no event. Seen to let its input through, it fails.
    """
    named: dict[str, Fact] = {"guardrail": resource(guardrail.title or guardrail.id)}
    events = [event for event in fired.events if window.holds(event.at.value)]
    if not events:
        return unknown(
            "Whether {guardrail} was triggered in the pilot is not known: {seen} were found, and events that are "
            "hidden from us or kept elsewhere would not be found either",
            named, seen=number(0, "events"),
        )  # fmt: skip
    wanted = {outcome.casefold() for outcome in guardrail.outcomes}
    for event in sorted(events, key=lambda event: event.at.value, reverse=True):
        if event.outcome and event.outcome.value.casefold() in wanted:
            return passed(
                "{guardrail} fired on {fired_at} and {outcome} the input",
                named,
                fired_at=event.at,
                outcome=event.outcome,
            )
    wished = state(" or ".join(guardrail.outcomes)[:80], origin=Origin.CARD)
    times = number(_times(fired, len(events)), "times")
    if not any(event.outcome for event in events):
        sentence = "{guardrail} was triggered {times} in the pilot, and what it did then is not told"
        return unknown(sentence, named, times=times)
    sentence = "{guardrail} was triggered {times} in the pilot, and no log says that it {outcome} anything"
    return failed(sentence, named, times=times, outcome=wished)


def _times(fired: LogsFacts, inside: int) -> float:
    """How often: of a long list only the newest events are there, and the count is of all."""
    return max(fired.count.value, inside) if inside == len(fired.events) else inside
