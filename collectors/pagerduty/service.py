"""What both questions need of a service: the thing itself, its policy, and how urgent its incidents are."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.evidence import State
from collectors.pagerduty.batch import readable
from collectors.pagerduty.client import Got, Outcome, Reader
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node, state
from collectors.pagerduty.shelf import Shelf

POLICY = "escalation_policy"


def services(reader: Reader, ids: Iterable[str], *include: str) -> dict[str, Outcome]:
    """The services, with what they `include`; Gone for one that does not exist or may not be seen."""

    def alone(reader: Reader, id: str) -> Got:
        return reader.one("service", "services", id, {"include[]": [*include]} if include else {}, shared=True)

    params = (("include[]", include),) if include else ()
    return Shelf("service", Listing("/services", "services", params, shared=True), alone).take(reader, ids)


def policies(reader: Reader, ids: Iterable[str]) -> dict[str, Outcome]:
    """The policies that did not come with their services."""

    def alone(reader: Reader, id: str) -> Got:
        return reader.one(POLICY, "escalation_policies", id, {})

    return Shelf(POLICY, Listing("/escalation_policies", "escalation_policies"), alone).take(reader, ids)


def policy_of(outcome: Outcome) -> str:
    """The id of the policy that a service routes to, "" when it cannot be read."""
    got = outcome.got
    if got is None:
        return ""
    return "".join(readable(lambda: (Node(got.body)[POLICY]["id"].text(),)))


def has_policy(outcome: Outcome) -> bool:
    """Whether the service came with its policy's rules, and not with a mere reference."""
    policy = outcome.got.body.get(POLICY) if outcome.got else None
    return isinstance(policy, dict) and policy.get("type") == POLICY and "escalation_rules" in policy


def urgency(found: Node) -> State:
    """ "high", "low", "severity_based", or "use_support_hours" where day and night differ."""
    rule = found["incident_urgency_rule"]
    if rule["type"].text() == "constant":
        return state(rule["urgency"])
    inside, outside = rule["during_support_hours"]["urgency"], rule["outside_support_hours"]["urgency"]
    return state(outside if inside.text() == outside.text() else rule["type"])
