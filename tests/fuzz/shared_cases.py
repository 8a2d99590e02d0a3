"""The requests that several gates share, each with the rule that reads it and a thing in order and one that is not."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from agent.domain import Finding, Outcome
from agent.probes.code import (
    branch_is_guarded,
    last_change_went_through,
    no_serious_vulnerability_is_open,
    scans_run_on_schedule,
)
from agent.probes.endpoint import endpoint_answers
from agent.probes.responses import incidents_were_answered
from agent.probes.rollout import rollout_begins_small
from agent.probes.safeguards import (
    a_backup_was_restored,
    actions_are_written_down,
    budget_warns_in_time,
    newest_backup_is_young,
    store_is_encrypted,
    store_refuses_plain_connections,
)
from collectors.aws.safeguards import BackupsAsk, BudgetAsk, EncryptionAsk, TrailAsk
from collectors.datadog.facts import SyntheticsAsk
from collectors.evidence import Request
from collectors.github.facts import BranchRulesAsk, VulnerabilitiesAsk, WorkflowRunsAsk
from collectors.launchdarkly.facts import RolloutAsk
from collectors.pagerduty.facts import ResponsesAsk
from tests.builders import at
from tests.collectors.asked import PROBED, QUARTER, TABLE


@dataclass(frozen=True)
class Case:
    """`asks`: of the world put-right, after `spoil` has put something beside it that is not in order."""

    vendor: str
    asks: tuple[Request, ...]
    judge: Callable[[Any], Finding]
    spoil: Callable[[Any], None]
    trials: int = 4


def _budgets(data: Any) -> None:
    """Alerts that come late or reach nobody."""
    known = data["budgets"]["finance-agents-monthly"]
    late = [{"at": 100, "to": ["a@b.example"]}, {"at": 80}]
    data["budgets"]["late"] = known | {"forecast": None, "alerts": late}
    data["budgets"]["follows"] = known | {"adjusts": "FORECAST"}


def _runs(data: Any) -> None:
    """A later run that failed, a workflow that only people start, one that never ran over the last change."""
    workflows = data["repositories"][REPOSITORY]["workflows"]
    run = {"commit": 4, "at": "2026-06-12T02:00:00-04:00", "conclusion": "failure", "event": "schedule"}
    workflows["failing.yml"] = [*workflows["tests.yml"], run]
    workflows["by-hand.yml"] = [run | {"event": "workflow_dispatch", "conclusion": "success"}]
    workflows["elsewhere.yml"] = [run | {"commit": 3, "conclusion": "success"}]


def _bare(data: Any) -> None:
    """One that encrypts nothing, and one whose policy refuses somebody only."""
    (known,) = data["buckets"].values()
    some = deepcopy(known["policy"])
    some["Statement"][1]["Condition"]["StringEquals"] = {"aws:username": "bob"}
    data["buckets"] |= {"bare": known | {"encryption": None, "policy": None}, "some": known | {"policy": some}}


def _of_store(facts: Any) -> Finding:
    """The worse of the two."""
    found = [store_is_encrypted(facts, kms=True), store_refuses_plain_connections(facts)]
    return next((one for one in found if one.outcome is not Outcome.PASS), found[0])


def _unanswered(data: Any) -> None:
    """The other service's incident was answered late; a third service's by a program alone."""
    data["services"].append(data["services"][1] | {"id": "PTHIRD", "name": "third"})
    late = {"service": "PLEDGER", "created": at("2026-05-20T06:12"), "answered": at("2026-05-20T07:12")}
    late["by"] = "PMIKECH"
    never = late | {"id": "Q1THIRD", "number": 999, "service": "PTHIRD", "answered": None}
    data["incidents"][0] |= late
    data["incidents"].append(data["incidents"][0] | never)


def _stale(data: Any) -> None:
    """One whose backup is old and that was restored long ago; one whose newest restore failed."""
    (known,) = data["backups"].values()
    long_ago = {"at": at("2025-01-01T00:00"), "ended": at("2025-01-01T01:00")}
    wrong = {"at": at("2026-06-01T00:00"), "ended": at("2026-06-01T01:00"), "validated": "FAILED"}
    data["backups"][OTHER.format("old")] = {"points": known["points"][:1], "restores": [long_ago]}
    data["backups"][OTHER.format("wrong")] = known | {"restores": [*known["restores"], wrong]}


def _of_backups(facts: Any) -> Finding:
    """The worse of the two."""
    young = newest_backup_is_young(facts, every="25 hours", as_of=QUARTER.end)
    restored = a_backup_was_restored(facts, within="90 days", as_of=QUARTER.end)
    return restored if restored.outcome is not Outcome.PASS else young


OTHER = "arn:aws:dynamodb:us-east-1:123456789012:table/{}"


def _open(data: Any) -> None:
    """One with serious alerts, and one that is scanned too seldom."""
    known = data["repositories"][REPOSITORY]
    serious = [{"of": of, "severity": "high", "at": "2026-06-02T03:10:00-04:00"} for of in ("code", "dependency")]
    data["repositories"]["acme/open"] = {"scans": known["scans"], "alerts": [*known["alerts"], *serious]}
    data["repositories"]["acme/seldom"] = {"scans": known["scans"][:1], "alerts": known["alerts"]}


def _of_scans(facts: Any) -> Finding:
    """The worse of the two."""
    found = [scans_run_on_schedule(facts, every="8 days", as_of=QUARTER.end), no_serious_vulnerability_is_open(facts)]
    return next((one for one in found if one.outcome is not Outcome.PASS), found[0])


def _for_all(data: Any) -> None:
    """One that half of them get, one that all get, one that is off."""
    flags, events = data["projects"]["agents"]["flags"], data["events"]
    known, turned = flags[FLAGS[0]], events[-1]
    flags |= {FLAGS[1]: known | {"rollout": (50_000, 50_000)}, FLAGS[2]: known | {"rollout": ()}, FLAGS[3]: known}
    events += [turned | {"flag": name} for name in FLAGS[1:3]]


def _trails(data: Any) -> None:
    """One that wrote long ago, and one that takes in writes only."""
    known, some = data["trails"]["acme-all"], [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    data["trails"]["quiet"] = {"delivered": at("2026-06-01T00:00"), "everywhere": False, "error": "AccessDenied"}
    data["trails"]["writes-only"] = known | {"selectors": {"EventSelectors": some}}


def _branches(data: Any) -> None:
    """One by rulesets, one that some pass by and that may be rewritten, one without rules."""
    repository = data["repositories"][REPOSITORY]
    repository["rulesets"] = {"ruled": {"reviews": 2, "checks": ["tests"]}}
    repository["protected"]["loose"] = {"reviews": 1, "checks": ["tests"], "admins": False, "pass_by": ["bob"]}


def _unanswering(data: Any) -> None:
    """One that failed twice, one that is paused, one that runs from one location."""
    (known,) = data["synthetics"]
    for id, changes in (
        ("fai-led-two", {}),
        ("pau-sed-now", {"status": "paused"}),
        ("one-loc-ion", {"locations": ["a"]}),
    ):
        data["synthetics"].append(deepcopy(known) | {"object": known["object"] | {"public_id": id} | changes})
    data["synthetics"][1]["failed"] = ["2026-06-17T05:00:00-04:00", "2026-06-17T08:00:00-04:00"]


TESTS = ("inv-rec-api", "fai-led-two", "pau-sed-now", "one-loc-ion")
BRANCHES = ("main", "ruled", "loose", "bare")
FLAGS = ("finance-invoice-recon-model", "half", "whole", "off")
REPOSITORY = "acme/finance-agents"
WORKFLOWS = ("tests.yml", "failing.yml", "by-hand.yml", "elsewhere.yml")
CASES = {
    "launchdarkly.rollout": Case(
        "launchdarkly", tuple(RolloutAsk(project="agents", environment="production", flag=name) for name in FLAGS),
        lambda facts: rollout_begins_small(facts, value="true", at_most=10), _for_all, trials=12,
    ),
    "pagerduty.responses": Case(
        "pagerduty", tuple(ResponsesAsk(service=id, window=QUARTER) for id in ("PINVREC", "PLEDGER", "PTHIRD")),
        lambda facts: incidents_were_answered(facts, within="15 minutes", as_of=QUARTER.end), _unanswered, trials=12,
    ),
    "datadog.synthetics": Case(
        "datadog", tuple(SyntheticsAsk(test=name, window=PROBED) for name in TESTS),
        lambda facts: endpoint_answers(facts, locations=2, window=PROBED), _unanswering, trials=12,
    ),
    "github.branch_rules": Case(
        "github", tuple(BranchRulesAsk(repository=REPOSITORY, branch=name) for name in BRANCHES),
        branch_is_guarded, _branches, trials=12,
    ),
    "github.vulnerabilities": Case(
        "github", tuple(VulnerabilitiesAsk(repository=name) for name in (REPOSITORY, "acme/open", "acme/seldom")),
        _of_scans, _open, trials=12,
    ),
    "github.workflow_runs": Case(
        "github", tuple(WorkflowRunsAsk(repository=REPOSITORY, workflow=name) for name in WORKFLOWS),
        last_change_went_through, _runs, trials=12,
    ),
    "s3.encryption": Case(
        "aws", tuple(EncryptionAsk(bucket=name) for name in ("acme-agent-audit", "bare", "some")), _of_store, _bare
    ),
    "aws.backups": Case(
        "aws", tuple(BackupsAsk(resource=name) for name in (TABLE, OTHER.format("old"), OTHER.format("wrong"))),
        _of_backups, _stale,
    ),
    "aws.trail": Case(
        "aws", tuple(TrailAsk(name=name) for name in ("acme-all", "quiet", "writes-only")),
        lambda facts: actions_are_written_down(facts, as_of=QUARTER.end), _trails,
    ),
    "aws.budget": Case(
        "aws", tuple(BudgetAsk(name=name) for name in ("finance-agents-monthly", "late", "follows")),
        lambda facts: budget_warns_in_time(facts, as_of=QUARTER.end), _budgets,
    ),
}  # fmt: skip
