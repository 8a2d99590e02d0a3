"""Item 3: two different named people at every instant, and each can be paged."""

from __future__ import annotations

import pytest

from agent.probes.on_call import (
    everyone_on_call_can_be_paged,
    primary_and_backup_at_every_instant,
    service_routes_to_the_named_schedules,
)
from collectors.evidence import Person, Window
from collectors.pagerduty.facts import Level, OnCallFacts
from tests.builders import (
    BACKUP,
    LEVELS,
    MIKE,
    MORTEZA,
    ON_CALL,
    REACHED,
    SAM,
    WEEK,
    WEEKEND,
    ZONE,
    at,
    on_call,
    responder,
    seconds,
    shift,
    state,
    told,
)  # fmt: skip


def routed(facts: OnCallFacts) -> str:
    return told(service_routes_to_the_named_schedules(facts, primary="finance-ai-primary", backup="finance-ai-backup"))


def test_a_service_that_pages_both_schedules_passes():
    """Primary on the first level, backup on the second."""
    assert routed(on_call()) == (
        "pass: invoice-recon routes to Finance AI, which pages finance-ai-primary on level 1 and "
        "finance-ai-backup on level 2."
    )


def test_a_schedule_may_be_named_by_its_id():
    """The card may use the paging system's id."""
    assert told(service_routes_to_the_named_schedules(on_call(), primary="PSCHED1", backup="PSCHED2")).startswith(
        "pass"
    )


@pytest.mark.parametrize(
    ("strategy", "targets", "outcome"),
    [
        ("round_robin", 2, "unknown"),
        ("round_robin", 1, "pass"),
        ("assign_to_everyone", 2, "pass"),
        (None, 2, "pass"),
    ],
)
def test_targets_that_take_turns_leave_open_who_is_paged(strategy: str | None, targets: int, outcome: str):
    """One of several is paged, and nobody says which; a single one is paged always."""
    ids = ("PSCHED2", "PSCHED3")[:targets]
    changed = {"strategy": state(strategy) if strategy else None, "target_ids": ids}
    assert routed(on_call(levels=(LEVELS[0], LEVELS[1].model_copy(update=changed)))).startswith(outcome)


def test_a_schedule_on_the_wrong_level_fails():
    """The two are exchanged, so both are named."""
    swapped = tuple(level.model_copy(update={"number": 3 - level.number}) for level in LEVELS)
    assert routed(on_call(levels=swapped)) == (
        "fail: Finance AI, to which invoice-recon routes, does not page finance-ai-primary on level 1 nor "
        "finance-ai-backup on level 2."
    )


def test_a_policy_without_a_second_level_fails():
    """The backup is never paged."""
    assert routed(on_call(levels=LEVELS[:1])) == (
        "fail: Finance AI, to which invoice-recon routes, does not page finance-ai-backup on level 2."
    )


@pytest.mark.parametrize("standing", ["disabled", "maintenance"])
def test_a_service_that_pages_nobody_fails(standing: str):
    """Switched off or in maintenance."""
    assert routed(on_call(service_state=standing)) == f"fail: invoice-recon is {standing}, so nobody is paged."


def test_low_urgency_fails():
    """High-urgency rules never run."""
    assert (
        routed(on_call(urgency="low")) == "fail: The incidents of invoice-recon have low urgency, so nobody is paged."
    )


@pytest.mark.parametrize(("standing", "urgency"), [("active", "use_support_hours"), ("odd", "high")])
def test_a_service_that_may_not_always_page_is_unknown(standing: str, urgency: str):
    """Urgency that hangs on the hour, or a state we do not know."""
    assert routed(on_call(service_state=standing, urgency=urgency)) == (
        f"unknown: Whether invoice-recon always pages is not known: its state is {standing} and its urgency {urgency}."
    )


def test_maintenance_planned_after_launch_pages_nobody():
    """The service is active now; of several spans the first by time is named."""
    one, other = ("2026-06-20T22:00", "2026-06-21T02:00"), ("2026-06-25T22:00", "2026-06-26T02:00")
    first = (
        "fail: invoice-recon will be in maintenance from 20 June 2026, 22:00 EDT until 21 June 2026, 02:00 EDT, so "
        "nobody is paged then"
    )
    assert routed(on_call(silent=[one])) == f"{first}."
    assert routed(on_call(silent=[other, one])) == f"{first}, the first of 2 spans."


def covered(*shifts: object, window: Window = ON_CALL) -> str:
    facts = on_call(shifts)  # type: ignore[arg-type]
    return told(primary_and_backup_at_every_instant(facts, window=window, zone=ZONE))


def test_full_cover_passes_until_its_window_ends():
    """Mike in the week, Sam at the weekend, Morteza behind them."""
    found = primary_and_backup_at_every_instant(on_call(), window=ON_CALL, zone=ZONE)
    assert told(found) == (
        "pass: Sam Okafor and Mike Chen as primary and Morteza Moradi as backup are on call without a gap from "
        "13 June 2026, 00:00 EDT until 27 June 2026, 00:00 EDT."
    )
    assert found.valid_until == ON_CALL.end


def test_one_uncovered_minute_is_named_with_its_time():
    """Sam's last Sunday ends a minute early."""
    early = shift(1, SAM, "2026-06-20T00:00", "2026-06-21T23:59")
    assert covered(WEEKEND[0], early, *WEEK, *BACKUP) == (
        "fail: Nobody is primary on call from 21 June 2026, 23:59 EDT until 22 June 2026, 00:00 EDT."
    )


def test_several_gaps_name_the_first_and_their_number():
    """Both weekends are open."""
    assert covered(*WEEK, *BACKUP) == (
        "fail: Nobody is primary on call from 13 June 2026, 00:00 EDT until 15 June 2026, 00:00 EDT, the first of "
        "2 gaps."
    )


def test_no_backup_fails():
    """And an empty rota fails as a whole."""
    assert covered(*WEEKEND, *WEEK).startswith("fail: Nobody is backup on call from 13 June 2026, 00:00 EDT")
    assert covered().startswith("fail: Nobody is primary on call from 13 June 2026, 00:00 EDT until 27 June")


def test_one_person_on_both_levels_fails():
    """Mike backs up himself; the neighbouring pieces are told as one span."""
    backup = (
        shift(2, MORTEZA, "2026-06-13T00:00", "2026-06-22T00:00"),
        shift(2, MIKE, "2026-06-22T00:00", "2026-06-27T00:00"),
    )
    assert covered(*WEEKEND, *WEEK, *backup) == (
        "fail: Mike Chen is both primary and backup on call from 22 June 2026, 00:00 EDT until 27 June 2026, 00:00 EDT."
    )


def test_cover_of_a_level_is_the_union_of_its_turns():
    """Where several stand on a level, a different pair is enough."""
    assert covered(*WEEKEND, *WEEK, *BACKUP, shift(1, MORTEZA, "2026-06-13T00:00", "2026-06-27T00:00")).startswith(
        "pass"
    )


def test_the_hour_that_happens_twice_is_covered_by_instants():
    """When clocks go back, 01:30 to 01:30 by the wall is an hour; a turn that ends at the first one leaves it open."""
    window = Window(start=at("2026-10-31T00:00"), end=at("2026-11-02T00:00"))
    first = shift(1, MIKE, "2026-10-31T00:00", "2026-11-01T01:30-04:00")
    second = shift(1, SAM, "2026-11-01T01:30-05:00", "2026-11-02T00:00")
    backup = shift(2, MORTEZA, "2026-10-31T00:00", "2026-11-02T00:00")
    assert covered(first, second, backup, window=window) == (
        "fail: Nobody is primary on call from 1 November 2026, 01:30 EDT until 1 November 2026, 01:30 EST."
    )


@pytest.mark.parametrize("name", ["Finance AI Team", "Engineering on-call", "Shared inbox"])
def test_a_team_is_not_a_named_person(name: str):
    """A team alias on the rota is nobody."""
    alias = shift(1, Person(value=name, id="PTEAM"), "2026-06-13T00:00", "2026-06-27T00:00")
    assert covered(alias, *BACKUP) == f"fail: On call is {name}, which is not one named person."


@pytest.mark.parametrize(("name", "shown"), [("PNOBODY", "PNOBODY"), (" ", "(no name given)")])
def test_somebody_without_a_name_is_unknown(name: str, shown: str):
    """An id is no name."""
    nameless = shift(1, Person(value=name, id="PNOBODY"), "2026-06-13T00:00", "2026-06-27T00:00")
    assert covered(nameless, *BACKUP) == f"unknown: On call is {shown}, for whom the paging system has no name."


def paged_by(*responders: object, levels: tuple[Level, ...] = LEVELS) -> str:
    return told(everyone_on_call_can_be_paged(on_call(responders=responders, levels=levels)))  # type: ignore[arg-type]


def test_people_with_enabled_methods_and_rules_pass():
    """High urgency, at once."""
    assert paged_by(*REACHED) == (
        "pass: A high-urgency incident reaches Sam Okafor, Mike Chen and Morteza Moradi by an enabled contact method "
        "before it escalates."
    )


def test_whoever_cannot_be_reached_fails_by_name():
    """A method that is off, or a rule for low urgency only."""
    assert paged_by(responder(SAM, enabled=False), responder(MIKE, urgency="low"), responder(MORTEZA)) == (
        "fail: No enabled contact method with a high-urgency rule reaches Sam Okafor and Mike Chen."
    )


def test_somebody_whose_invitation_is_open_is_unknown():
    """Whether it stays open once it is accepted is not told, so it is neither a pass nor a fail."""
    invited = [one.model_copy(update={"invited": one.person.id == REACHED[0].person.id}) for one in REACHED]
    found = told(everyone_on_call_can_be_paged(on_call(responders=invited)))
    assert found == (
        f"unknown: Whether a page reaches {REACHED[0].person.value} is not known: the paging system has an invitation "
        "open."
    )


def test_somebody_who_was_not_read_is_unknown():
    """There is nothing to say of how they are paged."""
    assert paged_by(responder(SAM), responder(MIKE)) == "unknown: How Morteza Moradi would be paged could not be read."


def test_a_rule_later_than_the_escalation_delay_is_a_warning():
    """At the delay itself it still is in time."""
    late = (responder(SAM), responder(MIKE, delay=900), responder(MORTEZA, delay=1200))
    assert paged_by(*late) == (
        "warn: Morteza Moradi is first paged after 20 minutes, later than the escalation delay of 15 minutes."
    )


def test_the_shortest_delay_up_to_the_persons_level_counts():
    """A patient second level does not help a backup who is paged after the first has long escalated."""
    patient = (LEVELS[0], LEVELS[1].model_copy(update={"delay": seconds(3600)}))
    assert paged_by(responder(SAM), responder(MIKE), responder(MORTEZA, delay=1200), levels=patient).startswith("warn")


def test_an_empty_rota_pages_nobody():
    """Nobody is there to be paged."""
    assert told(everyone_on_call_can_be_paged(on_call(()))) == (
        "fail: Nobody is on call for invoice-recon, so nobody can be paged."
    )


def test_without_levels_nobody_is_late():
    """A policy without levels is the other rule's finding."""
    assert paged_by(*REACHED, levels=()).startswith("pass")
