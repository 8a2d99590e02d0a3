"""Every way in which PagerDuty can fail to answer ends as a gap that says why and what to do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from collectors.connections import PagerDutyAccess
from collectors.evidence import Evidence, GapReason, Request
from collectors.pagerduty.client import ALLOWED
from collectors.sandbox.faults import Fault
from tests.collectors.pagerduty.pagerduty_account import TOKEN, Account, MakeAccount, incidents_of, rota_of

ASKS: tuple[Request, ...] = (rota_of(), incidents_of())
STEPS = [
    (rota_of(), "/services/PINVREC", "services.read"),
    (rota_of(), "/oncalls", "oncalls.read"),
    (rota_of(), "/users/PSAMOKA", "users.read"),
    (rota_of(), "/maintenance_windows", "services.read"),
    (incidents_of(), "/services/PINVREC", "services.read"),
    (incidents_of(), "/priorities", "priorities.read"),
    (incidents_of(), "/incidents", "incidents.read"),
    (incidents_of(), "/maintenance_windows", "services.read"),
]
STATUSES = [
    (403, GapReason.DENIED),
    (402, GapReason.DENIED),
    (404, GapReason.GONE),
    (408, GapReason.UNREACHABLE),
    (429, GapReason.THROTTLED),
    (500, GapReason.UNREACHABLE),
    (302, GapReason.MALFORMED),
]


@pytest.mark.parametrize(("ask", "path", "scope"), STEPS)
@pytest.mark.parametrize(("status", "reason"), STATUSES)
def test_each_status_at_each_step_has_its_reason(
    account: Account, ask: Request, path: str, scope: str, status: int, reason: GapReason
) -> None:
    quick = {"retry-after": "0"}
    gap = account.gap(ask, Fault(kind="status", status=status, path=path, headers=quick))
    assert (gap.reason, gap.status) == (reason, status)
    assert path in gap.what
    assert str(status) in gap.what
    assert gap.next_step
    if reason == GapReason.DENIED:
        assert gap.scope == scope
        assert scope in gap.what


@pytest.mark.parametrize(("status", "reason"), STATUSES)
def test_each_status_of_a_policy_that_did_not_come_with_its_service_has_its_reason(
    account: Account, status: int, reason: GapReason
) -> None:
    failing = Fault(kind="status", status=status, path="/escalation_policies/PINVPOL", headers={"retry-after": "0"})
    gap = account.gap(rota_of(), bare_service(account), failing)
    assert (gap.reason, gap.status) == (reason, status)
    assert gap.scope == ("escalation_policies.read" if reason == GapReason.DENIED else "")


def test_a_policy_that_did_not_come_with_its_service_is_asked_for(account: Account) -> None:
    account.proxy.set(bare_service(account))
    answer = account.ask(rota_of())
    assert isinstance(answer, Evidence)
    assert "/escalation_policies/PINVPOL" in account.calls
    assert "policy" in answer.body


def bare_service(account: Account) -> Fault:
    """The service with a mere reference to its policy."""
    return Fault(kind="status", status=200, path="/services/PINVREC", body=json.dumps(account.get("/services/PINVREC")))


@pytest.mark.parametrize("ask", ASKS)
def test_a_wrong_key_is_denied_and_no_part_of_it_is_told(make_account: MakeAccount, ask: Request) -> None:
    gap = make_account(token="wrong-key-1234").gap(ask)
    assert (gap.reason, gap.status) == (GapReason.DENIED, 401)
    assert "PAGERDUTY_API_KEY" in gap.next_step
    assert "1234" not in gap.to_bytes().decode()


@pytest.mark.parametrize("ask", ASKS)
def test_a_source_that_hangs_is_unreachable_within_its_deadline(account: Account, ask: Request) -> None:
    gap = account.patient(0.05).gap(ask, Fault(kind="hang"))
    assert gap.reason == GapReason.UNREACHABLE
    assert "in time" in gap.what


@pytest.mark.parametrize("kind", ["refuse", "cut"])
@pytest.mark.parametrize(("ask", "path"), [(rota_of(), "/oncalls"), (incidents_of(), "/incidents")])
def test_a_broken_connection_is_unreachable(account: Account, ask: Request, path: str, kind: Any) -> None:
    assert account.gap(ask, Fault(kind=kind, path=path)).reason == GapReason.UNREACHABLE


@pytest.mark.parametrize(("ask", "path", "scope"), STEPS)
def test_half_an_answer_is_malformed(account: Account, ask: Request, path: str, scope: str) -> None:
    assert account.gap(ask, Fault(kind="truncate", path=path)).reason == GapReason.MALFORMED


@pytest.mark.parametrize("body", ["[]", "null", "{}", '{"service": null}', '{"service": {"id": "POTHER1"}}', "NaN"])
def test_an_answer_of_another_shape_is_malformed(account: Account, body: str) -> None:
    fault = Fault(kind="status", status=200, path="/services/PINVREC", body=body)
    assert account.gap(rota_of(), fault).reason == GapReason.MALFORMED


@pytest.mark.parametrize("odd", ["NaN", '"\\ud800"', "[" * 500 + "]" * 500])
def test_json_that_cannot_be_kept_is_malformed(account: Account, odd: str) -> None:
    body = json.dumps(account.get("/services/PINVREC"))[:-2] + f', "odd": {odd}}}}}'
    fault = Fault(kind="status", status=200, path="/services/PINVREC", body=body)
    assert account.gap(rota_of(), fault).reason == GapReason.MALFORMED


def test_a_passing_fault_is_retried_and_every_attempt_is_recorded(account: Account) -> None:
    account.proxy.set(Fault(kind="status", status=429, path="/oncalls", headers={"retry-after": "0"}, times=2))
    answer = account.ask(rota_of())
    assert isinstance(answer, Evidence)
    assert [call.status for call in answer.calls if call.path == "/oncalls"] == [429, 429, 200]


def test_a_lasting_limit_is_asked_three_times_and_no_more(account: Account) -> None:
    account.gap(rota_of(), Fault(kind="status", status=429, path="/services/.*", headers={"ratelimit-reset": "0"}))
    assert account.calls == ["/services/PINVREC"] * 3


def test_a_limit_without_headers_or_body_is_throttled(account: Account) -> None:
    assert account.gap(rota_of(), Fault(kind="status", status=429, path="/oncalls")).reason == GapReason.THROTTLED


def test_without_a_key_nothing_is_asked(account: Account) -> None:
    bare = replace(account, conn=replace(account.conn, pagerduty=None))
    assert {bare.gap(ask).reason for ask in ASKS} == {GapReason.NOT_CONFIGURED}
    assert account.calls == []


def test_a_key_never_travels_in_the_clear(account: Account) -> None:
    clear = replace(account.conn, pagerduty=PagerDutyAccess(TOKEN, "http://pagerduty.example"))
    assert replace(account, conn=clear).gap(rota_of()).reason == GapReason.NOT_CONFIGURED


def test_a_denied_user_is_a_gap_with_the_calls_up_to_it(account: Account) -> None:
    gap = account.gap(rota_of(), Fault(kind="status", status=403, path="/users/.*"))
    assert [call.status for call in gap.calls] == [200, 200, 403]


def test_policy_and_on_calls_that_disagree_are_malformed(account: Account) -> None:
    oncalls = account.get("/oncalls?escalation_policy_ids[]=PINVPOL")
    oncalls["oncalls"][0]["schedule"]["id"] = "POTHER1"
    account.says("/oncalls", oncalls)
    assert account.ask(rota_of()).reason == GapReason.MALFORMED


def test_mere_references_to_contact_methods_are_malformed_and_name_the_permission(account: Account) -> None:
    account.says("/users/PSAMOKA", account.get("/users/PSAMOKA"))
    gap = account.ask(rota_of())
    assert (gap.reason, gap.scope) == (GapReason.MALFORMED, "users:contact_methods.read")


SPOILT = [
    (rota_of(), "/services/PINVREC", "service", "escalation_policy", GapReason.MALFORMED),
    (rota_of(), "/services/PINVREC", "service", "status", GapReason.MALFORMED),
    (rota_of(), "/oncalls", "oncalls", "user", GapReason.MALFORMED),
    (rota_of(), "/oncalls", "oncalls", "escalation_policy", GapReason.MALFORMED),
    (rota_of(), "/oncalls", "oncalls", "escalation_level", GapReason.MALFORMED),
    (rota_of(), "/oncalls", "more", None, GapReason.MALFORMED),
    (incidents_of("PLEDGER"), "/incidents", "incidents", "service", GapReason.MALFORMED),
    (incidents_of("PLEDGER"), "/incidents", "incidents", "created_at", GapReason.MALFORMED),
    (incidents_of("PLEDGER"), "/incidents", "incidents", "id", GapReason.MALFORMED),
    (incidents_of("PLEDGER"), "/incidents", "incidents", "status", GapReason.MALFORMED),
    (incidents_of("PLEDGER"), "/incidents", "more", None, GapReason.MALFORMED),
]


@pytest.mark.parametrize("value", [None, 7, "absent"])
@pytest.mark.parametrize(("ask", "path", "key", "field", "reason"), SPOILT)
def test_a_null_missing_or_odd_field_on_the_way_is_malformed(
    account: Account, ask: Request, path: str, key: str, field: str | None, reason: GapReason, value: object
) -> None:
    body = account.get(path + ("?service_ids[]=PLEDGER" if path == "/incidents" else ""))
    owner = body if field is None else (body[key][0] if isinstance(body[key], list) else body[key])
    if value == "absent":
        del owner[field or key]
    else:
        owner[field or key] = value
    account.says(path, body)
    assert account.ask(ask).reason == reason


def test_only_calls_on_the_allow_list_are_made(account: Account) -> None:
    account.ask(rota_of(), rota_of("PLEDGER"))
    account.ask(incidents_of())
    for asked in account.proxy.seen:
        assert any(rule.matches(asked.method, asked.path) for rule in ALLOWED), asked.path
    assert {rule.method for rule in ALLOWED} == {"GET"}
