"""One question of every type, to which the world put-right has an answer."""

from __future__ import annotations

from collectors.aws import facts as aws
from collectors.aws import safeguards
from collectors.datadog import facts as datadog
from collectors.evidence import Request, Window
from collectors.github import facts as github
from collectors.langsmith import facts as langsmith
from collectors.launchdarkly import facts as launchdarkly
from collectors.okta import facts as okta
from collectors.pagerduty import facts as pagerduty
from collectors.registry import REQUESTS
from collectors.slack import facts as slack

SUBJECT = "finance-invoice-recon"
ROLE, ARCHIVE = f"agent-{SUBJECT}", "svc-invoice-archive"
TABLE = f"arn:aws:dynamodb:us-east-1:123456789012:table/{SUBJECT}"
BUCKET = "acme-agent-audit"
PILOT = Window.model_validate({"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"})
QUARTER = Window.model_validate({"start": "2026-03-19T10:00:00-04:00", "end": "2026-06-17T10:00:00-04:00"})
LAUNCH = Window.model_validate({"start": "2026-06-22T00:00:00-04:00", "end": "2026-07-06T00:00:00-04:00"})
RECENT = Window.model_validate({"start": "2026-06-17T06:00:00-04:00", "end": "2026-06-17T12:00:00-04:00"})
PROBED = Window.model_validate({"start": "2026-06-17T04:00:00-04:00", "end": "2026-06-17T10:00:00-04:00"})
FLAG = {"project": "agents", "environment": "production", "flag": f"{SUBJECT}-enabled"}
ASKS: dict[str, Request] = {
    ask.type: ask
    for ask in (
        pagerduty.OnCallAsk(service="PINVREC", primary="PINVPRI", backup="PINVBAK", window=LAUNCH),
        pagerduty.IncidentsAsk(service="PINVREC", window=PILOT),
        pagerduty.ResponsesAsk(service="PINVREC", window=QUARTER),
        launchdarkly.FlagAsk(**FLAG),
        launchdarkly.FlagHistoryAsk(**FLAG, window=PILOT),
        launchdarkly.FlagEvaluationAsk(**FLAG),
        launchdarkly.RolloutAsk(project="agents", environment="production", flag=f"{SUBJECT}-model"),
        datadog.MetricAsk(query="avg:invoice_recon.acceptance{env:production}", window=PILOT),
        datadog.DashboardAsk(id="fin-inv-rec", recent=RECENT),
        datadog.MonitorsAsk(ids=(4200001,)),
        datadog.DashboardViewsAsk(id="fin-inv-rec", window=PILOT),
        datadog.LogsAsk(query="@guardrail:output_schema", window=PILOT),
        datadog.LogIndexAsk(index="finance-agents"),
        datadog.LogArchivesAsk(bucket=BUCKET),
        datadog.SloAsk(id="5a1e0000000040008000000000000001", window=PILOT),
        datadog.SyntheticsAsk(test="inv-rec-api", window=PROBED),
        aws.RetentionAsk(bucket=BUCKET, prefix=f"{SUBJECT}/"),
        aws.SecretRotationAsk(secret="finance/netsuite"),
        aws.IamIdentityAsk(name=ROLE),
        aws.IamKeysAsk(name=ARCHIVE, window=PILOT),
        aws.TrailRotationsAsk(secret="finance/anthropic", window=PILOT),
        safeguards.EncryptionAsk(bucket=BUCKET),
        safeguards.BackupsAsk(resource=TABLE),
        safeguards.TrailAsk(name="acme-all"),
        safeguards.BudgetAsk(name="finance-agents-monthly"),
        langsmith.RunStatsAsk(project=SUBJECT, statistic="run_count", window=PILOT),
        langsmith.RetentionAsk(project=SUBJECT),
        langsmith.GuardrailRunsAsk(project=SUBJECT, filter='has(tags, "input_validation")', window=PILOT),
        github.FileAsk(path="acme/finance-agents/docs/runbook.md"),
        github.WorkflowRunsAsk(repository="acme/finance-agents", workflow="tests.yml"),
        github.VulnerabilitiesAsk(repository="acme/finance-agents"),
        github.BranchRulesAsk(repository="acme/finance-agents", branch="main"),
        slack.ScheduledMessagesAsk(channel="C0FINANCE1"),
        okta.IdentityAsk(name=ROLE),
    )
}
MORE = (datadog.LogIndexAsk(index="main"),)  # holds facts that the usual question of its type has none of
OF_FILES = {type_ for type_ in REQUESTS if type_.startswith(("documents.", "attestation.", "clearance."))}


def vendor_of(type_: str) -> str:
    """Which stand-in answers a type of request."""
    name = type_.split(".")[0]
    return "aws" if name in ("s3", "cloudtrail") else name
