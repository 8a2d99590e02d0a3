"""pagerduty.incidents: what was created for one service in a window."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.evidence import Evidence, GapReason, Window
from collectors.pagerduty.facts import IncidentsFacts
from collectors.sandbox.faults import Fault
from tests.collectors.pagerduty.pagerduty_account import PILOT, Account, Edit, MakeAccount, day, incidents_of


def facts_of(answer: Evidence) -> IncidentsFacts:
    assert isinstance(answer, Evidence), answer
    assert isinstance(answer.facts, IncidentsFacts)
    return answer.facts


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_both_worlds_had_one_p3_and_no_p1_in_the_pilot(make_account: MakeAccount, world: str) -> None:
    facts = facts_of(make_account(world).ask(incidents_of()))
    assert (facts.count.value, facts.count.unit) == (1, "incidents")
    assert [incident.priority and incident.priority.value for incident in facts.incidents] == ["P3"]
    assert [priority.value for priority in facts.priorities] == ["P1", "P2", "P3", "P4"]


def test_another_services_p1_is_not_counted_here_and_is_counted_there(account: Account) -> None:
    ours, theirs = account.ask(incidents_of(), incidents_of("PLEDGER"))
    assert [i.incident.value for i in facts_of(ours).incidents] == ["Q1INVREC0001"]
    assert [i.incident.value for i in facts_of(theirs).incidents] == ["Q1LEDGER0001"]
    assert account.calls.count("/priorities") == 1
    assert account.calls.count("/incidents") == 2  # those created in the window, and those that are open


def test_an_unclassified_incident_has_no_priority(make_account: MakeAccount) -> None:
    account = make_account(edit=lambda data: data["incidents"][1].update(priority=None))
    assert [i.priority for i in facts_of(account.ask(incidents_of())).incidents] == [None]


def test_the_window_is_half_open(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["incidents"][1]["created"] = PILOT.end
        data["incidents"][2]["created"] = PILOT.start

    found = facts_of(make_account(edit=edit).ask(incidents_of())).incidents
    assert [i.incident.value for i in found] == ["Q1INVREC0000"]


def test_the_window_is_asked_for_in_instants_of_one_zone(account: Account) -> None:
    """Never by the account's own zone or the last month, and never by user: resolved ones are nobody's."""
    account.ask(incidents_of())
    created, now_open = (one for one in account.proxy.seen if one.path == "/incidents")
    assert (created.one("since"), created.one("until")) == ("2026-02-12T04:59:59Z", "2026-06-12T04:00:01Z")
    assert (now_open.one("date_range"), now_open.all("statuses[]")) == ("all", ("triggered", "acknowledged"))
    for one in (created, now_open):
        assert (one.one("time_zone"), one.one("sort_by")) == ("UTC", "created_at:asc")
        assert (one.all("user_ids[]"), one.all("urgencies[]")) == ((), ())


@pytest.mark.parametrize("created", ["2026-06-12T04:00:00Z", "2026-07-01T00:00:00Z"])
def test_a_creation_outside_the_window_that_the_list_lets_through_does_not_count(
    account: Account, created: str
) -> None:
    found = account.get("/incidents?date_range=all&service_ids[]=PINVREC")
    found["incidents"] = [one | {"created_at": created} for one in found["incidents"]]
    account.says("/incidents", found)
    assert facts_of(account.ask(incidents_of())).count.value == 0


def test_a_service_that_does_not_exist_is_gone_and_never_zero_incidents(account: Account) -> None:
    gap = account.gap(incidents_of("PNOBODY"))
    assert (gap.reason, gap.status) == (GapReason.GONE, 404)
    assert "/incidents" not in account.calls


def test_a_text_that_is_no_id_is_gone_without_being_sent(account: Account) -> None:
    gap = account.gap(incidents_of("../users"))
    assert gap.reason == GapReason.GONE
    assert account.calls == ["/priorities"]


def test_a_window_of_more_than_six_months_is_asked_for_in_pieces(account: Account) -> None:
    window = Window(start=day(6, 12) - timedelta(days=300), end=day(6, 12))
    assert facts_of(account.ask(incidents_of(window=window))).count.value == 2
    assert account.calls.count("/incidents") == 3 + 1


def test_a_long_list_is_read_to_its_last_page(make_account: MakeAccount) -> None:
    account = make_account(edit=lambda data: data.update(incidents=[_incident(i) for i in range(230)]))
    assert facts_of(account.ask(incidents_of())).count.value == 230
    assert account.calls.count("/incidents") == 3 + 3


def open_for_long(count: int) -> Edit:
    """So many incidents that are open since before anything was asked about: they stand in the second list alone."""
    return lambda data: data.update(
        incidents=[_incident(i) | {"created": day(1, 1) - timedelta(days=300 - i)} for i in range(count)]
    )


OPEN_NOW = "/incidents?date_range=all&statuses[]=triggered&sort_by=created_at:asc&limit=100&offset={}"


def two_pages(first: list[Any], second: list[Any], total: int | None) -> list[Fault]:
    """What the open ones are answered with; those created in the window are asked for before."""
    bodies = [{"incidents": first, "more": True, "total": total}, {"incidents": second, "more": False, "total": total}]
    return [
        Fault(kind="status", status=200, path="/incidents", after=1, times=1, body=json.dumps(body)) for body in bodies
    ]


@pytest.mark.parametrize("total", [150, None], ids=["told", "not told"])
def test_an_incident_that_slips_between_two_pages_is_truncated_and_never_missed(
    make_account: MakeAccount, total: int | None
) -> None:
    """One was resolved and another opened after the first page was read: no total changed, and nothing came twice."""
    account = make_account(edit=open_for_long(150))
    held = [one for offset in (0, 100) for one in account.get(OPEN_NOW.format(offset))["incidents"]]
    account.proxy.set(*two_pages(held[:100], held[99:], total))
    assert facts_of(account.ask(incidents_of())).count.value == 150

    moved = held[:9] + held[10:] + [held[0] | {"id": "QNEW"}]
    account.proxy.set(*two_pages(held[:100], moved[99:], total))
    assert account.ask(incidents_of()).reason == GapReason.TRUNCATED


def test_pages_that_bring_nothing_new_and_promise_more_end(account: Account) -> None:
    """Of a list that tells no total: each page holds no more than the thing with which the one before it ended."""
    account.says("/incidents", {"incidents": [{"id": "Q1"}], "more": True})
    assert account.ask(incidents_of()).reason == GapReason.TRUNCATED
    assert account.calls.count("/incidents") == 2 + 2


def test_a_list_beyond_the_last_page_is_truncated(account: Account) -> None:
    account.says("/incidents", {"incidents": [{}] * 2500, "more": True})
    assert account.ask(incidents_of()).reason == GapReason.TRUNCATED
    assert account.calls.count("/incidents") == 4 + 4


def test_a_promise_of_more_after_an_empty_page_ends(account: Account) -> None:
    account.says("/incidents", {"incidents": [], "more": True})
    gap = account.ask(incidents_of())
    assert gap.reason == GapReason.TRUNCATED
    assert account.calls.count("/incidents") == 1 + 1


@pytest.mark.parametrize("total", [1, 250])
def test_a_total_that_does_not_fit_the_list_is_truncated(account: Account, total: int) -> None:
    account.says("/incidents", {"incidents": [], "more": False, "total": total})
    assert account.ask(incidents_of()).reason == GapReason.TRUNCATED


def test_a_window_with_more_than_the_last_page_holds_is_cut(account: Account) -> None:
    long = json.dumps({"incidents": [{}] * 100, "more": True, "total": 10_001})
    account.proxy.set(Fault(kind="status", status=200, path="/incidents", body=long, times=1))
    assert facts_of(account.ask(incidents_of())).count.value == 1
    assert account.calls.count("/incidents") == 3 + 1


def test_a_window_that_is_too_full_however_it_is_cut_is_truncated(account: Account) -> None:
    account.says("/incidents", {"incidents": [{}] * 100, "more": True, "total": 10_001})
    assert account.ask(incidents_of()).reason == GapReason.TRUNCATED
    assert account.calls.count("/incidents") < 40


def test_an_incident_of_another_service_is_an_answer_to_another_question(account: Account) -> None:
    account.says("/incidents", account.get("/incidents?date_range=all&service_ids[]=PLEDGER"))
    assert account.ask(incidents_of()).reason == GapReason.MALFORMED


def test_an_account_without_priorities_is_denied_and_names_the_permission(make_account: MakeAccount) -> None:
    gap = make_account(edit=lambda data: data.update(abilities=[])).gap(incidents_of())
    assert (gap.reason, gap.status, gap.scope) == (GapReason.DENIED, 402, "priorities.read")


def open_from(created: datetime, resolved: datetime | None) -> Edit:
    def edit(data: dict[str, Any]) -> None:
        data["incidents"][2] |= {"created": created, "resolved": resolved, "priority": "P1"}

    return edit


@pytest.mark.parametrize(
    ("created", "resolved", "counts"),
    [
        (day(5, 1), None, True),
        (day(1, 1) - timedelta(days=300), None, True),
        (day(5, 1), day(5, 20), True),
        (day(5, 1), day(6, 30), True),
        (day(5, 1), day(5, 13), False),
        (day(6, 12), None, False),
    ],
    ids=["open", "open for long", "resolved in it", "resolved after it", "resolved as it began", "opened after it"],
)
def test_an_incident_from_before_the_window_counts_while_it_is_open(
    make_account: MakeAccount, created: datetime, resolved: datetime | None, counts: bool
) -> None:
    facts = facts_of(make_account(edit=open_from(created, resolved)).ask(incidents_of()))
    assert ("Q1INVREC0000" in [i.incident.value for i in facts.incidents]) == counts


def test_an_incident_resolved_before_it_began_is_taken_for_open(account: Account) -> None:
    found = account.get("/incidents?date_range=all&service_ids[]=PINVREC")
    found["incidents"][0] |= {"created_at": "2026-05-01T00:00:00Z", "resolved_at": "2026-04-01T00:00:00Z"}
    account.says("/incidents", found)
    assert facts_of(account.ask(incidents_of())).count.value == 2


def test_maintenance_that_touches_the_window_is_told(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["maintenance"] = [
            {"id": "PMW1", "services": ["PINVREC"], "start": day(5, 10), "end": day(5, 14)},
            {"id": "PMW2", "services": ["PINVREC"], "start": day(5, 10), "end": day(5, 13)},
            {"id": "PMW3", "services": ["PLEDGER"], "start": day(5, 10), "end": day(5, 14)},
        ]

    (found,) = facts_of(make_account(edit=edit).ask(incidents_of())).maintenance
    assert (found.start.value, found.end.value) == (day(5, 10), day(5, 14))


def _incident(number: int) -> dict[str, Any]:
    created = PILOT.start + timedelta(hours=number)
    return {"id": f"Q{number}", "number": number, "title": "t", "service": "PINVREC", "created": created}
