"""langsmith.retention: how long new traces are kept where LangSmith says so, and never a number it did not give."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from collectors.asking import conversation
from collectors.connections import LangSmithAccess
from collectors.errors import Blind
from collectors.evidence import GapReason
from collectors.http import NotAllowed
from collectors.langsmith.check import check
from collectors.langsmith.client import ALLOWED, access_of
from collectors.langsmith.facts import ProjectRetentionFacts, RetentionAsk
from collectors.langsmith.project import projects
from collectors.langsmith.retention import retention
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, first_with, gap_of

SUBJECT = RetentionAsk(project="finance-invoice-recon")
SESSIONS, WORKSPACE = "/api/v1/sessions", "/workspaces/current/ttl-settings"


def facts_of(answer: object) -> ProjectRetentionFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, ProjectRetentionFacts)
    return facts


def project_with(**fields: Any):
    """An edit of the subject's project in LangSmith's answer; ... removes a field."""
    return first_with(SESSIONS, **fields)


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_in_both_worlds_the_workspace_keeps_the_subject_s_traces_for_180_days(place, world):
    answer = retention(place(world).conn, [SUBJECT])[0]
    facts = facts_of(answer)
    assert (facts.tier.value, facts.kept.value, facts.kept.unit) == ("longlived", 180, "days")
    assert facts.decided_by.value == "workspace"
    assert_pointers_lead_to_values(answer)


def test_a_period_of_the_project_s_own_goes_before_the_workspace_s(place):
    answer = retention(place().conn, [RetentionAsk(project="hr-onboarding")])[0]
    assert (facts_of(answer).kept.value, facts_of(answer).decided_by.value) == (400, "project")
    assert_pointers_lead_to_values(answer)


@pytest.mark.parametrize("tier", ["shortlived", "SHORT_LIVED"])
def test_the_base_tier_keeps_the_fourteen_days_that_are_documented(place, tier):
    answer = retention(place(edits=project_with(trace_tier=tier, longlived_ttl_days=400)).conn, [SUBJECT])[0]
    assert (facts_of(answer).tier.value, facts_of(answer).kept.value) == ("shortlived", 14)
    assert facts_of(answer).kept.origin == "code"


def test_of_a_server_elsewhere_the_base_period_is_not_known(place):
    """Whoever runs LangSmith themselves may have set another."""
    here = place(edits=project_with(trace_tier="shortlived"))
    elsewhere = access_of(LangSmithAccess("key", "https://langsmith.acme.example"))
    with conversation(here.conn, access_of(here.conn.langsmith)) as asking:
        known = projects(replace(asking, access=elsewhere), [SUBJECT.project])
        with pytest.raises(Blind, match="whose base period"):
            known.kept(known.find(SUBJECT.project))


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"trace_tier": ...}, "names no trace tier"),
        ({"trace_tier": None}, "names no trace tier"),
        ({"longlived_ttl_days": ...}, "tells no longlived_ttl_days"),
    ],
)
def test_what_is_not_in_the_answer_is_malformed_so_that_no_word_stands_in_for_it(place, fields, why):
    """It may have been lost on its way: only blindness is stood in for."""
    gap = gap_of(retention(place(edits=project_with(**fields)).conn, [SUBJECT])[0], GapReason.MALFORMED)
    assert why in gap.what
    assert "name `source: attestation` for this log on the card" in gap.next_step


@pytest.mark.parametrize("days", [..., None])
def test_a_workspace_without_a_period_is_malformed_and_never_four_hundred_days(place, days):
    def edit(body: Any) -> Any:
        body.pop("longlived_ttl_days")
        return body if days is ... else body | {"longlived_ttl_days": days}

    gap = gap_of(retention(place(edits={WORKSPACE: edit}).conn, [SUBJECT])[0], GapReason.MALFORMED)
    assert "of which no period is told" in gap.what
    assert "source: attestation" in gap.next_step


def test_a_server_that_does_not_know_workspaces_retention_is_blind(place):
    here = place(data=lambda world: world.pop("longlived_ttl_days"))
    gap_of(retention(here.conn, [SUBJECT])[0], GapReason.BLIND)


@pytest.mark.parametrize(
    "fields",
    [
        {"trace_tier": "eternal"}, {"trace_tier": 7}, {"longlived_ttl_days": "180"}, {"longlived_ttl_days": 0},
        {"longlived_ttl_days": True}, {"longlived_ttl_days": 12.5}, {"id": None}, {"id": ...},
    ],
)  # fmt: skip
def test_a_field_of_another_type_is_malformed(place, fields):
    gap_of(retention(place(edits=project_with(**fields)).conn, [SUBJECT])[0], GapReason.MALFORMED)


def test_another_workspace_s_retention_is_not_taken_for_ours(place):
    here = place(edits={WORKSPACE: lambda body: body | {"tenant_id": "another"}})
    gap_of(retention(here.conn, [SUBJECT])[0], GapReason.MALFORMED)


def test_a_name_that_only_begins_like_the_project_s_is_gone(place):
    for name in ("finance-invoice", "finance-invoice-recon ", "unknown"):
        gap = gap_of(retention(place().conn, [RetentionAsk(project=name)])[0], GapReason.GONE)
        assert name in gap.what


@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault)
    gap = gap_of(retention(here.conn, [SUBJECT])[0], reason)
    assert "LangSmith" in gap.what
    if reason == GapReason.DENIED:
        assert "projects:read" in gap.scope


def test_a_workspace_that_may_not_be_read_is_denied_and_not_blind(place):
    """A person's word may stand in for blindness, never for a missing permission."""
    here = place()
    here.faults.set(Fault(kind="status", status=403, path=WORKSPACE))
    gap_of(retention(here.conn, [SUBJECT])[0], GapReason.DENIED)


def test_a_wrong_key_is_denied_and_never_told(place):
    here = place()
    gap = gap_of(retention(here.as_(api_key="lsv2_wrong"), [SUBJECT])[0], GapReason.DENIED)
    assert "lsv2_wrong" not in gap.to_bytes().decode()


def test_without_a_key_nothing_is_asked(place):
    here = place()
    gap = gap_of(retention(replace(here.conn, langsmith=None), [SUBJECT])[0], GapReason.NOT_CONFIGURED)
    assert "LANGSMITH_API_KEY" in gap.what
    assert here.asked() == []


def test_many_projects_are_answered_from_one_list_and_one_look_at_the_workspace(place):
    """Also where the list has more pages than one."""

    def many(world: Any) -> None:
        world["projects"] += [{"name": f"p{n:03}"} for n in range(150)]

    here = place(data=many)
    asks = [SUBJECT, *(RetentionAsk(project=f"p{n:03}") for n in range(150)), RetentionAsk(project="none")]
    answers = retention(here.conn, asks)
    assert [facts_of(answer).kept.value for answer in answers[:-1]] == [180] * 151
    gap_of(answers[-1], GapReason.GONE)
    assert here.asked() == [("GET", SESSIONS)] * 2 + [("GET", WORKSPACE)]
    for answer in answers[:-1]:  # each rests on all three, whoever made them
        assert [call.path for call in evidence_of(answer).calls] == [SESSIONS, SESSIONS, WORKSPACE]


def test_the_list_s_failure_is_asked_for_once_and_stands_for_all(place):
    here = place()
    here.faults.set(Fault(kind="status", status=403))
    for answer in retention(here.conn, [SUBJECT, RetentionAsk(project="hr-onboarding")]):
        gap_of(answer, GapReason.DENIED)
    assert len(here.faults.seen) == 1


def test_nothing_of_the_project_but_name_ids_and_retention_is_kept(place):
    here = place(edits=project_with(extra={"metadata": {"owner": "m@acme.example"}}, description="secret"))
    kept = evidence_of(retention(here.conn, [SUBJECT])[0]).to_bytes().decode()
    assert "acme.example" not in kept
    assert "secret" not in kept.replace("secret_", "")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", SESSIONS), ("POST", SESSIONS), ("PUT", WORKSPACE), ("POST", "/api/v1/runs"), ("GET", "/api/v1/api-key")],
)
def test_whatever_is_not_on_the_list_is_not_sent(place, method, path):
    here = place()
    with conversation(here.conn, access_of(here.conn.langsmith)) as asking, pytest.raises(NotAllowed):
        asking.http.request(method, path)
    assert here.asked() == []


def test_the_two_posts_on_the_list_are_questions():
    assert {rule.path for rule in ALLOWED if rule.method != "GET"} == {"/api/v1/runs/query", "/api/v1/runs/stats"}


def test_the_check_tells_workspace_and_what_is_missing(place):
    here = place()
    told = check(here.conn)
    assert (told.state, told.account) == ("ok", "5d0a8b1e-7f04-4a1e-9c55-1f7c31a0c0de")
    assert check(here.as_(api_key="wrong")).state == "refused"
    here.faults.set(Fault(kind="refuse"))
    assert check(here.conn).state == "unreachable"
    here.faults.set(Fault(kind="status", status=404, path=WORKSPACE))
    assert "blind" in check(here.conn).sentence


@pytest.mark.parametrize(
    ("path", "permission"),
    [("/api/v1/runs/stats", "runs:read"), (WORKSPACE, "workspaces:read")],
)
def test_the_check_tells_each_permission_by_itself(place, path, permission):
    here = place()
    assert set(check(here.conn).held) == {"projects:read", "runs:read", "workspaces:read"}
    here.faults.set(Fault(kind="status", status=403, path=path))
    assert check(here.conn).missing == (permission,)
    assert permission not in check(here.conn).held


def test_without_a_project_the_right_to_read_runs_cannot_be_tried(place):
    here = place()
    here.faults.set(Fault(kind="status", status=200, path="/api/v1/sessions", body="[]"))
    told = check(here.conn)
    assert "runs:read" not in told.held + told.missing
