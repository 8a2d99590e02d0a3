"""github.workflow_runs: every run of a workflow over the last commit, or the reason why not."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.evidence import GapReason
from collectors.github.facts import WorkflowRunsAsk, WorkflowRunsFacts
from collectors.github.runs import workflow_runs
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, gap_of

REPOSITORY = "acme/finance-agents"
TESTS = WorkflowRunsAsk(repository=REPOSITORY, workflow="tests.yml")
COMMITS, RUNS = f"/repos/{REPOSITORY}/commits", f"/repos/{REPOSITORY}/actions/workflows/tests.yml/runs"


def facts_of(answer: object) -> WorkflowRunsFacts:
    facts = evidence_of(answer).facts
    assert isinstance(facts, WorkflowRunsFacts)
    return facts


def ended(facts: WorkflowRunsFacts) -> list[tuple[str, str | None]]:
    return [(run.event.value, run.conclusion.value if run.conclusion else None) for run in facts.runs]


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_only_the_runs_over_the_last_commit_are_told(place, world):
    answer = workflow_runs(place(world).conn, [TESTS])[0]
    assert ended(facts_of(answer)) == [("schedule", "success"), ("push", "success"), ("push", "failure")]
    assert facts_of(answer).changed.value.isoformat() == "2026-06-08T21:30:00+00:00"
    assert_pointers_lead_to_values(answer)


def test_it_asks_for_the_runs_of_exactly_that_commit(place):
    here = place()
    commit = facts_of(workflow_runs(here.conn, [TESTS])[0]).commit.value
    assert here.asked() == [("GET", COMMITS), ("GET", RUNS)]
    assert here.faults.seen[1].one("head_sha") == commit


def test_a_tag_leads_to_an_older_commit(place):
    older = TESTS.model_copy(update={"ref": "first-draft"})
    found = facts_of(workflow_runs(place().conn, [older])[0])
    assert (found.changed.value.day, found.runs) == (4, ())


def many(world: Any) -> None:
    row = {"commit": 4, "at": "2026-06-09T01:00:00-04:00"}
    world["repositories"][REPOSITORY]["workflows"]["tests.yml"] = [row] * world.get("count", 250)
    world.pop("count", None)


def test_runs_are_listed_to_the_last_page(place):
    here = place(data=many)
    answer = evidence_of(workflow_runs(here.conn, [TESTS])[0])
    assert (len(facts_of(answer).runs), answer.completeness.pages, answer.completeness.items) == (250, 3, 250)
    assert [seen.one("page") for seen in here.faults.seen[1:]] == ["1", "2", "3"]


def test_more_than_a_thousand_runs_are_truncated(place):
    def thousand(world: Any) -> None:
        many(world | {"count": 1001})

    gap = gap_of(workflow_runs(place(data=thousand).conn, [TESTS])[0], GapReason.TRUNCATED)
    assert "1000 of 1001 runs" in gap.what


def test_a_list_that_ends_too_soon_is_truncated(place):
    gap_of(workflow_runs(place(edits={RUNS: lambda b: {**b, "total_count": 4}}).conn, [TESTS])[0], GapReason.TRUNCATED)


def test_a_run_that_has_not_ended_has_no_conclusion(place):
    def going(body: Any) -> Any:
        body["workflow_runs"][0] |= {"status": "in_progress", "conclusion": None}
        return body

    (first, *_) = facts_of(workflow_runs(place(edits={RUNS: going}).conn, [TESTS])[0]).runs
    assert (first.status.value, first.conclusion) == ("in_progress", None)


@pytest.mark.parametrize(
    "fields",
    [
        {"head_branch": 7},
        {"head_sha": "0" * 40},
        {"event": None},
        {"created_at": "2026-06-08"},
        {"conclusion": 3},
        {"status": 1},
    ],
)
def test_a_run_that_is_not_the_contracts_is_malformed(place, fields):
    def other(body: Any) -> Any:
        body["workflow_runs"][0] |= fields
        return body

    gap_of(workflow_runs(place(edits={RUNS: other}).conn, [TESTS])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(
    "body",
    [{}, {"total_count": "3", "workflow_runs": []}, {"total_count": 0}, [], {"total_count": 1, "workflow_runs": [7]}],
)
def test_an_answer_without_runs_is_malformed_and_not_none_at_all(place, body):
    gap_of(workflow_runs(place(edits={RUNS: lambda _: body}).conn, [TESTS])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(
    "commits", [[7], [{"sha": "main"}], [{"sha": "../x", "commit": {"committer": {"date": "2026-06-05T19:42:00Z"}}}]]
)
def test_a_commit_without_id_or_time_is_malformed(place, commits):
    gap_of(workflow_runs(place(edits={COMMITS: lambda _: commits}).conn, [TESTS])[0], GapReason.MALFORMED)


@pytest.mark.parametrize(
    "changes", [{"repository": "acme/none"}, {"repository": "acme/empty"}, {"workflow": "none.yml"}, {"ref": "none"}]
)
def test_what_is_not_there_is_gone(place, changes):
    gap_of(workflow_runs(place().conn, [TESTS.model_copy(update=changes)])[0], GapReason.GONE)


def test_a_branch_without_commits_is_gone(place):
    gap_of(workflow_runs(place(edits={COMMITS: lambda _: []}).conn, [TESTS])[0], GapReason.GONE)


@pytest.mark.parametrize(("path", "scope"), [(COMMITS, "Contents: read"), (RUNS, "Actions: read")])
def test_a_refusal_names_the_permission_of_that_call(place, path, scope):
    here = place()
    here.faults.set(Fault(kind="status", status=403, path=path))
    gap = gap_of(workflow_runs(here.conn, [TESTS])[0], GapReason.DENIED)
    assert scope in gap.scope
    assert gap.scope in gap.what


@pytest.mark.parametrize("path", [COMMITS, RUNS])
@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, path, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault.model_copy(update={"path": path}))
    assert path in gap_of(workflow_runs(here.conn, [TESTS])[0], reason).what


def test_nobody_is_named(place):
    assert "mikechen" not in evidence_of(workflow_runs(place().conn, [TESTS])[0]).to_bytes().decode()
