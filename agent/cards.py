"""The card: what the people who built a subject say about it, checked key by key."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StringConstraints, field_validator

from agent import periods
from agent.guards import Answering, Backup, Branch, Budget, Pipeline, Rollout, Scans, Store, Synthetic, Trail
from collectors.evidence import Model


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name!r} is not a time zone; write for example America/New_York") from error
    return name


def _span(text: str) -> str:
    periods.parse(text)
    return text


Line = Annotated[
    str,
    StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]*$"),
]
Span = Annotated[str, AfterValidator(_span)]
Zone = Annotated[str, AfterValidator(_zone)]


def _named(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Named = Annotated[tuple[str, ...], BeforeValidator(_named), Field(min_length=1)]


class CardPeople(Model):
    """Ids from people.yaml. `roles`: who holds the other roles that a gate asks to sign, such as security_officer."""

    builders: tuple[str, ...] = Field(min_length=1)
    lead: str
    approvers_m8: tuple[str, ...] = ()
    second_approver: str | None = None
    sponsor: str | None = None
    roles: dict[str, Named] = {}


class Pilot(Model):
    """Whole days in `zone`; `to` is exclusive."""

    from_: dt.date = Field(alias="from")
    to: dt.date
    zone: Zone


class Launch(Model):
    """`review` is the day of the post-launch review; without it the gate's own rule sets it."""

    date: dt.date
    holidays: tuple[dt.date, ...] = ()
    review: dt.date | None = None


MEASURED = {  # what a target may say of its source, by the request it names
    "datadog.metric": {"query", "aggregator", "samples"},
    "datadog.slo": {"id"},
    "pagerduty.incidents": {"priorities"},
    "langsmith.run_stats": {"project", "statistic", "filter"},
}


class Target(Model):
    """A pre-set target: the measured value `op` `value`, in `unit`. `source` names the request and its parameters."""

    id: str
    title: Line = ""
    op: Literal[">=", ">", "<=", "<", "=="]
    value: float
    unit: str
    min_samples: int | None = None
    source: dict[str, JsonValue]

    @field_validator("source")
    @classmethod
    def _known_keys(cls, source: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """A mistyped key would be passed over, and a default measured in its stead."""
        allowed = MEASURED.get(str(source.get("request")))
        unknown = sorted(set(source) - {"request", *(allowed or source)})
        if unknown:
            told = f"{unknown[0]!r} is no key of {source['request']} here"
            raise ValueError(f"{told}; allowed: {', '.join(sorted(allowed or ()))}")
        return source


class TargetsApproved(Model):
    """`digest` of the targets as approved; see `clearance cards check`."""

    on: dt.date
    by: str
    digest: str


class Activity(Model):
    """The query that counts the subject's completed runs: shows that it works, and when it stopped."""

    request: Literal["datadog.metric"] = "datadog.metric"
    query: str


class OnCall(Model):
    source: Literal["pagerduty"]
    service: str
    primary: str
    backup: str


class Dashboard(Model):
    source: Literal["datadog"]
    id: str
    watchers: tuple[str, ...] = ()


class Monitors(Model):
    source: Literal["datadog"]
    ids: tuple[int, ...] = Field(min_length=1)


class Guardrail(Model):
    """`outcomes`: what the event's `outcome_field` (default "outcome") may say for the guardrail to have worked.

    `query` is in the language of `source`: a log search, or LangSmith's filter over the runs of `project`.
    """

    id: str
    title: Line = ""
    source: Literal["datadog.logs", "langsmith.guardrail_runs"] = "datadog.logs"
    project: str | None = None
    query: str
    outcomes: tuple[str, ...] = Field(min_length=1)
    outcome_field: str | None = None


class Credential(Model):
    id: str
    source: Literal["aws.secret_rotation", "aws.iam_keys", "cloudtrail.rotations"]
    secret: str | None = None
    name: str | None = None


class Identity(Model):
    source: Literal["aws.iam", "okta.identity"]
    name: str
    credentials: tuple[Credential, ...] = Field(min_length=1)


class Retention(Model):
    """One log; `at_least` is a span such as 7 years, counted in calendar years from the review's date.

    `owner` is the AWS account (twelve digits, in quotes) of a bucket that is not in the account of our credentials.
    """

    log: str
    source: Literal["s3.retention", "datadog.log_indexes", "langsmith.retention", "attestation"]
    bucket: str | None = None
    prefix: str | None = None
    owner: str | None = Field(None, pattern=r"^\d{12}$")
    index: str | None = None
    project: str | None = None
    at_least: Span | None = None
    locked: bool = False


class Runbook(Model):
    """`owners` mark the quiz; without them the builders do, and nobody marks their own answers."""

    source: Literal["documents.file", "github.file"]
    path: str
    owners: tuple[str, ...] | None = None


class Document(Model):
    """A text in the overlay's documents folder that answers an item, by a name that the gate knows (ethics)."""

    path: str


class Comms(Model):
    """`message`: which of a channel's scheduled messages is meant, by the vendor's id or a part of its text."""

    id: str
    title: Line = ""
    source: Literal["slack.scheduled_messages", "documents.file", "attestation"]
    channel: str | None = None
    message: str | None = Field(None, max_length=200, pattern=r"\S")
    path: str | None = None
    audience: Line | None = None


class KillSwitch(Model):
    """`off_value`: the JSON text that stops the subject (default false). `evaluation: rest` = no SDK is asked.

    `may_flip`: ids of those who are to flip it, shown to whoever needs it stopped; the vendor's own rights decide.
    """

    source: Literal["launchdarkly"]
    project: str
    environment: str
    flag: str
    stop_within: Span
    off_value: str | None = None
    evaluation: Literal["sdk", "rest"] = "sdk"
    may_flip: tuple[str, ...] = ()


class Card(Model):
    """One subject and version."""

    subject: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: Line = ""
    version: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=60)
    tier: Literal["low", "medium", "high"]
    people: CardPeople
    pilot: Pilot
    launch: Launch
    targets: tuple[Target, ...] = Field(min_length=1)
    targets_approved: TargetsApproved | None = None
    activity: Activity | None = None
    on_call: OnCall
    dashboards: tuple[Dashboard, ...] = Field(min_length=1)
    monitors: Monitors | None = None
    guardrails: tuple[Guardrail, ...] = Field(min_length=1)
    identity: Identity
    retention: tuple[Retention, ...] = Field(min_length=1)
    runbook: Runbook
    documents: dict[str, Document] = {}
    comms: tuple[Comms, ...] = Field(min_length=1)
    pipelines: tuple[Pipeline, ...] = Field((Pipeline(source="attestation"),), min_length=1)
    stores: tuple[Store, ...] = Field((Store(source="attestation"),), min_length=1)
    answering: tuple[Answering, ...] = Field((Answering(source="attestation"),), min_length=1)
    backups: tuple[Backup, ...] = Field((Backup(source="attestation"),), min_length=1)
    scans: tuple[Scans, ...] = Field((Scans(source="attestation"),), min_length=1)
    rollouts: tuple[Rollout, ...] = Field((Rollout(source="attestation"),), min_length=1)
    trails: tuple[Trail, ...] = Field((Trail(source="attestation"),), min_length=1)
    branches: tuple[Branch, ...] = Field((Branch(source="attestation"),), min_length=1)
    synthetics: tuple[Synthetic, ...] = Field((Synthetic(source="attestation"),), min_length=1)
    budgets: tuple[Budget, ...] = Field((Budget(source="attestation"),), min_length=1)
    kill_switch: KillSwitch
