"""Every request by name: its question, its typed answer, and the function that answers a batch of them.

The function is named, not imported: the vendors' clients are heavy and only a collect step needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from types import MappingProxyType
from typing import cast

from collectors import decisions, documents, statements
from collectors.aws import facts as aws
from collectors.aws import safeguards
from collectors.connections import Connections
from collectors.datadog import facts as datadog
from collectors.evidence import Answer, Facts, Request
from collectors.github import facts as github
from collectors.langsmith import facts as langsmith
from collectors.launchdarkly import facts as launchdarkly
from collectors.okta import facts as okta
from collectors.pagerduty import facts as pagerduty
from collectors.slack import facts as slack

# One answer a question, in their order: a list, or with `Connections.one_by_one` what gives each when it is made.
Collector = Callable[[Connections, Sequence[Request]], Iterable[Answer]]


@dataclass(frozen=True)
class Row:
    """One kind of request. `function` is "module:name"."""

    ask: type[Request]
    facts: type[Facts]
    function: str

    def collector(self) -> Collector:
        """One thread at a time loads what is a vendor's: its client's modules import each other in a circle, and two
        threads that begin at different ends of it meet in a deadlock, which Python ends with an error."""
        module, name = self.function.split(":")
        with _LOADING[_package(self)]:
            return cast(Collector, getattr(import_module(module), name))


def _package(row: Row) -> str:
    """The vendor's own, as `datadog` in "collectors.datadog.metric:metric"."""
    return row.function.partition(":")[0].split(".")[1]


_ROWS = (
    Row(pagerduty.OnCallAsk, pagerduty.OnCallFacts, "collectors.pagerduty.on_call:on_call"),
    Row(pagerduty.IncidentsAsk, pagerduty.IncidentsFacts, "collectors.pagerduty.incidents:incidents"),
    Row(pagerduty.ResponsesAsk, pagerduty.ResponsesFacts, "collectors.pagerduty.responses:responses"),
    Row(launchdarkly.FlagAsk, launchdarkly.FlagFacts, "collectors.launchdarkly.flag:flag"),
    Row(launchdarkly.FlagHistoryAsk, launchdarkly.FlagHistoryFacts, "collectors.launchdarkly.history:flag_history"),
    Row(
        launchdarkly.FlagEvaluationAsk,
        launchdarkly.FlagEvaluationFacts,
        "collectors.launchdarkly.evaluation:flag_evaluation",
    ),
    Row(launchdarkly.RolloutAsk, launchdarkly.RolloutFacts, "collectors.launchdarkly.rollout:rollout"),
    Row(datadog.MetricAsk, datadog.MetricFacts, "collectors.datadog.metric:metric"),
    Row(datadog.DashboardAsk, datadog.DashboardFacts, "collectors.datadog.dashboard:dashboard"),
    Row(datadog.MonitorsAsk, datadog.MonitorsFacts, "collectors.datadog.monitors:monitors"),
    Row(datadog.DashboardViewsAsk, datadog.DashboardViewsFacts, "collectors.datadog.views:dashboard_views"),
    Row(datadog.LogsAsk, datadog.LogsFacts, "collectors.datadog.logs:logs"),
    Row(datadog.LogIndexAsk, datadog.LogIndexFacts, "collectors.datadog.indexes:log_indexes"),
    Row(datadog.LogArchivesAsk, datadog.LogArchivesFacts, "collectors.datadog.archives:log_archives"),
    Row(datadog.SloAsk, datadog.SloFacts, "collectors.datadog.slo:slo"),
    Row(datadog.SyntheticsAsk, datadog.SyntheticsFacts, "collectors.datadog.synthetics:synthetics"),
    Row(aws.RetentionAsk, aws.RetentionFacts, "collectors.aws.retention:retention"),
    Row(aws.SecretRotationAsk, aws.SecretRotationFacts, "collectors.aws.rotation:secret_rotation"),
    Row(aws.IamIdentityAsk, aws.IamIdentityFacts, "collectors.aws.identity:identity"),
    Row(aws.IamKeysAsk, aws.IamKeysFacts, "collectors.aws.keys:iam_keys"),
    Row(aws.TrailRotationsAsk, aws.TrailRotationsFacts, "collectors.aws.cloudtrail:rotations"),
    Row(safeguards.BudgetAsk, safeguards.BudgetFacts, "collectors.aws.budget:budget"),
    Row(safeguards.EncryptionAsk, safeguards.EncryptionFacts, "collectors.aws.encryption:encryption"),
    Row(safeguards.BackupsAsk, safeguards.BackupsFacts, "collectors.aws.backups:backups"),
    Row(safeguards.TrailAsk, safeguards.TrailFacts, "collectors.aws.audit_trail:trail"),
    Row(langsmith.RunStatsAsk, langsmith.RunStatsFacts, "collectors.langsmith.stats:run_stats"),
    Row(langsmith.RetentionAsk, langsmith.ProjectRetentionFacts, "collectors.langsmith.retention:retention"),
    Row(langsmith.GuardrailRunsAsk, langsmith.GuardrailRunsFacts, "collectors.langsmith.guardrails:guardrail_runs"),
    Row(github.FileAsk, github.GitHubFileFacts, "collectors.github.file:file"),
    Row(github.WorkflowRunsAsk, github.WorkflowRunsFacts, "collectors.github.runs:workflow_runs"),
    Row(github.VulnerabilitiesAsk, github.VulnerabilitiesFacts, "collectors.github.vulnerabilities:vulnerabilities"),
    Row(github.BranchRulesAsk, github.BranchRulesFacts, "collectors.github.branch_rules:branch_rules"),
    Row(slack.ScheduledMessagesAsk, slack.ScheduledMessagesFacts, "collectors.slack.scheduled:scheduled_messages"),
    Row(okta.IdentityAsk, okta.OktaIdentityFacts, "collectors.okta.identity:identity"),
    Row(documents.FileAsk, documents.FileFacts, "collectors.documents:file"),
    Row(statements.WatchAsk, statements.WatchFacts, "collectors.attestations:watch"),
    Row(statements.QuizAsk, statements.QuizFacts, "collectors.attestations:quiz"),
    Row(statements.DrillAsk, statements.DrillFacts, "collectors.attestations:drill"),
    Row(statements.CommsAsk, statements.CommsFacts, "collectors.attestations:comms"),
    Row(statements.StatedRetentionAsk, statements.StatedRetentionFacts, "collectors.attestations:stated_retention"),
    Row(statements.QuotesAsk, statements.QuotesFacts, "collectors.attestations:quotes"),
    Row(statements.AnswersAsk, statements.AnswersFacts, "collectors.attested_answers:answers"),
    Row(statements.DebtAsk, statements.DebtFacts, "collectors.attested_answers:debt"),
    Row(statements.TestsAsk, statements.TestsFacts, "collectors.attested_answers:tests"),
    Row(decisions.DecisionAsk, decisions.DecisionFacts, "collectors.decisions:decision"),
    Row(statements.AcceptanceAsk, statements.AcceptanceFacts, "collectors.attested_answers:acceptances"),
)

# Named by cards and gates, asked by a later release: answered with a gap that says so, never silently left out.
UNBUILT: frozenset[str] = frozenset()

# However many are asked together, each question takes calls of its own: whoever asks much begins with these.
EACH_ALONE = frozenset(
    {
        "launchdarkly.flag_history", "datadog.dashboard", "datadog.metric", "datadog.slo", "datadog.synthetics",
        "pagerduty.responses", "aws.secret_rotation", "aws.iam_keys", "aws.budget", "aws.backups", "aws.trail",
        "s3.retention", "s3.encryption", "cloudtrail.rotations", "langsmith.run_stats", "langsmith.guardrail_runs",
        "github.file", "github.workflow_runs", "github.vulnerabilities", "github.branch_rules",
    }
)  # fmt: skip

REQUESTS: Mapping[str, Row] = MappingProxyType({row.ask.type: row for row in _ROWS})
_LOADING = MappingProxyType({package: Lock() for package in {_package(row) for row in _ROWS}})
