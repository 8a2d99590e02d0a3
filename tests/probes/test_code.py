"""The last change was tested, or deployed, by itself."""

from __future__ import annotations

import pytest

from agent.probes.code import last_change_went_through
from collectors.github.facts import WorkflowRun, WorkflowRunsFacts
from tests.builders import resource, state, time, told


def run(at: str = "2026-06-08T18:00", event: str = "push", conclusion: str | None = "success", status: str = ""):
    word = status or ("completed" if conclusion else "in_progress")
    return WorkflowRun(
        at=time(at), event=state(event), status=state(word), conclusion=state(conclusion) if conclusion else None
    )


def says(*runs: WorkflowRun) -> str:
    facts = WorkflowRunsFacts(
        repository=resource("acme/a"), workflow=resource("ci.yml"), commit=resource("c" * 40),
        changed=time("2026-06-08T17:30"), runs=runs,
    )  # fmt: skip
    return told(last_change_went_through(facts))


def test_the_newest_run_that_nobody_started_decides():
    """What failed before does not count, and a person's own runs neither way."""
    assert says(run(conclusion="failure"), run("2026-06-09T02:00", "schedule")) == (
        "pass: ci.yml over the last change of acme/a (8 June 2026, 17:30 EDT) ended as success on "
        "9 June 2026, 02:00 EDT, by schedule."
    )
    assert says(run(), run("2026-06-09T02:00", conclusion="failure")).startswith("fail: ci.yml over the last change")
    assert says(run(), run("2026-06-10T02:00", "workflow_dispatch", "failure")).startswith("pass")
    assert says(run(conclusion="failure"), run("2026-06-10T02:00", "workflow_dispatch")).startswith("fail")


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "skipped", "neutral", "timed_out", "stale"])
def test_any_other_end_fails(conclusion: str):
    assert says(run(conclusion=conclusion)).startswith("fail")


def test_a_change_over_which_nothing_ran_by_itself_fails():
    sentence = "fail: ci.yml did not run by itself over the last change of acme/a (8 June 2026, 17:30 EDT)."
    assert says() == sentence
    assert says(run(event="workflow_dispatch")) == sentence


def test_a_run_that_has_not_ended_is_unknown():
    assert says(run(), run("2026-06-09T02:00", conclusion=None)).startswith("unknown: ci.yml over the last change")
    assert says(run(status="queued")).startswith("unknown")


def test_a_run_whose_cause_is_not_known_here_is_unknown():
    assert says(run(event="dynamic")).startswith("unknown: ci.yml ran over the last change of acme/a")
    assert says(run(event="dynamic"), run()).startswith("pass")
