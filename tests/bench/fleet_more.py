"""N subjects for the other requests: logs, looks, what an account has one of, and the optional sources."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from math import ceil
from typing import Any

from collectors.aws.facts import IamKeysAsk, TrailRotationsAsk
from collectors.aws.trail_proof import OF_SECRET
from collectors.datadog.facts import DashboardViewsAsk, LogArchivesAsk, LogIndexAsk, LogsAsk
from collectors.evidence import Request, Window
from collectors.github.facts import FileAsk
from collectors.langsmith.facts import GuardrailRunsAsk, RunStatsAsk
from collectors.langsmith.facts import RetentionAsk as ProjectRetentionAsk
from collectors.launchdarkly.facts import FlagEvaluationAsk
from collectors.okta.facts import IdentityAsk
from collectors.slack.facts import ScheduledMessagesAsk
from tests.bench.fleet import PILOT, Data, Row, flags, where

DAY = Window.model_validate({"start": "2026-06-10T00:00:00-04:00", "end": "2026-06-11T00:00:00-04:00"})
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:subject-{}-a1B2c3"


def guarded(data: Data, n: int) -> None:
    """Each with a guardrail that fired twice."""
    known = data["logs"][0]
    times = ("2026-06-10T10:00:00-04:00", "2026-06-10T11:00:00-04:00")
    data["logs"] = [{**known, "service": f"subject-{i}", "at": at} for i in range(n) for at in times]
    data["runs"] = []


def fired(i: int) -> Request:
    return LogsAsk(query=f"service:subject-{i} @guardrail:input_validation", window=PILOT)


def looked_at(data: Data, n: int) -> None:
    """Each with a dashboard that somebody opens once on a Wednesday, and our own reading of it."""
    person, *_, ours = data["audit"]["looks"]
    data["audit"]["looks"] = [
        {**look, "dashboard": f"sub-jec-{i:03}", "days": [2]} for i in range(n) for look in (person, ours)
    ]


def indexed(data: Data, n: int) -> None:
    data["indexes"] = [{**data["indexes"][0], "name": f"subject-{i}"} for i in range(n)]


def archive_of(i: int) -> Request:
    return LogArchivesAsk(bucket=f"subject-{i}-audit")


def archived(data: Data, n: int) -> None:
    known = data["archives"][0]
    data["archives"] = []
    for i in range(n):
        one = deepcopy(known) | {"id": f"archive-{i}"}
        one["attributes"]["destination"]["bucket"] = f"subject-{i}-audit"
        data["archives"].append(one)


def users(data: Data, n: int) -> None:
    """Each with two access keys, of which the younger replaced the elder in the pilot."""
    known = data["users"]["svc-invoice-archive"]
    data["users"] = {
        f"subject-{i}": {
            **known, "id": f"AIDASANDBOXSUBJ{i:06}",
            "keys": [{**key, "id": f"AKIASANDBOXS{i:06}{k:02}"} for k, key in enumerate(known["keys"])],
        } for i in range(n)
    }  # fmt: skip


def put(data: Data, n: int) -> None:
    """Each with a secret whose value was put once in the pilot."""
    known, event = data["secrets"]["finance/netsuite"], data["trail"][0]
    data["secrets"] = {f"subject-{i}": {**known, "suffix": "a1B2c3"} for i in range(n)}
    data["trail"] = [_put(event, i) for i in range(n)]


def _put(event: Data, i: int) -> Data:
    one: dict[str, Any] = deepcopy(event)
    one["id"] = f"7e1d0000-0000-4000-8000-{i:012}"
    one["at"] += timedelta(seconds=i)
    one["resources"] = [["AWS::SecretsManager::Secret", SECRET.format(i)]]
    one["details"]["requestParameters"]["secretId"] = f"subject-{i}"
    return one


def traced(data: Data, n: int) -> None:
    """Each with a project, a few runs and a guardrail that fired."""
    known = data["projects"][0]
    rhythm = {**known["rhythm"], "first": "2026-06-10T00:00:00-04:00", "every_minutes": 240}
    data["projects"] = [
        {**known, "name": f"subject-{i}", "rhythm": rhythm, "marked": known["marked"][:1]} for i in range(n)
    ]


def written(data: Data, n: int) -> None:
    first = {"at": "2026-05-04T11:20:00-04:00", "message": "Runbook", "by": "Lena Fischer"}
    data["repositories"] = {
        f"acme/subject-{i}": {
            "default_branch": "main",
            "commits": [{**first, "puts": {"docs/runbook.md": {"text": f"# Runbook {i}\n"}}}],
        }
        for i in range(n)
    }


def announced(data: Data, n: int) -> None:
    data["channels"] = {f"C0SUBJ{i:04}": f"subject-{i}" for i in range(n)}
    data["scheduled"] = [{**data["scheduled"][0], "id": f"Q0SUBJ{i:04}", "channel": f"C0SUBJ{i:04}"} for i in range(n)]


def applied(data: Data, n: int) -> None:
    known = data["apps"][0]
    data["apps"] = [{**known, "id": f"0oa1subject00000{i:05}", "label": f"agent-subject-{i}"} for i in range(n)]


def keys_of(i: int) -> Request:
    return IamKeysAsk(name=f"subject-{i}", window=PILOT)


def changes_of(i: int) -> Request:
    return TrailRotationsAsk(secret=f"subject-{i}", window=PILOT)


def looks_at(i: int) -> Request:
    return DashboardViewsAsk(id=f"sub-jec-{i:03}", window=DAY)


MORE = {
    # one search for all, by the values of their tag; a thousand events a page, and the bare page that ends it
    "datadog.logs": Row("datadog", guarded, fired, lambda n: ceil(2 * n / 1000) + 1),
    # the oldest event of the trail, then one search for all, as above
    "datadog.dashboard_views": Row("datadog", looked_at, looks_at, lambda n: 1 + ceil(2 * n / 1000) + 1),
    "datadog.log_indexes": Row("datadog", indexed, lambda i: LogIndexAsk(index=f"subject-{i}"), lambda n: 1),
    "datadog.log_archives": Row("datadog", archived, archive_of, lambda n: 1),
    # all flags of an environment come at once
    "launchdarkly.flag_evaluation": Row(
        "launchdarkly", flags, lambda i: FlagEvaluationAsk(**where(i)), lambda n: 1
    ),
    # users a thousand a page, but no list tells of their keys, nor of when each of two was used
    "aws.iam_keys": Row("aws", users, keys_of, lambda n: ceil(n / 1000) + 3 * n),
    # fifty events a page, and one lookup for each other name; then what each secret's labels are now
    "cloudtrail.rotations": Row("aws", put, changes_of, lambda n: ceil(n / 50) + len(OF_SECRET) - 1 + n),
    # projects a hundred a page and the workspace's period; the statistics of several come as one number
    "langsmith.run_stats": Row(
        "langsmith", traced, lambda i: RunStatsAsk(project=f"subject-{i}", statistic="run_count", window=PILOT),
        lambda n: ceil(n / 100) + 1 + n,
    ),
    # a run does not say in our contract of which project it is, so each is asked about by itself
    "langsmith.guardrail_runs": Row(
        "langsmith", traced,
        lambda i: GuardrailRunsAsk(project=f"subject-{i}", filter='has(tags, "input_validation")', window=PILOT),
        lambda n: ceil(n / 100) + 1 + n,
    ),
    "langsmith.retention": Row(
        "langsmith", traced, lambda i: ProjectRetentionAsk(project=f"subject-{i}"), lambda n: ceil(n / 100) + 1
    ),
    # each in a repository of its own: the last commit of the file, and the file at that commit
    "github.file": Row("github", written, lambda i: FileAsk(path=f"acme/subject-{i}/docs/runbook.md"), lambda n: 2 * n),
    "slack.scheduled_messages": Row(
        "slack", announced, lambda i: ScheduledMessagesAsk(channel=f"C0SUBJ{i:04}"), lambda n: ceil(n / 100)
    ),
    "okta.identity": Row("okta", applied, lambda i: IdentityAsk(name=f"agent-subject-{i}"), lambda n: ceil(n / 200)),
}  # fmt: skip
