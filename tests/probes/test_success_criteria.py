"""Item 1: targets against what the pilot measured."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from agent.cards import Pilot, Target, TargetsApproved
from agent.drafting.values import say
from agent.people import People
from agent.probes.success_criteria import target_is_reached, targets_are_those_approved, targets_digest
from collectors.langsmith.facts import RunStatsFacts
from collectors.pagerduty.facts import Incident, IncidentsFacts, Maintenance
from tests.builders import PEOPLE, PILOT, ZONE, day, metric, number, resource, state, time, told

ACCEPTANCE = Target.model_validate(
    {
        "id": "acceptance",
        "title": "Acceptance",
        "op": ">=",
        "value": 90,
        "unit": "percent",
        "min_samples": 200,
        "source": {},
    }
)
SEV1 = Target.model_validate(
    {
        "id": "sev1",
        "title": "Sev-1 incidents",
        "op": "==",
        "value": 0,
        "unit": "incidents",
        "source": {"priorities": ["P1"]},
    }
)


def incidents(*priorities: str | None, service: str = "active", count: int | None = None) -> IncidentsFacts:
    found = tuple(
        Incident(incident=resource("Q1"), created=time("2026-05-20T10:00"), priority=state(p) if p else None)
        for p in priorities
    )
    return IncidentsFacts(
        service=resource("invoice-recon"), service_state=state(service), incidents=found,
        count=number(len(found) if count is None else count, "incidents"),
        priorities=tuple(state(p) for p in ("P1", "P2", "P3")),
    )  # fmt: skip


def measured(actual: object, target: Target = ACCEPTANCE) -> str:
    return told(target_is_reached(actual, target=target, window=PILOT, zone=ZONE, as_of=PILOT.end))


def test_a_reached_target_passes_with_both_numbers():
    """Enough samples, the same unit, and the value reaches the target."""
    assert measured(metric(92)) == "pass: Acceptance came to 92 % in the pilot, and the card asks for at least 90 %."


def test_a_pilot_that_still_runs_decides_nothing():
    """A number from half a pilot is not the pilot's number."""
    early = PILOT.end - timedelta(seconds=1)
    found = target_is_reached(metric(92), target=ACCEPTANCE, window=PILOT, zone=ZONE, as_of=early)
    assert told(found).startswith("unknown: Acceptance is not decided yet: the pilot runs until")


def test_a_missed_target_fails_with_both_numbers():
    """Near is not enough."""
    assert (
        measured(metric(89.9)) == "fail: Acceptance came to 89.9 % in the pilot, but the card asks for at least 90 %."
    )


@pytest.mark.parametrize(
    ("op", "value", "outcome"),
    [
        (">", 90, "fail"),
        ("<", 90, "fail"),
        ("<=", 90, "pass"),
        ("==", 90, "pass"),
        (">=", 90, "pass"),
        ("<", 89.99, "pass"),
    ],
)
def test_each_comparison_is_what_it_says(op: str, value: float, outcome: str):
    """At the limit itself only those that include it pass."""
    target = ACCEPTANCE.model_copy(update={"op": op})
    assert measured(metric(value), target).startswith(outcome)


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_no_data_is_not_a_value(value: float | None):
    """Nothing measured, or nothing finite, is unknown and neither zero nor a pass."""
    expected = "unknown: Acceptance could not be measured: avg:invoice_recon.acceptance{*} has no data for the pilot."
    assert measured(metric(value)) == expected


@pytest.mark.parametrize("counted", [199, 0, math.nan])
def test_too_few_samples_are_unknown(counted: float):
    """A good value over a handful of runs says nothing."""
    assert measured(metric(92, counted=counted)).startswith("unknown: Acceptance rests on")


def test_a_target_without_a_minimum_still_needs_one_sample():
    """A value that rests on nothing does not count."""
    target = ACCEPTANCE.model_copy(update={"min_samples": None})
    assert measured(metric(92, counted=0), target) == (
        "unknown: Acceptance rests on 0 samples and needs at least 1 sample."
    )
    assert measured(metric(92, counted=1), target).startswith("pass")


@pytest.mark.parametrize("unit", ["fraction", "seconds", ""])
def test_another_unit_is_never_converted(unit: str):
    """92 of something else, or of nothing that is named, is not 92 percent."""
    assert measured(metric(92, unit)).startswith("unknown: Acceptance is measured as 92")


@pytest.mark.parametrize(
    ("source", "card"), [("second", "seconds"), ("s", "seconds"), ("%", "percent"), ("", "runs"), ("", "")]
)
def test_spellings_of_one_unit_agree(source: str, card: str):
    """Singular, plural and sign are one unit; a plain count needs none."""
    target = ACCEPTANCE.model_copy(update={"unit": card})
    assert measured(metric(92, source), target).startswith("pass")


def test_a_target_that_is_no_number_is_unknown():
    """The card's own mistake does not pass either."""
    target = ACCEPTANCE.model_copy(update={"value": math.nan})
    assert measured(metric(92), target) == "unknown: The card gives no finite number as target for Acceptance."


def test_incidents_below_the_named_priority_do_not_count():
    """Zero incidents at or above P1, though a P3 happened."""
    assert measured(incidents("P3"), SEV1) == (
        "pass: Sev-1 incidents came to 0 incidents in the pilot, and the card asks for exactly 0 incidents."
    )


def test_an_incident_above_the_named_priority_counts():
    """Named P2, so a P1 counts as well."""
    target = SEV1.model_copy(update={"source": {"priorities": ["P2"]}})
    assert measured(incidents("P1", "P3"), target) == (
        "fail: Sev-1 incidents came to 1 incident in the pilot, but the card asks for exactly 0 incidents."
    )


def test_without_named_priorities_every_incident_counts():
    """The card that names none asks for none at all."""
    target = SEV1.model_copy(update={"source": {}})
    assert measured(incidents("P3"), target).startswith("fail")
    assert measured(incidents(None), target).startswith("fail")


@pytest.mark.parametrize("priority", [None, "Urgent"])
def test_an_unclassified_incident_is_unknown(priority: str | None):
    """Nobody said how bad it was, or in a word that the account does not have."""
    assert measured(incidents(priority), SEV1) == (
        "unknown: Sev-1 incidents cannot be counted: the pilot has 1 incident without a priority of the account."
    )


def test_what_fails_without_the_unclassified_one_fails():
    """One certain P1 decides, whatever the other was, even on a service that is switched off now."""
    assert measured(incidents("P1", None, service="disabled"), SEV1).startswith("fail")


@pytest.mark.parametrize("named", [["P0"], [], "P1", ["P1", 3]])
def test_a_priority_that_the_account_does_not_have_is_unknown(named: object):
    """Counting by a name that does not exist would always give zero."""
    target = SEV1.model_copy(update={"source": {"priorities": named}})
    assert measured(incidents(), target) == (
        "unknown: Sev-1 incidents cannot be counted: the card names a priority that is not among the "
        "account's 3 priorities."
    )


@pytest.mark.parametrize("service", ["disabled", "maintenance", "something new"])
def test_a_service_that_records_nothing_has_not_zero_incidents(service: str):
    """No incidents on a service that makes none say nothing."""
    assert measured(incidents(service=service), SEV1) == (
        f"unknown: Sev-1 incidents cannot be counted: invoice-recon is {service}, and 0 incidents were read."
    )


def test_a_count_that_does_not_fit_its_list_is_unknown():
    """Three counted and none listed: part of it was not read."""
    assert measured(incidents(count=3), SEV1).startswith("unknown")


def test_incidents_in_another_unit_are_unknown():
    """The target must be of incidents."""
    assert measured(incidents(), SEV1.model_copy(update={"unit": "percent"})).startswith("unknown")


def approved(digest: str, by: str = "dana.ortiz") -> TargetsApproved:
    return TargetsApproved.model_validate({"on": "2026-05-10", "by": by, "digest": digest})


TARGETS = (ACCEPTANCE, SEV1)
M8 = ("dana.ortiz",)


def test_targets_as_approved_pass():
    """The digest of the card's targets is the one that was approved."""
    found = targets_are_those_approved(
        targets=TARGETS, approved=approved(targets_digest(TARGETS)), approvers=M8, people=PEOPLE
    )
    assert told(found) == "pass: The targets on the card are those that Dana Ortiz approved on Sunday, 10 May 2026."


def test_moved_goalposts_fail():
    """A target changed after the approval."""
    moved = (ACCEPTANCE.model_copy(update={"value": 85}), SEV1)
    found = targets_are_those_approved(
        targets=moved, approved=approved(targets_digest(TARGETS)), approvers=M8, people=PEOPLE
    )
    assert told(found) == (
        "fail: Goalposts moved: the targets on the card are not those that Dana Ortiz approved on Sunday, 10 May 2026."
    )


def test_targets_approved_by_somebody_who_may_not_fail():
    """Only an M8 approver of the card moves goalposts."""
    by = approved(targets_digest(TARGETS), by="mike.chen")
    found = targets_are_those_approved(targets=TARGETS, approved=by, approvers=M8, people=PEOPLE)
    assert told(found) == (
        "fail: The targets were approved on Sunday, 10 May 2026 by Mike Chen, who is no approver on the card."
    )


@pytest.mark.parametrize(("begun", "outcome"), [("2026-05-13", "pass"), ("2026-05-10", "pass"), ("2026-05-09", "warn")])
def test_targets_approved_after_the_pilot_began_are_a_warning(begun: str, outcome: str):
    """Up to the day on which it began, nobody had seen a number."""
    pilot = Pilot.model_validate({"from": day(begun), "to": day("2026-06-12"), "zone": "America/New_York"})
    by = approved(targets_digest(TARGETS))
    found = targets_are_those_approved(targets=TARGETS, approved=by, approvers=M8, pilot=pilot, people=PEOPLE)
    assert told(found).startswith(outcome)
    assert ("after the pilot began on Saturday, 9 May 2026" in told(found)) == (outcome == "warn")


def test_targets_that_nobody_approved_are_unknown():
    """No approval on the card, or one by a stranger."""
    assert told(targets_are_those_approved(targets=TARGETS, people=PEOPLE)) == (
        "unknown: The card does not say who approved its 2 targets."
    )
    found = targets_are_those_approved(targets=TARGETS, approved=approved(targets_digest(TARGETS)), people=People())
    assert told(found) == (
        "unknown: The targets were approved on Sunday, 10 May 2026 by dana.ortiz, whom people.yaml does not know."
    )


def test_the_digest_does_not_hang_on_how_numbers_are_written():
    """90 and 90.0, and a default written out, are the same target."""
    raw = {"id": "a", "op": ">=", "value": 90, "unit": "percent", "source": {"b": 1, "a": 2}}
    written = {"source": {"a": 2, "b": 1}, "title": "", "unit": "percent", "value": 90.0, "op": ">=", "id": "a"}
    assert targets_digest([Target.model_validate(raw)]) == targets_digest([Target.model_validate(written)])


@pytest.mark.parametrize(
    ("value", "unit", "counted", "expected"),
    [(0.92, "", 400, "pass"), (0.89, "", 400, "fail"), (0.92, "", 199, "unknown"), (None, "", 400, "unknown"),
     (92, "percent", 400, "unknown")],
)  # fmt: skip
def test_one_number_over_runs_is_judged_like_a_metric(value: float | None, unit: str, counted: float, expected: str):
    """It comes without a series; unit and samples count as ever."""
    series = metric(value, unit, counted=counted)
    facts = RunStatsFacts(
        query=series.query, value=series.value, samples=series.samples, points=(), interval=number(0, "seconds")
    )
    target = ACCEPTANCE.model_copy(update={"value": 0.9, "unit": ""})

    assert measured(facts, target).startswith(expected)


# --- what keeps an empty list from meaning much ----------------------------------------------------------------------


def silenced(*spans: tuple[str, str], priorities: tuple[str, ...] = ()) -> IncidentsFacts:
    found = tuple(Maintenance(start=time(start), end=time(end)) for start, end in spans)
    return incidents(*priorities).model_copy(update={"maintenance": found})


def test_a_little_maintenance_is_said_beside_the_count():
    """No incident is opened meanwhile; for two hours that decides nothing."""
    found = target_is_reached(
        silenced(("2026-05-20T10:00", "2026-05-20T12:00")), target=SEV1, window=PILOT, zone=ZONE, as_of=PILOT.end
    )
    assert found.note
    assert told(found) == (
        "pass: Sev-1 incidents came to 0 incidents in the pilot, and the card asks for exactly 0 incidents, while "
        "invoice-recon was in maintenance for 2 hours of the pilot, first from 20 May 2026, 10:00 EDT until 20 May "
        "2026, 12:00 EDT."
    )


@pytest.mark.parametrize(
    ("spans", "outcome"),
    [
        ([("2026-05-20T00:00", "2026-05-23T00:00")], "pass"),
        ([("2026-05-20T00:00", "2026-05-23T00:01")], "unknown"),
        ([("2026-05-20T00:00", "2026-05-22T00:00"), ("2026-05-21T00:00", "2026-05-23T00:00")], "pass"),
        ([("2026-05-20T00:00", "2026-05-23T00:00"), ("2026-05-21T00:00", "2026-05-22T00:00")], "pass"),
        ([("2026-05-28T00:00", "2026-12-01T00:00"), ("2026-01-01T00:00", "2026-05-15T00:00")], "unknown"),
        ([("2026-01-01T00:00", "2026-05-16T00:00")], "pass"),
        ([("2026-01-01T00:00", "2026-06-11T23:59")], "unknown"),
        ([("2026-01-01T00:00", "2026-12-01T00:00")], "unknown"),
    ],
    ids=["a tenth", "a minute more", "overlapping", "one in another", "at both ends", "clipped to the pilot",
         "all but a minute", "all of it"],
)  # fmt: skip
def test_maintenance_over_more_than_a_tenth_of_the_pilot_leaves_the_count_unknown(
    spans: list[tuple[str, str]], outcome: str
):
    """Only the rest was counted; three of thirty days are the most that is let pass with a remark."""
    assert measured(silenced(*spans), SEV1).startswith(outcome)


def test_a_violated_limit_fails_whatever_was_silent():
    """What was not counted can only add to it."""
    assert measured(silenced(("2026-01-01T00:00", "2026-06-11T23:59"), priorities=("P1",)), SEV1).startswith("fail")


def test_maintenance_outside_the_pilot_is_no_remark():
    assert "maintenance" not in measured(silenced(("2026-01-01T00:00", "2026-05-13T00:00")), SEV1)


@pytest.mark.parametrize(("begun", "outcome"), [("2026-01-20T10:00", "fail"), ("2026-09-20T10:00", "pass")])
def test_an_incident_of_before_the_pilot_that_was_open_in_it_counts(begun: str, outcome: str):
    """The source gives it among those that were open; one from after the pilot never counts."""
    open_before = Incident(incident=resource("Q0"), created=time(begun), priority=state("P1"))
    facts = incidents().model_copy(update={"incidents": (open_before,), "count": number(1, "incidents")})
    assert measured(facts, SEV1).startswith(outcome)


@pytest.mark.parametrize(
    ("actual", "difference", "side"),
    [(92, "2 points", "above"), (89.9, "0.1 points", "below"), (90, "0 points", "on the target")],
)
def test_how_far_from_the_target_is_worked_out_by_code(actual: float, difference: str, side: str):
    """So that nobody else has to subtract or compare."""
    finding = target_is_reached(metric(actual), target=ACCEPTANCE, window=PILOT, zone=ZONE, as_of=PILOT.end)
    words = {used.role: say(used.fact, "UTC") for used in finding.facts}

    assert (words["difference"], words["side"]) == (difference, side)
