"""Which permissions each request needs, as config/policies/ and each vendor's allow-list name them. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import JsonValue

SDK_KEY = "server SDK key"  # LaunchDarkly's evaluation takes no permission but the environment's own key
_NEEDS: dict[str, tuple[str, ...]] = {
    "pagerduty.on_call": (
        "services.read", "escalation_policies.read", "oncalls.read", "schedules.read", "users.read",
    ),
    "pagerduty.incidents": ("services.read", "incidents.read", "priorities.read"),
    "pagerduty.responses": ("services.read", "incidents.read"),
    "launchdarkly.flag": ("viewProject",),
    "launchdarkly.rollout": ("viewProject",),
    "launchdarkly.flag_history": ("viewProject",),
    "launchdarkly.flag_evaluation": (SDK_KEY,),
    "datadog.metric": ("timeseries_query",),
    "datadog.dashboard": ("dashboards_read", "timeseries_query"),
    "datadog.monitors": ("monitors_read",),
    "datadog.dashboard_views": ("audit_logs_read",),
    "datadog.logs": ("logs_read_data",),
    "datadog.log_indexes": ("logs_read_config",),
    "datadog.log_archives": ("logs_read_archives",),
    "datadog.slo": ("slos_read", "monitors_read"),
    "datadog.synthetics": ("synthetics_read",),
    "s3.retention": (
        "s3:GetBucketVersioning", "s3:GetLifecycleConfiguration", "s3:GetBucketObjectLockConfiguration",
        "s3:GetReplicationConfiguration",
    ),
    "aws.secret_rotation": ("secretsmanager:DescribeSecret", "secretsmanager:ListSecretVersionIds"),
    "aws.iam": ("iam:GetRole", "iam:GetUser", "iam:ListAccessKeys"),
    "aws.iam_keys": ("iam:GetUser", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"),
    "cloudtrail.rotations": (
        "cloudtrail:LookupEvents", "secretsmanager:DescribeSecret", "iam:GetUser", "iam:ListAccessKeys",
    ),
    "s3.encryption": ("s3:GetEncryptionConfiguration", "s3:GetBucketPolicy"),
    "aws.budget": ("budgets:ViewBudget",),
    "aws.backups": ("backup:ListRecoveryPointsByResource", "backup:ListRestoreJobsByProtectedResource"),
    "aws.trail": ("cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"),
    "langsmith.run_stats": ("projects:read", "runs:read"),
    "langsmith.guardrail_runs": ("projects:read", "runs:read"),
    "langsmith.retention": ("projects:read", "workspaces:read"),
    "github.file": ("Contents: read",),
    "github.workflow_runs": ("Contents: read", "Actions: read"),
    "github.vulnerabilities": ("Code scanning alerts: read", "Dependabot alerts: read"),
    "github.branch_rules": ("Administration: read",),
    "slack.scheduled_messages": (),
    "okta.identity": ("okta.apps.read",),
}  # fmt: skip
NEEDS: Mapping[str, tuple[str, ...]] = MappingProxyType(_NEEDS)

# Needed by `doctor` alone.
CHECKS: Mapping[str, tuple[str, ...]] = MappingProxyType({"pagerduty": ("abilities.read",)})

# Needed by `cards discover`, besides what requests need: without one, its kind is named as not seen. AWS's lists of
# secrets and roles spare a sweep calls as well; without them each is asked for by itself.
_DISCOVERS: dict[str, tuple[str, ...]] = {
    "aws": ("s3:ListAllMyBuckets", "secretsmanager:ListSecrets", "iam:ListRoles", "iam:ListUsers"),
    "slack": ("channels:read",),
}
DISCOVERS: Mapping[str, tuple[str, ...]] = MappingProxyType(_DISCOVERS)

_OF_USERS = ("iam:GetUser", "iam:ListAccessKeys")


def needed(type: str, params: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """The permissions that one request needs; none for what no vendor is asked."""
    if type == "launchdarkly.flag_evaluation" and params:
        return (sdk_key(f"{params['project']}/{params['environment']}"),)
    found = NEEDS.get(type, ())
    if type != "cloudtrail.rotations":
        return found
    of_secret = params.get("secret") is not None
    return tuple(one for one in found if one.startswith("cloudtrail:") or (one in _OF_USERS) != of_secret)


def sdk_key(environment: str) -> str:
    """The key of "project/environment", as a permission; "*" is the one key there is."""
    return f"{SDK_KEY} of {environment}"
