"""What `clearance doctor` says of PagerDuty."""

from __future__ import annotations

from dataclasses import replace

from collectors.pagerduty.check import check
from collectors.sandbox.faults import Fault
from tests.collectors.pagerduty.pagerduty_account import Account, MakeAccount


def test_a_good_key_is_ok_and_the_account_is_named(account: Account) -> None:
    found = check(account.conn)
    assert (found.vendor, found.state, found.account) == ("pagerduty", "ok", "acme-finance")


def test_a_wrong_key_is_refused_and_the_sentence_holds_no_part_of_it(make_account: MakeAccount) -> None:
    found = check(make_account(token="wrong-key-1234").conn)
    assert found.state == "refused"
    assert "1234" not in found.sentence


def test_a_missing_permission_is_refused_by_name(account: Account) -> None:
    account.proxy.set(Fault(kind="status", status=403, path="/oncalls"))
    found = check(account.conn)
    assert found.state == "refused"
    assert "oncalls.read" in found.sentence
    assert found.missing == ("oncalls.read",)
    assert {"services.read", "incidents.read"} <= set(found.held)


def test_contact_methods_that_come_as_mere_references_name_what_is_missing(account: Account) -> None:
    account.says("/users", account.get("/users?limit=1"))
    found = check(account.conn)
    assert (found.state, found.missing) == ("refused", ("users:contact_methods.read",))
    assert "users.read" in found.held
    assert "users:contact_methods.read" in found.sentence


def test_a_feature_that_the_plan_lacks_is_no_matter_of_the_key(make_account: MakeAccount) -> None:
    found = check(make_account(edit=lambda data: data.update(abilities=[])).conn)
    assert (found.state, found.missing) == ("refused", ("priorities.read",))
    assert "plan or settings lack this feature" in found.sentence


def test_a_source_that_is_down_is_unreachable(account: Account) -> None:
    account.proxy.set(Fault(kind="refuse"))
    assert check(account.conn).state == "unreachable"


def test_a_limit_is_not_a_refusal(account: Account) -> None:
    account.proxy.set(Fault(kind="status", status=429, headers={"retry-after": "0"}))
    assert check(account.conn).state == "unreachable"


def test_without_a_key_it_is_not_configured(account: Account) -> None:
    found = check(replace(account.conn, pagerduty=None))
    assert found.state == "not configured"
    assert "PAGERDUTY_API_KEY" in found.sentence
