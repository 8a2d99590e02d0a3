"""The last change was tested, or deployed, by itself; the code is scanned."""

from __future__ import annotations

import pytest

from agent.probes.code import (
    branch_is_guarded,
    last_change_went_through,
    no_serious_vulnerability_is_open,
    scans_run_on_schedule,
)
from collectors.github.facts import (
    BranchRulesFacts,
    Scan,
    VulnerabilitiesFacts,
    Vulnerability,
    WorkflowRun,
    WorkflowRunsFacts,
)
from tests.builders import AS_OF, number, resource, state, time, told


def run(
    at: str = "2026-06-08T18:00",
    event: str = "push",
    conclusion: str | None = "success",
    status: str = "",
    branch: str = "main",
):
    word = status or ("completed" if conclusion else "in_progress")
    return WorkflowRun(
        at=time(at), event=state(event), status=state(word), conclusion=state(conclusion) if conclusion else None,
        branch=state(branch) if branch else None,
    )  # fmt: skip


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


@pytest.mark.parametrize("later", [{"branch": "scratch"}, {"branch": ""}, {"event": "pull_request"}])
def test_that_the_same_commit_went_well_elsewhere_mends_nothing(later: dict[str, str]):
    """Steps are left out on other branches, and a pull request is of a branch that it goes into."""
    assert says(run(conclusion="failure"), run("2026-06-09T02:00", **later)).startswith("fail")
    assert says(run(), run("2026-06-09T02:00", **later, conclusion="failure")).startswith("fail")
    assert says(run(conclusion=None), run("2026-06-09T02:00", **later)).startswith("unknown")
    assert says(run(), run("2026-06-09T02:00", **later)).startswith("pass")


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


def found(*scans: str, open: tuple[tuple[str | None, str], ...] = (), failed: str = "") -> VulnerabilitiesFacts:
    rows = [Scan(at=time(at), error=None) for at in scans]
    rows += [Scan(at=time(failed), error=state("cut short"))] if failed else []
    alerts = tuple(Vulnerability(at=time(at), severity=state(word) if word else None) for word, at in open)
    return VulnerabilitiesFacts(repository=resource("acme/a"), scans=tuple(rows), open=alerts)


def scheduled(*scans: str, **more: str) -> str:
    return told(scans_run_on_schedule(found(*scans, **more), every="7 days", as_of=AS_OF))  # type: ignore[arg-type]


def test_three_scans_in_a_row_show_a_schedule():
    assert scheduled("2026-06-05T16:00", "2026-05-29T16:00", "2026-05-22T16:00", "2026-01-01T00:00") == (
        "pass: acme/a was scanned on 5 June 2026, 16:00 EDT, and before that each 7 days or sooner."
    )


def test_a_pass_counts_until_the_next_scan_is_due():
    facts = found("2026-06-10T16:00", "2026-06-05T16:00", "2026-05-30T16:00")
    assert scans_run_on_schedule(facts, every="7 days", as_of=AS_OF).valid_until == time("2026-06-17T16:00").value


@pytest.mark.parametrize(
    "scans",
    [
        ("2026-06-05T15:59", "2026-06-04T16:00", "2026-06-03T16:00"),
        ("2026-06-11T16:00", "2026-06-10T16:00", "2026-06-01T16:00"),
        ("2026-06-11T16:00", "2026-06-01T16:00"),
        ("2026-06-11T16:00", "2026-06-10T16:00"),
        ("2026-06-11T16:00", "2026-06-11T15:00", "2026-06-11T14:00"),
        (),
    ],
)
def test_scans_that_stopped_came_seldom_or_all_on_one_day_fail(scans: tuple[str, ...]):
    assert scheduled(*scans).startswith("fail: acme/a was ")


def test_a_scan_after_the_review_is_none_of_it():
    assert scheduled("2026-06-12T16:01", "2026-06-11T16:00", "2026-06-10T16:00").startswith("fail")


def test_a_scan_that_was_cut_short_is_none():
    assert scheduled(failed="2026-06-11T16:00") == "fail: acme/a was never scanned to the end."


def settled(*open: tuple[str | None, str]) -> str:
    return told(no_serious_vulnerability_is_open(found(open=open)))


def test_what_is_low_or_medium_may_be_open():
    assert settled() == "pass: Of acme/a no alert of high or critical severity is open (0 alerts in all)."
    assert settled(("low", "2026-06-01T00:00"), ("medium", "2026-06-01T00:00")).startswith("pass")


@pytest.mark.parametrize("severity", ["high", "critical"])
def test_what_is_serious_may_not(severity: str):
    assert settled(("low", "2026-05-01T00:00"), (None, "2026-05-01T00:00"), (severity, "2026-06-01T00:00")) == (
        "fail: acme/a has open alerts of high or critical severity: 1 alert, the eldest since 1 June 2026, 00:00 EDT."
    )


def test_an_alert_of_untold_severity_leaves_it_open():
    assert settled((None, "2026-06-01T00:00")).startswith("unknown: Of the open alerts of acme/a (1 alert)")


def ruled(
    reviews: int = 1, checks: int = 2, rewriting: str = "refused", bypass: str = "nobody", stale: str = "dismissed",
    asked: int = 1,
) -> str:  # fmt: skip
    facts = BranchRulesFacts(
        repository=resource("acme/a"), branch=resource("main"), reviews=number(reviews, "reviews"),
        checks=number(checks, "checks"), rewriting=state(rewriting), stale=state(stale), bypass=state(bypass),
    )  # fmt: skip
    return told(branch_is_guarded(facts, reviews=asked))


def test_a_branch_that_demands_reviews_and_checks_passes():
    told = "pass: A change to main of acme/a needs 1 review of its last commit and 2 checks; who may pass by: nobody."
    assert ruled() == told


def test_rules_that_somebody_may_pass_by_unseen_prove_nothing():
    """GitHub tells who may pass by a ruleset to those who may write; whoever only reads could not look."""
    told = "unknown: A change to main of acme/a needs 1 review, and who may pass by is not told."
    assert ruled(bypass="not told") == told


def test_an_approval_that_outlives_new_commits_proves_nothing_of_them():
    """What was approved is not what is merged; and where GitHub does not say which it is, nobody could look."""
    assert ruled(stale="kept") == (
        "fail: A change to main of acme/a needs 1 review, and one from before its last commit is kept."
    )
    assert ruled(stale="not told") == (
        "unknown: A change to main of acme/a needs 1 review; of one from before its last commit it is not told."
    )


def test_what_a_branch_lacks_fails():
    assert ruled(asked=2) == "fail: A change to main of acme/a needs 1 review, and the card asks for 2 reviews."
    assert ruled(checks=0) == "fail: A change to main of acme/a needs 1 review and 0 checks."
    assert ruled(rewriting="allowed").startswith("fail: Rewriting the history of main")
    assert ruled(bypass="some").startswith("fail: What a change to main of acme/a needs (1 review) some may pass by")
