"""Whether those who are called answer: how soon a person took on each incident."""

from __future__ import annotations

from datetime import datetime, timedelta

from agent import periods
from agent.domain import Finding
from agent.probes.findings import duration, failed, not_applicable, passed, unknown
from agent.probes.registry import probe
from collectors.evidence import Fact, Origin
from collectors.pagerduty.facts import Response, ResponsesFacts

_LIVE = frozenset({"active", "warning", "critical"})


@probe
def incidents_were_answered(responses: ResponsesFacts, *, within: str, as_of: datetime) -> Finding:
    """A person acknowledged or resolved every incident of high urgency within the time on the card."""
    limit = periods.length(within)
    facts: dict[str, Fact] = {"service": responses.service}
    facts["limit"] = duration(limit.total_seconds(), origin=Origin.CARD)
    if responses.service_state.value not in _LIVE:
        sentence = "The service {service} is {state}, so that no incident came says nothing"
        return unknown(sentence, facts, state=responses.service_state)
    urgent = [one for one in responses.responses if one.urgency.value != "low"]
    if not urgent:
        return not_applicable("The service {service} had no incident of high urgency that had to be answered", facts)
    slow = next((one for one in urgent if not _in_time(one, limit)), None)
    if slow is None:
        last = max(urgent, key=lambda one: one.created.value)
        sentence = "Every incident of high urgency of {service} was answered within {limit}, last {incident} by {by}"
        return passed(sentence, {**facts, "incident": last.incident} | ({"by": last.by} if last.by else {}))
    facts |= {"incident": slow.incident, "created": slow.created}
    if slow.answered is None and as_of - slow.created.value < limit:
        return unknown("The incident {incident} of {service} ({created}) may still be answered within {limit}", facts)
    if slow.answered is None:
        return failed("The incident {incident} of {service} ({created}) was answered by nobody within {limit}", facts)
    sentence = (
        "The incident {incident} of {service} ({created}) was answered at {answered}, which is not within {limit}"
    )
    return failed(sentence, facts, answered=slow.answered)


def _in_time(one: Response, limit: timedelta) -> bool:
    """An answer that comes before the incident is none of its own."""
    if one.answered is None or one.by is None:
        return False
    return timedelta(0) <= one.answered.value - one.created.value <= limit
