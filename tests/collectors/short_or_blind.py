"""Of every request: an answer that is not all of it, and one that cannot know; or why that cannot come about.

A change is put between a stand-in and the collector. What is asked is the usual question, or what stands beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from collectors.aws import facts as aws
from collectors.evidence import GapReason, Request, Window
from collectors.langsmith import facts as langsmith
from collectors.pagerduty import facts as pagerduty
from collectors.sandbox.server import Asked, Reply, reply_json
from tests.acceptance.between import Change
from tests.collectors.asked import ARCHIVE, FLAG, PILOT, SUBJECT

LAST_YEAR = Window.model_validate({"start": "2025-05-13T00:00:00-04:00", "end": "2025-06-12T00:00:00-04:00"})
NEXT_YEAR = Window.model_validate({"start": "2027-06-22T00:00:00-04:00", "end": "2027-07-06T00:00:00-04:00"})


@dataclass(frozen=True)
class Made:
    """How the failure comes about; `asks` in place of the usual question, the first of which fails so."""

    change: Change | None = None
    asks: tuple[Request, ...] = ()


def _json(path: str, edit: Callable[[Any, Asked], Any]) -> Change:
    """The JSON answer of this path, edited; every other as it is."""

    def change(asked: Asked, whole: Callable[[], Reply]) -> Reply:
        reply = whole()
        if not re.fullmatch(path, asked.path):
            return reply
        return replace(reply, body=json.dumps(edit(json.loads(reply.body), asked)).encode())

    return change


def _text(find: str, put: str, where: str = "") -> Change:
    """Answers in which `where` stands, with another text."""

    def change(asked: Asked, whole: Callable[[], Reply]) -> Reply:
        reply = whole()
        text = reply.body.decode(errors="replace")
        return (
            replace(reply, body=re.sub(find, put, text, count=1, flags=re.DOTALL).encode()) if where in text else reply
        )

    return change


def _status(path: str, status: int) -> Change:
    def change(asked: Asked, whole: Callable[[], Reply]) -> Reply:
        return Reply(status, b"{}") if re.fullmatch(path, asked.path) else whole()

    return change


def _link(path: str) -> Change:
    """A link to the next page that leads to the page itself."""

    def change(asked: Asked, whole: Callable[[], Reply]) -> Reply:
        reply = whole()
        if asked.path != path:
            return reply
        return replace(reply, headers={**reply.headers, "link": '<http://127.0.0.1/?after=same>; rel="next"'})

    return change


def _endless(body: Any, key: str) -> Any:
    """Nothing on this page, and more to come."""
    return {**{k: v for k, v in body.items() if k != "total"}, key: [], "more": True}


def _full_of_rules(body: Any, asked: Asked) -> Any:
    """A page as full as can be of rules that no other page holds."""
    page = asked.one("page") or "0"
    rules = [{"id": f"{page}-{i}", "type": "monitor-notification-rule", "attributes": {}} for i in range(1000)]
    return {**body, "data": rules}


def _same_entries(body: Any, asked: Asked) -> Any:
    """The same full page, whatever is asked for."""
    resource = f"proj/{FLAG['project']}:env/{FLAG['environment']}:flag/{FLAG['flag']}"
    access = [{"action": "updateRules", "resource": resource}]
    began = 1_780_000_000_000  # in the pilot
    return {
        "items": [
            {"_id": f"e{i}", "date": began - i, "kind": "flag", "accesses": access, "target": {"resources": [resource]}}
            for i in range(20)
        ]
    }


def _full_of_projects(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    """A list of projects in which every page is full."""
    if asked.path != "/api/v1/sessions":
        return whole()
    offset = int(asked.one("offset") or 0)
    return reply_json([{"id": str(offset + i), "name": f"project-{offset + i}"} for i in range(100)])


@dataclass
class _ToItself:
    """Every page of this operation is its first, and points on with a token that leads back to it."""

    operation: str
    points: dict[str, Any]
    first: Reply | None = None

    def __call__(self, asked: Asked, whole: Callable[[], Reply]) -> Reply:
        if not re.fullmatch(self.operation, asked.headers.get("x-amz-target", "").rpartition(".")[2] or asked.path):
            return whole()
        if self.first is None or b"same" not in asked.target.encode() + asked.body:
            self.first = whole()
        return replace(self.first, body=json.dumps({**json.loads(self.first.body), **self.points}).encode())


def _two(ask: type[Any], **given: Any) -> tuple[Request, ...]:
    """Questions about two projects, for which the list of all is read."""
    return tuple(ask(project=name, **given) for name in (SUBJECT, "hr-onboarding"))


TWO_STATS = _two(langsmith.RunStatsAsk, statistic="run_count", window=PILOT)
TWO_KEPT = _two(langsmith.RetentionAsk)
TWO_RUNS = _two(langsmith.GuardrailRunsAsk, filter='has(tags, "input_validation")', window=PILOT)
MORE_KEYS = _text("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>", "<ListAccessKeysResult>")
FIRST_KEY_GONE = _text(r"(?<=<AccessKeyMetadata>)\s*<member>.*?</member>", "", "<ListAccessKeysResult>")

TRUNCATED: dict[str, Made | str] = {
    "pagerduty.on_call": Made(_json("/oncalls", lambda body, _: _endless(body, "oncalls"))),
    "pagerduty.incidents": Made(_json("/incidents", lambda body, _: _endless(body, "incidents"))),
    "pagerduty.responses": Made(_json("/incidents/.*/log_entries", lambda body, _: _endless(body, "log_entries"))),
    "launchdarkly.flag": "one flag is one answer; a flag that the project's list lacks is asked for by its key",
    "launchdarkly.rollout": "one flag is one answer, and its shares are everybody or malformed",
    "launchdarkly.flag_history": Made(_json("/api/v2/auditlog", _same_entries)),
    "launchdarkly.flag_evaluation": "an SDK is given all flags in one piece, and half a piece is no JSON",
    "datadog.metric": "one number and one series; the vendor makes steps coarser and no series shorter",
    "datadog.dashboard": "one dashboard is one answer with all its widgets, and each query of a widget one series",
    "datadog.monitors": Made(_json("/api/v2/monitor/notification_rule", _full_of_rules)),
    "datadog.dashboard_views": Made(_ToItself("/api/v2/audit/events/search", {"meta": {"page": {"after": "same"}}})),
    "datadog.logs": Made(_json("/api/v2/logs/events/search", lambda body, _: {**body, "meta": {"status": "timeout"}})),
    "datadog.log_indexes": "the list of indexes has no pages; an index that it lacks is asked for by its name",
    "datadog.log_archives": "the list of archives has no pages",
    "datadog.synthetics": Made(
        _json("/api/v1/synthetics/tests/.*/results", lambda body, _: {"results": [{"result_id": "x"}] * 150})
    ),
    "datadog.slo": Made(
        _json(r"/api/v1/slo/\w+/corrections", lambda body, _: {**body, "meta": {"page": {"total_count": 99}}})
    ),
    "s3.retention": "the rules of a bucket, its versioning, lock and replication are one answer each, without pages",
    "aws.secret_rotation": Made(_ToItself("ListSecretVersionIds", {"NextToken": "same"})),
    "aws.iam": Made(MORE_KEYS, (aws.IamIdentityAsk(name=ARCHIVE),)),
    "aws.iam_keys": Made(MORE_KEYS),
    "cloudtrail.rotations": Made(_ToItself("LookupEvents", {"NextToken": "same"})),
    "s3.encryption": "encryption and policy of a bucket are one answer each, without pages",
    "aws.backups": Made(_ToItself("/resources/.*/recovery-points/?", {"NextToken": "same"})),
    "aws.trail": "a trail, its state and its selectors are one answer each, without pages",
    "aws.budget": Made(_ToItself("DescribeNotificationsForBudget", {"NextToken": "same"})),
    "langsmith.run_stats": Made(_full_of_projects, TWO_STATS),
    "langsmith.retention": Made(_full_of_projects, TWO_KEPT),
    "langsmith.guardrail_runs": Made(
        _json("/api/v1/runs/query", lambda body, _: {**body, "cursors": {"next": "same"}})
    ),
    "github.file": "the bytes must be those of git's own id of the file; fewer are malformed",
    "github.workflow_runs": Made(_json("/repos/.*/runs", lambda body, _: {**body, "total_count": 1001})),
    "github.vulnerabilities": Made(_link("/repos/acme/finance-agents/dependabot/alerts")),
    "github.branch_rules": Made(_json("/repos/.*/rules/branches/.*", lambda body, _: [{"type": "creation"}] * 100)),
    "slack.scheduled_messages": Made(
        _ToItself("/api/chat.scheduledMessages.list", {"response_metadata": {"next_cursor": "same"}})
    ),
    "okta.identity": Made(_link("/api/v1/apps")),
}

BLIND: dict[str, Made | str] = {
    "pagerduty.on_call": Made(
        asks=(pagerduty.OnCallAsk(service="PINVREC", primary="PINVPRI", backup="PINVBAK", window=NEXT_YEAR),)
    ),
    "pagerduty.incidents": "no retention of incidents is told; only the last half year is asked for, and what it lacks "
    "in priority is shown apart",
    "pagerduty.responses": "an incident whose log names nobody was answered by nobody",
    "launchdarkly.flag": "a flag's state is told or the answer is malformed",
    "launchdarkly.rollout": "the shares of a flag are told or the answer is malformed",
    "launchdarkly.flag_history": "how long entries are kept is not told; a history that contradicts itself or the flag "
    "is truncated, and one without a whole drill is not met",
    "launchdarkly.flag_evaluation": "what the SDK serves is told or the environment cannot be read",
    "datadog.metric": "without data there is no value, which no target is reached by; nobody's word stands in for it",
    "datadog.dashboard": "a widget without data is told as such, which fails",
    "datadog.monitors": "a monitor's state is told or the answer is malformed",
    "datadog.dashboard_views": Made(_json("/api/v2/audit/events/search", lambda body, _: {"data": []})),
    "datadog.logs": "what a search does not look into can only make events fewer, and without an event nothing is met",
    "datadog.log_indexes": "an index that does not say how long it keeps is malformed",
    "datadog.log_archives": "an archive that is not listed does not archive",
    "datadog.synthetics": "without a run in the window nothing is shown; nobody's word stands in for it",
    "datadog.slo": "without data in the window there is no value, which no target is reached by",
    "s3.retention": "what keeps and what destroys is told or denied; a missing rule is an answer of its own",
    "aws.secret_rotation": "versions tell when each was made; without one in the pilot there was no rotation to see",
    "aws.iam": "a role or user is there and active, or it is not",
    "aws.iam_keys": Made(FIRST_KEY_GONE),
    "cloudtrail.rotations": Made(asks=(aws.TrailRotationsAsk(secret="finance/anthropic", window=LAST_YEAR),)),
    "s3.encryption": "what S3 does not encrypt or refuse is told as such, which fails",
    "aws.backups": "a resource without backups is told as such, which fails",
    "aws.trail": "that nothing was ever delivered is told as such, which fails",
    "aws.budget": "a budget without its limit or spending is unknown, and one without alerts fails",
    "langsmith.run_stats": Made(
        asks=(langsmith.RunStatsAsk(project=SUBJECT, statistic="run_count", window=LAST_YEAR),)
    ),
    "langsmith.retention": Made(_status("/workspaces/current/ttl-settings|.*/ttl-settings", 404)),
    "langsmith.guardrail_runs": Made(
        asks=(langsmith.GuardrailRunsAsk(project=SUBJECT, filter='has(tags, "input_validation")', window=LAST_YEAR),)
    ),
    "github.file": "a repository that cannot be seen is gone to whoever may not see it",
    "github.workflow_runs": "a change over which no run is listed did not go through; GitHub tells no reason",
    "github.vulnerabilities": "where nothing was ever scanned GitHub says so, which is gone like what may not be seen",
    "github.branch_rules": "who may pass by a ruleset is a fact of its own, which says that it is not told",
    "slack.scheduled_messages": Made(
        _json("/api/chat.scheduledMessages.list", lambda body, _: {**body, "scheduled_messages": []})
    ),
    "okta.identity": "an application is there with its status, or it is not",
}
WAYS = {GapReason.TRUNCATED: TRUNCATED, GapReason.BLIND: BLIND}
