"""Many questions to one account: pages are counted, not questions; what a list does not show is never a pass."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from collectors.evidence import Evidence, GapReason
from collectors.pagerduty.batch import TOGETHER
from collectors.pagerduty.shelf import FEW
from collectors.sandbox.faults import Fault
from tests.collectors.pagerduty.pagerduty_account import Account, MakeAccount, incidents_of, rota_of

MANY = 60


def subjects(count: int, **of_service: Any) -> Any:
    """An edit: so many services, each with a policy and a person of its own."""

    def edit(data: dict[str, Any]) -> None:
        policy, service, user = data["policies"][1], data["services"][1], data["users"][0]
        for i in range(count):
            data["users"].append(deepcopy(user) | {"id": f"PUSER{i}", "name": f"Person {i}"})
            levels = [policy["levels"][0] | {"targets": [f"PUSER{i}"]}]
            data["policies"].append({**policy, "id": f"PPOL{i}", "levels": levels})
            data["services"].append({**service, "id": f"PSVC{i}", "policy": f"PPOL{i}", **of_service})

    return edit


def rotas(count: int) -> list[Any]:
    return [rota_of(f"PSVC{i}") for i in range(count)]


def counts(count: int) -> list[Any]:
    return [incidents_of(f"PSVC{i}") for i in range(count)]


def test_the_rotas_of_many_services_are_read_from_pages(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(MANY))
    answers = account.ask(*rotas(MANY))
    assert all(isinstance(answer, Evidence) for answer in answers)
    assert [answer.facts.shifts[0].person.value for answer in answers] == [f"Person {i}" for i in range(MANY)]
    assert sorted(account.calls) == ["/maintenance_windows", "/oncalls", "/oncalls", "/services", "/users"]


def test_the_incidents_of_many_services_are_read_from_pages(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(MANY))
    answers = account.ask(*counts(MANY), incidents_of("PLEDGER"))
    assert [answer.facts.count.value for answer in answers] == [0] * MANY + [1]
    lots = MANY // TOGETHER + 1
    assert sorted(account.calls) == [*["/incidents"] * 2 * lots, "/maintenance_windows", "/priorities", "/services"]


def test_each_answer_names_the_page_it_stands_on_and_no_other(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(120))
    answers = account.ask(*rotas(120))
    pages = {tuple(call.query for call in answer.calls if call.path == "/services") for answer in answers}
    assert sorted(len(page) for page in pages) == [1, 1]
    assert account.calls.count("/services") == 2


def test_a_few_are_asked_for_one_by_one(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(FEW))
    account.ask(*rotas(FEW))
    assert "/services" not in account.calls
    assert "/users" not in account.calls


def test_a_list_longer_than_asking_one_by_one_is_left_after_its_first_page(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(6))
    page = json.dumps({"services": [None] * 100, "more": True, "total": 800})
    account.proxy.set(Fault(kind="status", status=200, path="/services", body=page))
    assert all(isinstance(answer, Evidence) for answer in account.ask(*rotas(6)))
    assert account.calls.count("/services") == 1
    assert sum(call.startswith("/services/") for call in account.calls) == 6


# --- what a list does not show ---------------------------------------------------------------------------------------


def hidden(account: Account, path: str, key: str, query: str, keep: Any) -> Fault:
    """The list at `path` without the rows that are not kept, as if they could not be seen there."""
    body = account.get(f"{path}?limit=100&{query}")
    body[key] = [row for row in body[key] if keep(row)]
    return Fault(kind="status", status=200, path=path, body=json.dumps(body))


@pytest.mark.parametrize("instead", [None, {"id": "PSVC3"}, {"id": "PSVC3", "type": "service_reference"}, "text"])
def test_a_service_that_the_list_does_not_show_whole_is_asked_for_itself(
    make_account: MakeAccount, instead: object
) -> None:
    account = make_account(edit=subjects(6))
    fault = hidden(account, "/services", "services", "", lambda row: row["id"] != "PSVC3")
    body = json.loads(fault.body)
    body["services"] += [instead]
    account.proxy.set(fault.model_copy(update={"body": json.dumps(body)}))
    assert all(isinstance(answer, Evidence) for answer in account.ask(*rotas(6)))
    assert [call for call in account.calls if call.startswith("/services/")] == ["/services/PSVC3"]


def test_a_service_that_nobody_shows_is_gone_and_the_others_are_not(make_account: MakeAccount) -> None:
    answers = make_account(edit=subjects(6)).ask(*rotas(6), rota_of("PNOBODY"))
    assert [isinstance(answer, Evidence) for answer in answers] == [True] * 6 + [False]
    assert answers[-1].reason == GapReason.GONE


def test_a_person_whom_the_list_shows_in_part_is_asked_for_itself(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(6))
    plain = json.dumps(account.get("/users?limit=100"))
    account.proxy.set(Fault(kind="status", status=200, path="/users", body=plain))
    assert all(isinstance(answer, Evidence) for answer in account.ask(*rotas(6)))
    assert sum(call.startswith("/users/") for call in account.calls) == 6


def test_schedules_of_version_two_come_in_one_list_and_the_others_alone(make_account: MakeAccount) -> None:
    def edit(data: dict[str, Any]) -> None:
        backup = data["schedules"][1] | {"open_ended": True}
        for i in range(6):
            data["schedules"].append({**backup, "id": f"PSCH{i}", "kind": "layers" if i else "shifts"})
            levels = [data["policies"][0]["levels"][0] | {"targets": [f"PSCH{i}"]}]
            data["policies"].append({**data["policies"][0], "id": f"PPOL{i}", "levels": levels})
            data["services"].append({**data["services"][0], "id": f"PSVC{i}", "policy": f"PPOL{i}"})

    account = make_account(edit=edit)
    answers = account.ask(*rotas(6))
    assert all(isinstance(answer, Evidence) and len(answer.facts.shifts) > 0 for answer in answers)
    assert [call for call in account.calls if "schedules" in call] == ["/schedules", "/v3/schedules/PSCH0"]


# --- silence ---------------------------------------------------------------------------------------------------------


def with_incident(*, resolved: str | None) -> Any:
    def edit(data: dict[str, Any]) -> None:
        subjects(6)(data)
        data["incidents"].append(
            {"id": "QHID", "number": 1, "title": "t", "service": "PSVC3", "priority": "P1", "resolved": resolved}
            | {"created": "2026-05-20T10:00:00-04:00" if resolved else "2025-05-20T10:00:00-04:00"}
        )  # fmt: skip

    return edit


@pytest.mark.parametrize(("resolved", "before"), [("2026-05-20T11:00:00-04:00", 0), (None, 1)])
def test_an_incident_that_the_shared_list_passed_over_is_found_alone(
    make_account: MakeAccount, resolved: str | None, before: int
) -> None:
    """As if the account heeded only some of the ids: the service itself tells that there is more."""
    account = make_account(edit=with_incident(resolved=resolved))
    empty = '{"incidents": [], "more": false, "total": 0}'
    account.proxy.set(Fault(kind="status", status=200, path="/incidents", after=before, times=1, body=empty))
    answers = account.ask(*counts(6))
    assert [answer.facts.count.value for answer in answers] == [0, 0, 0, 1, 0, 0]


def test_a_policy_without_any_on_call_in_the_shared_list_is_asked_for_alone(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(6))
    fault = hidden(
        account, "/oncalls", "oncalls", "since=2026-06-13T04:00:00Z&until=2026-06-27T04:00:00Z",
        lambda row: row["escalation_policy"]["id"] in {f"PPOL{i}" for i in range(5)},
    )  # fmt: skip
    account.proxy.set(fault.model_copy(update={"times": 1}))
    assert [len(answer.facts.shifts) for answer in account.ask(*rotas(6))] == [1] * 6
    assert account.calls.count("/oncalls") == 2


@pytest.mark.parametrize("status", [400, 414])
def test_a_question_about_too_many_is_asked_in_halves(make_account: MakeAccount, status: int) -> None:
    account = make_account(edit=subjects(6))
    account.proxy.set(Fault(kind="status", status=status, path="/oncalls", times=1))
    assert all(isinstance(answer, Evidence) for answer in account.ask(*rotas(6)))
    assert account.calls.count("/oncalls") == 3


def test_a_lot_with_more_items_than_can_be_paged_through_is_asked_in_halves(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(6))
    long = json.dumps({"oncalls": [{}] * 100, "more": True, "total": 10_001})
    account.proxy.set(Fault(kind="status", status=200, path="/oncalls", body=long, times=1))
    assert all(isinstance(answer, Evidence) for answer in account.ask(*rotas(6)))
    assert account.calls.count("/oncalls") == 3


# --- a shared list that fails ----------------------------------------------------------------------------------------

SHARED = [
    (rotas(6), "/services", "services.read"),
    (rotas(6), "/oncalls", "oncalls.read"),
    (rotas(6), "/users", "users.read"),
    (rotas(6), "/maintenance_windows", "services.read"),
    (counts(6), "/services", "services.read"),
    (counts(6), "/incidents", "incidents.read"),
    (counts(6), "/maintenance_windows", "services.read"),
    (counts(6), "/priorities", "priorities.read"),
]
CLASSES = [
    (403, GapReason.DENIED),
    (401, GapReason.DENIED),
    (429, GapReason.THROTTLED),
    (503, GapReason.UNREACHABLE),
    (200, GapReason.MALFORMED),
]


@pytest.mark.parametrize(("asks", "path", "scope"), SHARED)
@pytest.mark.parametrize(("status", "reason"), CLASSES)
def test_a_shared_list_that_fails_is_everyones_gap(
    make_account: MakeAccount, asks: list[Any], path: str, scope: str, status: int, reason: GapReason
) -> None:
    account = make_account(edit=subjects(6))
    account.proxy.set(Fault(kind="status", status=status, path=path, headers={"retry-after": "0"}))
    answers = account.ask(*asks)
    assert {answer.reason for answer in answers} == {reason}
    if reason == GapReason.DENIED:
        assert {answer.scope for answer in answers} == {scope}


def test_who_was_found_before_the_list_failed_is_answered(make_account: MakeAccount) -> None:
    account = make_account(edit=subjects(120))
    account.proxy.set(Fault(kind="status", status=403, path="/services", after=1))
    answers = account.ask(*rotas(120))
    found = [answer for answer in answers if isinstance(answer, Evidence)]
    assert len(found) == 98  # a page of a hundred with two others on it
    assert {answer.reason for answer in answers if answer not in found} == {GapReason.DENIED}


def test_pages_that_do_not_fit_together_are_truncated(make_account: MakeAccount) -> None:
    """The second page tells another total: the list changed in between, and something may have slipped through."""
    account = make_account(edit=subjects(120))
    second = json.dumps({"oncalls": [], "more": False, "total": 49})
    account.proxy.set(Fault(kind="status", status=200, path="/oncalls", body=second))
    assert {answer.reason for answer in account.ask(*rotas(6))} == {GapReason.TRUNCATED}
