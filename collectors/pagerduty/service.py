"""What both questions need of a service: which policy it routes to, and how urgent its incidents are."""

from __future__ import annotations

from collectors.evidence import State
from collectors.pagerduty.batch import readable
from collectors.pagerduty.client import Got, Outcome, Reader
from collectors.pagerduty.reading import Node, state


def service(reader: Reader, id: str) -> Got:
    """The service; Gone when it does not exist or may not be seen."""
    return reader.one("service", "services", id, {})


def policy_of(outcome: Outcome) -> str:
    """The id of the policy that a service routes to, "" when it cannot be read."""
    got = outcome.got
    if got is None:
        return ""
    return "".join(readable(lambda: (Node(got.body)["escalation_policy"]["id"].text(),)))


def urgency(found: Node) -> State:
    """ "high", "low", "severity_based", or "use_support_hours" where day and night differ."""
    rule = found["incident_urgency_rule"]
    if rule["type"].text() == "constant":
        return state(rule["urgency"])
    inside, outside = rule["during_support_hours"]["urgency"], rule["outside_support_hours"]["urgency"]
    return state(outside if inside.text() == outside.text() else rule["type"])
