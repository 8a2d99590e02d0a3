"""okta.identity: the subject's application and whether it is active."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.domain import Outcome
from agent.probes.identity import identity_is_active
from collectors.asking import conversation
from collectors.evidence import GapReason
from collectors.http import NotAllowed
from collectors.okta.check import check
from collectors.okta.client import ALLOWED, access_of
from collectors.okta.facts import IdentityAsk, OktaIdentityFacts
from collectors.okta.identity import identity
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, first_with, gap_of

SUBJECT = IdentityAsk(name="agent-finance-invoice-recon")
ITS_ID = IdentityAsk(name="0oa1finrecon0000a1b2")
APPS = "/api/v1/apps"


def facts_of(answer: object) -> OktaIdentityFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, OktaIdentityFacts)
    return facts


def app_with(**fields: Any):
    """An edit of the first application; ... removes a field."""
    return first_with(APPS, **fields)


@pytest.mark.parametrize("world", ["as-written", "put-right"])
@pytest.mark.parametrize("ask", [SUBJECT, ITS_ID])
def test_in_both_worlds_the_subject_s_application_is_active_by_label_and_by_id(place, world, ask):
    answer = identity(place(world).conn, [ask])[0]
    facts = facts_of(answer)
    assert (facts.identity.value, facts.kind.value, facts.state.value) == (SUBJECT.name, "application", "active")
    assert facts.keys == ()
    assert_pointers_lead_to_values(answer)


def test_the_rule_about_the_identity_takes_these_facts_as_they_are(place):
    assert identity_is_active(facts_of(identity(place().conn, [SUBJECT])[0])).outcome is Outcome.PASS


def test_an_inactive_application_is_found_and_inactive(place):
    """Okta leaves inactive ones out unless they are asked for."""
    facts = facts_of(identity(place().conn, [IdentityAsk(name="agent-finance-invoice-recon-poc")])[0])
    assert facts.state.value == "inactive"
    assert identity_is_active(facts).outcome is Outcome.FAIL


def test_a_status_that_is_not_known_here_is_told_as_it_is_and_decides_nothing(place):
    facts = facts_of(identity(place(edits=app_with(status="PENDING")).conn, [SUBJECT])[0])
    assert facts.state.value == "pending"
    assert identity_is_active(facts).outcome is Outcome.UNKNOWN


def test_a_label_that_only_begins_like_it_is_not_it(place):
    for name in ("agent-finance", "agent-finance-invoice-recon-", "Agent-Finance-Invoice-Recon", ""):
        gap_of(identity(place().conn, [IdentityAsk(name=name)])[0], GapReason.GONE)


def test_a_deleted_application_is_gone(place):
    gap_of(identity(place(edits=app_with(status="DELETED")).conn, [SUBJECT])[0], GapReason.GONE)
    gap_of(identity(place().conn, [IdentityAsk(name="0oa1finrecon0000zzzz")])[0], GapReason.GONE)


def test_two_applications_of_one_label_are_no_answer(place):
    gap = gap_of(identity(place().conn, [IdentityAsk(name="agent-hr-onboarding")])[0], GapReason.MALFORMED)
    assert "id" in gap.next_step


def test_the_second_page_is_read_at_our_address_and_not_where_the_link_leads(place):
    """The stand-in's links name acme.okta.com, which no test could reach."""
    here = place(data=lambda world: world.update(page=1))
    answer = evidence_of(identity(here.conn, [SUBJECT])[0])
    assert (answer.completeness.pages, facts_of(answer).state.value) == (3, "active")
    assert here.asked() == [("GET", APPS)] * 3


@pytest.mark.parametrize(
    "link",
    [
        '<https://acme.okta.com/api/v1/apps?limit=200>; rel="next"',
        '<https://acme.okta.com/api/v1/apps?after=x>; rel="next"',
    ],
)
def test_a_next_page_that_leads_nowhere_is_truncated(place, link):
    here = place()
    here.faults.set(Fault(kind="status", status=200, body="[]", headers={"link": link}))
    gap_of(identity(here.conn, [SUBJECT])[0], GapReason.TRUNCATED)


def test_many_names_are_answered_from_one_list(place):
    def many(world: Any) -> None:
        first = world["apps"][0]
        world["apps"] += [first | {"id": f"0oa{n:017}", "label": f"agent-{n}"} for n in range(250)]

    here = place(data=many)
    asks = [SUBJECT, *(IdentityAsk(name=f"agent-{n}") for n in range(250)), IdentityAsk(name="none")]
    answers = identity(here.conn, asks)
    assert [facts_of(answer).state.value for answer in answers[:-1]] == ["active"] * 251
    gap_of(answers[-1], GapReason.GONE)
    assert len(here.asked()) == 2
    assert {tuple(call.path for call in evidence_of(answer).calls) for answer in answers[:-1]} == {(APPS, APPS)}


@pytest.mark.parametrize(
    "fields", [{"status": ...}, {"status": None}, {"status": 1}, {"created": "lately"}, {"created": None}, {"id": 7}]
)
def test_a_field_that_matters_and_is_missing_is_malformed(place, fields):
    gap_of(identity(place(edits=app_with(**fields)).conn, [SUBJECT])[0], GapReason.MALFORMED)


def test_another_application_s_odd_fields_do_not_matter(place):
    def edit(listed: Any) -> Any:
        return [*listed, {"id": "0oaother000000000000", "label": None, "status": None}]

    assert facts_of(identity(place(edits={APPS: edit}).conn, [SUBJECT])[0]).state.value == "active"


@pytest.mark.parametrize("body", [{}, [7], [None]])
def test_an_answer_of_another_shape_is_malformed(place, body):
    gap_of(identity(place(edits={APPS: lambda _: body}).conn, [SUBJECT])[0], GapReason.MALFORMED)


@pytest.mark.parametrize("ask", [SUBJECT, ITS_ID])
@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, ask, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    gap = gap_of(identity(here.conn, [ask])[0], reason)
    assert "Okta" in gap.what
    if reason == GapReason.DENIED:
        assert gap.scope == "the scope okta.apps.read"


def test_a_limit_says_until_when(place):
    here = place()
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1781280000", "retry-after": "60"}
    here.faults.set(Fault(kind="status", status=429, headers=headers))
    gap = gap_of(identity(here.conn, [SUBJECT])[0], GapReason.THROTTLED)
    assert "2026-06-12T16:00:00+00:00" in gap.what


def test_a_wrong_token_is_denied_and_never_told(place):
    gap = gap_of(identity(place().as_(token="00wrong"), [SUBJECT])[0], GapReason.DENIED)
    assert "00wrong" not in gap.to_bytes().decode()


@pytest.mark.parametrize(("token", "scheme"), [("00abc", "SSWS 00abc"), ("a.b.c", "Bearer a.b.c")])
def test_an_api_token_and_an_access_token_are_shown_each_its_own_way(place, token, scheme):
    here = place()
    gap_of(identity(here.as_(token=token), [SUBJECT])[0], GapReason.DENIED)
    assert here.faults.seen[0].headers["authorization"] == scheme


def test_without_token_or_address_nothing_is_asked(place):
    here = place()
    gap = gap_of(identity(replace(here.conn, okta=None), [SUBJECT])[0], GapReason.NOT_CONFIGURED)
    assert "OKTA_TOKEN or CLEARANCE_OKTA_URL" in gap.what
    assert here.asked() == []


def test_nothing_but_name_status_and_dates_is_kept(place):
    edits = app_with(credentials={"oauthClient": {"client_secret": "s3cr3t"}})
    kept = evidence_of(identity(place(edits=edits).conn, [SUBJECT])[0]).to_bytes().decode()
    assert "s3cr3t" not in kept
    assert "acme.example" not in kept


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{APPS}/{ITS_ID.name}/credentials/secrets"), ("GET", f"{APPS}/{ITS_ID.name}/credentials/keys"),
        ("POST", APPS), ("POST", f"{APPS}/{ITS_ID.name}/lifecycle/deactivate"), ("GET", "/api/v1/users"),
    ],
)  # fmt: skip
def test_secrets_and_changes_are_not_on_the_list(place, method, path):
    here = place()
    with conversation(here.conn, access_of(here.conn.okta)) as asking, pytest.raises(NotAllowed):
        asking.http.request(method, path)
    assert here.asked() == []
    assert {rule.method for rule in ALLOWED} == {"GET"}


def test_the_check_tells_whether_applications_may_be_read(place):
    here = place()
    assert (check(here.conn).state, check(here.conn).account) == ("ok", "127.0.0.1")
    assert check(here.as_(token="wrong")).state == "refused"
    assert check(replace(here.conn, okta=None)).state == "not configured"
    here.faults.set(Fault(kind="refuse"))
    assert check(here.conn).state == "unreachable"
