"""Item 10: a lead who also builds needs a second approver."""

from __future__ import annotations

from agent.cards import CardPeople
from agent.domain import Finding
from agent.people import People
from agent.probes.findings import failed, passed, person
from agent.probes.registry import probe
from collectors.evidence import Fact


@probe
def a_second_approver_is_named(*, people: CardPeople, everyone: People | None = None) -> Finding:
    """Where the lead is a builder, an M8 approver who is neither is named as second approver."""
    known = everyone or People()
    facts: dict[str, Fact] = {"lead": person(known.name_of(people.lead), people.lead, at="/people/lead")}
    if people.lead not in people.builders:
        return passed("The lead {lead} is no builder, so nobody else has to approve", facts)
    second = people.second_approver
    if not second:
        return failed("The lead {lead} is a builder and no second approver is named", facts)
    facts["second"] = person(known.name_of(second), second, at="/people/second_approver")
    if second == people.lead or second in people.builders:
        return failed("The lead {lead} is a builder, and the second approver {second} is lead or builder too", facts)
    if second not in people.approvers_m8:
        return failed("The lead {lead} is a builder, and {second} is not among the approvers on the card", facts)
    return passed("The lead {lead} is a builder, and {second} is named as second approver", facts)
