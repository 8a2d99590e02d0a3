"""pagerduty.on_call: who is on call over a window, and how each is reached."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.evidence import Evidence, GapReason, Origin, Window
from collectors.pagerduty.facts import OnCallFacts, Shift
from collectors.sandbox.faults import Fault
from tests.collectors.pagerduty.pagerduty_account import AFTER_LAUNCH, Account, MakeAccount, day, rota_of


def facts_of(answer: Evidence) -> OnCallFacts:
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, OnCallFacts)
    return answer.facts


def on_level(facts: OnCallFacts, level: int, instant: datetime) -> list[str]:
    return [s.person.value for s in facts.shifts if s.level == level and s.start.value <= instant < s.end.value]


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_both_worlds_have_a_primary_and_a_backup_at_every_hour(make_account: MakeAccount, world: str) -> None:
    window = AFTER_LAUNCH[world]
    facts = facts_of(make_account(world).ask(rota_of(window=window)))
    for hour in range(14 * 24):
        instant = window.start + timedelta(hours=hour)
        weekend = instant.weekday() >= 5
        assert on_level(facts, 1, instant) == ["Sam Okafor" if weekend else "Mike Chen"]
        assert on_level(facts, 2, instant) == ["Morteza Moradi"]


def test_the_service_routes_to_a_policy_of_two_levels(account: Account) -> None:
    facts = facts_of(account.ask(rota_of()))
    assert (facts.service.value, facts.service_state.value) == ("finance-invoice-recon", "active")
    assert (facts.urgency.value, facts.policy.value) == ("high", "finance-invoice-recon")
    assert [level.targets[0].value for level in facts.levels] == ["finance-ai-primary", "finance-ai-backup"]
    assert [level.delay.value for level in facts.levels] == [900, 900]


def test_shifts_are_clipped_to_the_window_and_a_clip_is_code_not_evidence(account: Account) -> None:
    window = Window(start=day(6, 16), end=day(6, 17))
    shifts = facts_of(account.ask(rota_of(window=window))).shifts
    assert {(s.start.value, s.end.value) for s in shifts} == {(window.start, window.end)}
    assert {s.start.origin for s in shifts} == {Origin.CODE}


def test_each_responder_shows_methods_and_high_urgency_rules_only(account: Account) -> None:
    mike = next(r for r in facts_of(account.ask(rota_of())).responders if r.person.id == "PMIKECH")
    assert [m.enabled for m in mike.methods] == [True, True, True]
    assert [(r.method_id, r.delay.value) for r in mike.rules] == [("PCMMIK1", 0), ("PCMMIK2", 300)]


def test_a_disabled_and_a_blacklisted_method_are_not_enabled(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["users"][2]["methods"][0]["blacklisted"] = True
        data["users"][2]["methods"][1]["enabled"] = False

    facts = facts_of(make_account(edit=edit).ask(rota_of()))
    morteza = next(r for r in facts.responders if r.person.id == "PMORTEZ")
    assert [m.enabled for m in morteza.methods] == [False, False]


@pytest.mark.parametrize(("said", "invited"), [(True, True), (False, False), (None, False)])
def test_an_open_invitation_is_told(account: Account, said: bool | None, invited: bool) -> None:
    path = "/users/PSAMOKA"
    found = account.get(f"{path}?include[]=contact_methods&include[]=notification_rules")
    found["user"]["invitation_sent"] = said
    account.says(path, found)
    sam = next(r for r in facts_of(account.ask(rota_of())).responders if r.person.id == "PSAMOKA")
    assert sam.invited is invited


def open_ended(kind: str) -> Any:
    """An edit: the backup's schedule is asked for itself, since /oncalls names no end of its turns."""
    return lambda data: data["schedules"][1].update(open_ended=True, kind=kind)


V3, V2 = "/v3/schedules/PINVBAK", "/schedules/PINVBAK"


def test_a_schedule_is_asked_for_with_both_bounds_its_cover_and_in_one_zone(make_account: MakeAccount) -> None:
    account = make_account(edit=open_ended("layers"))
    account.ask(rota_of())
    asked = {one.path: one for one in account.proxy.seen if one.path in (V3, V2)}
    assert asked[V3].all("include[]") == ("final_schedule",)
    for one in asked.values():
        assert (one.one("since"), one.one("until")) == ("2026-06-13T04:00:00Z", "2026-06-27T04:00:00Z")
        assert one.one("time_zone") == "UTC"


def test_the_older_kind_is_asked_for_on_400_whatever_shape_the_error_has(make_account: MakeAccount) -> None:
    account = make_account(edit=open_ended("layers"))
    told = {"error": {"message": "m", "code": 2001, "errors": {"id": ["is of the other kind"]}}}
    account.proxy.set(Fault(kind="status", status=400, path=V3, body=json.dumps(told)))
    assert isinstance(account.ask(rota_of()), Evidence)
    assert V2 in account.calls


@pytest.mark.parametrize("status", [403, 404, 503])
def test_the_older_kind_is_asked_for_on_nothing_but_400(make_account: MakeAccount, status: int) -> None:
    account = make_account(edit=open_ended("layers"))
    gap = account.gap(rota_of(), Fault(kind="status", status=status, path=V3, headers={"retry-after": "0"}))
    assert gap.status == status
    assert V2 not in account.calls


def test_a_schedule_without_its_rendered_cover_is_malformed_and_not_empty(make_account: MakeAccount) -> None:
    account = make_account(edit=open_ended("shifts"))
    account.says(V3, account.get(V3))
    assert account.ask(rota_of()).reason == GapReason.MALFORMED


def test_a_percentage_of_cover_is_never_believed(make_account: MakeAccount) -> None:
    """A hundred of it, rounded or not, and nobody in the rendered cover."""
    account = make_account(edit=open_ended("layers"))
    found = account.get(f"{V2}?since=2026-06-13T04:00:00Z&until=2026-06-27T04:00:00Z")
    found["schedule"]["final_schedule"] |= {"rendered_schedule_entries": [], "rendered_coverage_percentage": 100.0}
    account.says(V2, found)
    assert not [shift for shift in facts_of(account.ask(rota_of())).shifts if shift.level == 2]


def by_hours(inside: str, outside: str) -> dict[str, Any]:
    spans = {"during_support_hours": inside, "outside_support_hours": outside}
    return {"type": "use_support_hours", **{name: {"type": "constant", "urgency": of} for name, of in spans.items()}}


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"type": "constant", "urgency": "low"}, "low"),
        ({"type": "constant", "urgency": "high"}, "high"),
        (by_hours("high", "low"), "use_support_hours"),
        (by_hours("low", "low"), "low"),
    ],
)
def test_the_urgency_that_a_service_pages_with(account: Account, rule: dict[str, Any], told: str) -> None:
    path = "/services/PINVREC"
    found = account.get(f"{path}?include[]=escalation_policies")
    found["service"]["incident_urgency_rule"] = rule
    account.says(path, found)
    assert facts_of(account.ask(rota_of())).urgency.value == told


def test_a_method_of_which_nobody_says_whether_it_works_reaches_nobody(account: Account) -> None:
    path = "/users/PSAMOKA"
    found = account.get(f"{path}?include[]=contact_methods&include[]=notification_rules")
    for method in found["user"]["contact_methods"]:
        method["enabled"] = None
        method["type"] = "phone_contact_method"
    account.says(path, found)
    assert account.ask(rota_of()).reason == GapReason.MALFORMED


def test_nothing_is_looked_up_by_name(account: Account) -> None:
    """PagerDuty's `query` finds parts of names."""
    account.ask(rota_of())
    assert {one.one("query") for one in account.proxy.seen} == {None}


def test_somebody_named_directly_has_the_whole_window(account: Account) -> None:
    (shift,) = facts_of(account.ask(rota_of("PLEDGER"))).shifts
    window = AFTER_LAUNCH["as-written"]
    assert (shift.person.value, shift.schedule) == ("Mike Chen", None)
    assert (shift.start.value, shift.end.value) == (window.start, window.end)


def test_a_hole_in_the_rota_stays_a_hole(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["schedules"][0]["rota"][1]["days"] = [6]

    facts = facts_of(make_account(edit=edit).ask(rota_of()))
    assert on_level(facts, 1, day(6, 13)) == ["Sam Okafor"]
    assert on_level(facts, 1, day(6, 14)) == []


def test_an_override_is_part_of_the_cover(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        span = {"start": "2026-06-16T12:00:00-04:00", "end": "2026-06-16T18:00:00-04:00"}
        data["schedules"][0]["overrides"] = [{"user": "PSAMOKA", **span}]

    facts = facts_of(make_account(edit=edit).ask(rota_of()))
    at = [on_level(facts, 1, day(6, 16) + timedelta(hours=hour)) for hour in (11, 12, 17, 18)]
    assert at == [["Mike Chen"], ["Sam Okafor"], ["Sam Okafor"], ["Mike Chen"]]


@pytest.mark.parametrize("kind", ["layers", "shifts"])
def test_a_turn_without_an_end_is_settled_by_the_schedule_itself(make_account: MakeAccount, kind: str) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["schedules"][1] |= {"open_ended": True, "kind": kind}

    account = make_account(edit=edit)
    facts = facts_of(account.ask(rota_of()))
    backup = [s for s in facts.shifts if s.level == 2]
    assert _covers(backup, AFTER_LAUNCH["as-written"])
    assert "/v3/schedules/PINVBAK" in account.calls
    assert ("/schedules/PINVBAK" in account.calls) == (kind == "layers")


def test_maintenance_that_is_planned_for_the_window_is_told(make_account: MakeAccount) -> None:
    """The service is active today; the one that is over and the other service's do not count."""

    def edit(data: dict[str, Any]) -> None:
        data["maintenance"] = [
            {"id": "PMW1", "services": ["PINVREC"], "start": day(6, 20), "end": day(6, 21)},
            {"id": "PMW2", "services": ["PINVREC"], "start": day(6, 1), "end": day(6, 2)},
            {"id": "PMW3", "services": ["PLEDGER"], "start": day(6, 20), "end": day(6, 21)},
        ]

    facts = facts_of(make_account(edit=edit).ask(rota_of()))
    assert facts.service_state.value == "active"
    assert [(one.start.value, one.end.value) for one in facts.maintenance] == [(day(6, 20), day(6, 21))]


def test_who_is_on_call_is_asked_for_the_whole_window_and_never_for_the_earliest_turn_alone(account: Account) -> None:
    account.ask(rota_of())
    (asked,) = (one for one in account.proxy.seen if one.path == "/oncalls")
    assert (asked.one("since"), asked.one("until")) == ("2026-06-13T04:00:00Z", "2026-06-27T04:00:00Z")
    assert (asked.one("time_zone"), asked.one("earliest")) == ("UTC", None)


def test_an_empty_member_of_a_shift_based_schedule_covers_nothing(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["schedules"][1] |= {"open_ended": True}
        data["schedules"][1]["rota"] = [{"user": "PMORTEZ", "days": [1, 2, 3, 4, 5]}]

    facts = facts_of(make_account(edit=edit).ask(rota_of()))
    assert on_level(facts, 2, day(6, 15)) == ["Morteza Moradi"]
    assert on_level(facts, 2, day(6, 14)) == []


def test_a_window_beyond_ninety_days_is_blind_and_never_a_short_list(account: Account) -> None:
    window = Window(start=day(9, 1), end=day(9, 15))
    gap = account.gap(rota_of(window=window))
    assert gap.reason == GapReason.BLIND
    assert "90 days" in gap.what
    assert "/oncalls" not in account.calls


def test_a_batch_asks_for_shared_things_once(account: Account) -> None:
    answers = account.ask(rota_of(), rota_of("PLEDGER"), rota_of())
    assert all(isinstance(answer, Evidence) for answer in answers)
    assert sorted(account.calls) == sorted(
        [
            "/services/PINVREC",
            "/services/PLEDGER",
            "/oncalls",
            "/users/PMIKECH",
            "/users/PSAMOKA",
            "/users/PMORTEZ",
            "/maintenance_windows",
            "/maintenance_windows",
        ]
    )


def test_one_unknown_service_leaves_the_others_of_the_batch_alone(account: Account) -> None:
    good, bad = account.ask(rota_of(), rota_of("PNOBODY"))
    assert isinstance(good, Evidence)
    assert bad.reason == GapReason.GONE


def test_a_long_list_is_read_to_its_last_page(make_account: MakeAccount) -> None:
    account = make_account(edit=_hourly_overrides)
    answer = account.ask(rota_of())
    assert account.calls.count("/oncalls") == 4
    assert _covers([s for s in facts_of(answer).shifts if s.level == 1], AFTER_LAUNCH["as-written"])
    assert answer.completeness.items > 300


def test_contact_details_and_calendar_links_never_enter_the_evidence(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["schedules"][1] |= {"open_ended": True, "kind": "layers"}

    answer = make_account(edit=edit).ask(rota_of())
    kept = answer.to_bytes().decode()
    for private in ("example.com", "2025550142", "00000000-0000-4000-8000-00000000c1e1", "sandbox-pagerduty-token"):
        assert private not in kept
    assert {"email", "address", "http_cal_url", "web_cal_url"} <= set(answer.redacted)


def test_the_evidence_says_who_was_asked_and_where_to_look(account: Account) -> None:
    answer = account.ask(rota_of())
    assert answer.source.sandbox
    assert answer.source.account == "acme-finance"
    assert answer.link == "https://acme-finance.pagerduty.com/service-directory/PINVREC"
    assert [call.path for call in answer.calls][:2] == ["/services/PINVREC", "/oncalls"]
    assert "since=2026-06-13T04%3A00%3A00Z" in answer.calls[1].query


def _covers(shifts: list[Shift], window: Window) -> bool:
    reached = window.start
    for shift in sorted(shifts, key=lambda shift: shift.start.value):
        if shift.start.value <= reached:
            reached = max(reached, shift.end.value)
    return reached >= window.end


def _hourly_overrides(data: dict[str, Any]) -> None:
    def hour(number: int) -> str:
        return (day(6, 13) + timedelta(hours=number)).isoformat()

    people = ("PSAMOKA", "PMIKECH")
    data["schedules"][0]["overrides"] = [
        {"user": people[i % 2], "start": hour(i), "end": hour(i + 1)} for i in range(14 * 24)
    ]
