"""N subjects for the requests that several gates share."""

from __future__ import annotations

from math import ceil

from collectors.aws.safeguards import BackupsAsk, BudgetAsk, EncryptionAsk, TrailAsk
from collectors.datadog.facts import SyntheticsAsk
from collectors.evidence import Window
from collectors.github.facts import BranchRulesAsk, VulnerabilitiesAsk, WorkflowRunsAsk
from collectors.launchdarkly.facts import RolloutAsk
from collectors.pagerduty.facts import ResponsesAsk
from tests.bench.fleet import PILOT, Data, Row, buckets, flags, troubles, where


def budgets(data: Data, n: int) -> None:
    known = data["budgets"]["finance-agents-monthly"]
    data["budgets"] = {f"subject-{i}": known for i in range(n)}


def tested(data: Data, n: int) -> None:
    """Each in a repository of its own, tested over its one commit."""
    run = {"commit": 1, "at": "2026-05-04T11:21:00-04:00"}
    commit = {"at": "2026-05-04T11:20:00-04:00", "message": "First", "by": "Lena Fischer"}
    data["repositories"] = {
        f"acme/subject-{i}": {"commits": [commit], "workflows": {"ci.yml": [run]}} for i in range(n)
    }


def backups(data: Data, n: int) -> None:
    (known,) = data["backups"].values()
    data["backups"] = {TABLE.format(i): known for i in range(n)}


TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/subject-{}"


def scanned(data: Data, n: int) -> None:
    """Each in a repository of its own, scanned once, with an alert of each kind."""
    first = "2026-06-09T03:00:00-04:00"
    alerts = [{"of": of, "severity": "low", "at": first} for of in ("code", "dependency")]
    data["repositories"] = {f"acme/subject-{i}": {"scans": [{"at": first}], "alerts": alerts} for i in range(n)}


def little_by_little(data: Data, n: int) -> None:
    """Each with a flag that is given to some."""
    flags(data, n)
    known = data["projects"]["agents"]["flags"]
    known |= {f"subject-{i}": known[f"subject-{i}"] | {"rollout": (10_000, 90_000)} for i in range(n)}


def trails(data: Data, n: int) -> None:
    data["trails"] = {f"subject-{i}": data["trails"]["acme-all"] for i in range(n)}


def guarded(data: Data, n: int) -> None:
    """Each with a repository of its own whose branch is protected."""
    rules = {"main": {"reviews": 1, "checks": ["tests"]}}
    data["repositories"] = {f"acme/subject-{i}": {"protected": rules} for i in range(n)}


def probed(data: Data, n: int) -> None:
    """Each with a synthetic test of its own that runs twice an hour."""
    (known,) = data["synthetics"]
    test = known["object"] | {"options": {"tick_every": 1800}}
    data["synthetics"] += [
        known | {"object": test | {"public_id": f"subject-{i}", "name": f"Subject {i}"}} for i in range(n)
    ]


PROBED = Window.model_validate({"start": "2026-06-11T22:00:00-04:00", "end": "2026-06-12T04:00:00-04:00"})
SHARED = {
    # the test and its results
    "datadog.synthetics": Row(
        "datadog", probed, lambda i: SyntheticsAsk(test=f"subject-{i}", window=PROBED), lambda n: 2 * n
    ),
    # rulesets and the protection of each
    "github.branch_rules": Row(
        "github", guarded, lambda i: BranchRulesAsk(repository=f"acme/subject-{i}", branch="main"), lambda n: 2 * n
    ),
    # settings, state and selectors of each
    "aws.trail": Row("aws", trails, lambda i: TrailAsk(name=f"subject-{i}"), lambda n: 3 * n),
    "launchdarkly.rollout": Row(
        "launchdarkly", little_by_little, lambda i: RolloutAsk(**where(i)), lambda n: ceil((n + 3) / 100)
    ),
    # each in a repository of its own: its default branch, its scans, and two lists of alerts
    "github.vulnerabilities": Row(
        "github", scanned, lambda i: VulnerabilitiesAsk(repository=f"acme/subject-{i}"), lambda n: 4 * n
    ),
    # backups of each, and restores
    "aws.backups": Row("aws", backups, lambda i: BackupsAsk(resource=TABLE.format(i)), lambda n: 2 * n),
    # services and what was created; each of two incidents has a log of its own
    "pagerduty.responses": Row(
        "pagerduty",
        troubles,
        lambda i: ResponsesAsk(service=f"PINVREC{i}", window=PILOT),
        lambda n: ceil((n + 2) / 100) + ceil(2 * n / 100) + 2 * n,
    ),
    # each in a repository of its own: its last commit, and the runs over that
    "github.workflow_runs": Row(
        "github", tested, lambda i: WorkflowRunsAsk(repository=f"acme/subject-{i}", workflow="ci.yml"), lambda n: 2 * n
    ),
    # encryption and policy of each; our own account once
    "s3.encryption": Row("aws", buckets, lambda i: EncryptionAsk(bucket=f"subject-{i}-audit"), lambda n: 1 + 2 * n),
    # each budget with its alerts, and who gets each of two; our own account once
    "aws.budget": Row("aws", budgets, lambda i: BudgetAsk(name=f"subject-{i}"), lambda n: 1 + 4 * n),
}
