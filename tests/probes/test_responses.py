"""Those who are called answer in time."""

from __future__ import annotations

import pytest

from agent.probes.responses import incidents_were_answered
from collectors.pagerduty.facts import Response, ResponsesFacts
from tests.builders import AS_OF, MIKE, number, paged, resource, state, time, told


def incident(
    created: str = "2026-06-01T10:00", answered: str | None = "2026-06-01T10:15", urgency: str = "high", id: str = "Q1"
) -> Response:
    return Response(
        incident=resource(id), urgency=state(urgency), created=time(created),
        answered=time(answered) if answered else None, by=paged(MIKE) if answered else None,
    )  # fmt: skip


def says(*responses: Response, service: str = "active") -> str:
    facts = ResponsesFacts(
        service=resource("recon"), service_state=state(service), count=number(len(responses), "incidents"),
        responses=responses,
    )  # fmt: skip
    return told(incidents_were_answered(facts, within="15 minutes", as_of=AS_OF))


def test_every_incident_that_was_answered_in_time_passes():
    """To the last second; the newest is named."""
    assert says(incident(), incident("2026-05-20T10:00", "2026-05-20T10:01", id="Q0")) == (
        "pass: Every incident of high urgency of recon was answered within 15 minutes, last Q1 by Mike Chen."
    )


@pytest.mark.parametrize("answered", ["2026-06-01T10:15:01", "2026-06-01T09:59"])
def test_an_answer_that_came_too_late_or_before_it_fails(answered: str):
    assert says(incident(), incident(answered=answered, id="Q2")).startswith("fail: The incident Q2 of recon")


def test_an_incident_that_nobody_answered_fails():
    assert says(incident(answered=None)) == (
        "fail: The incident Q1 of recon (1 June 2026, 10:00 EDT) was answered by nobody within 15 minutes."
    )


def test_one_that_may_still_be_answered_is_unknown():
    assert says(incident("2026-06-12T15:50", None)).startswith("unknown: The incident Q1 of recon")
    assert says(incident("2026-06-12T15:45", None)).startswith("fail")


def test_low_urgency_calls_nobody():
    nothing = "not_applicable: The service recon had no incident of high urgency that had to be answered."
    assert says() == says(incident(answered=None, urgency="low")) == nothing


@pytest.mark.parametrize("service", ["disabled", "maintenance"])
def test_a_service_that_opens_no_incidents_says_nothing(service: str):
    assert says(service=service).startswith(f"unknown: The service recon is {service}")
