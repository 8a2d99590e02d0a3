"""Small builders of valid facts, people and findings. Times without a zone are New York's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.domain import CheckResult, Finding, ItemResult, Outcome, Remedy, Verdict
from agent.drafting.parts import sentence
from agent.people import People
from collectors.aws.facts import Replica, RetentionFacts, Rotation, SecretRotationFacts
from collectors.datadog.facts import LogEvent, LogsFacts, MetricFacts, Recipient, Sample, SloCorrection, SloFacts
from collectors.documents import FileFacts
from collectors.evidence import Duration, Number, Person, Resource, State, Time, Window
from collectors.launchdarkly.facts import FlagChange, FlagEvaluationFacts, FlagFacts, FlagHistoryFacts
from collectors.pagerduty.facts import (
    ContactMethod,
    Level,
    Maintenance,
    NotificationRule,
    OnCallFacts,
    Responder,
    Shift,
)
from collectors.statements import CommsFacts, DrillFacts, Quiz, QuizAnswer, QuizFacts, Statement
from tests import plain_yaml

ZONE = "America/New_York"
NEW_YORK = ZoneInfo(ZONE)
ROOT = Path(__file__).resolve().parents[1]
WORLD = ROOT / "config" / "worlds" / "as-written" / "overlay"


def at(text: str) -> datetime:
    """2026-06-12T16:00, in New York unless the text names an offset."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=NEW_YORK)


def told(finding: Finding) -> str:
    """The finding as people read it."""
    return f"{finding.outcome}: {sentence(finding, ZONE)}"


AS_OF = at("2026-06-12T16:00")
PILOT = Window(start=at("2026-05-13T00:00"), end=at("2026-06-12T00:00"))
PEOPLE = People.model_validate(plain_yaml.load((WORLD / "people.yaml").read_text()))
MIKE, MORTEZA, SAM, LENA = "mike.chen", "morteza.moradi", "sam.okafor", "lena.fischer"


# --- single facts ----------------------------------------------------------------------------------------------------


def number(value: float, unit: str = "") -> Number:
    return Number(value=value, unit=unit)


def state(value: str) -> State:
    return State(value=value)


def resource(value: str) -> Resource:
    return Resource(value=value)


def time(text: str) -> Time:
    return Time(value=at(text))


def seconds(value: float) -> Duration:
    return Duration(value=value)


def person(id: str) -> Person:
    """As our own statements name people."""
    return Person(value=PEOPLE.name_of(id), id=id)


def paged(id: str) -> Person:
    """As the paging system names people."""
    return Person(value=PEOPLE.name_of(id), id=PEOPLE.people[id].accounts["pagerduty"])


def viewer(id: str) -> Person:
    return Person(value="a viewer", id=PEOPLE.people[id].accounts["datadog"])


def statement(
    author: str, *, proven: bool = True, until: str | None = None, made: str = "2026-06-09T10:00"
) -> Statement:
    return Statement(
        author=person(author),
        proven=proven,
        made=time(made),
        digest="sha256:0",
        valid_until=time(until) if until else None,
    )


# --- on call ---------------------------------------------------------------------------------------------------------

ON_CALL = Window(start=at("2026-06-13T00:00"), end=at("2026-06-27T00:00"))


def shift(level: int, who: str | Person, start: str, end: str) -> Shift:
    one = paged(who) if isinstance(who, str) else who
    return Shift(level=level, person=one, start=time(start), end=time(end))


def responder(who: str | Person, *, delay: float = 0, enabled: bool = True, urgency: str = "high") -> Responder:
    one = paged(who) if isinstance(who, str) else who
    method = ContactMethod(id="C1", type=resource("phone"), enabled=enabled)
    rule = NotificationRule(method_id="C1", urgency=state(urgency), delay=seconds(delay))
    return Responder(person=one, methods=(method,), rules=(rule,))


WEEKEND = (shift(1, SAM, "2026-06-13T00:00", "2026-06-15T00:00"), shift(1, SAM, "2026-06-20T00:00", "2026-06-22T00:00"))
WEEK = (shift(1, MIKE, "2026-06-15T00:00", "2026-06-20T00:00"), shift(1, MIKE, "2026-06-22T00:00", "2026-06-27T00:00"))
BACKUP = (shift(2, MORTEZA, "2026-06-13T00:00", "2026-06-27T00:00"),)
REACHED = tuple(responder(one) for one in (MIKE, SAM, MORTEZA))
LEVELS = tuple(
    Level(number=i, delay=seconds(900), targets=(resource(name),), target_ids=(f"PSCHED{i}",))
    for i, name in enumerate(("finance-ai-primary", "finance-ai-backup"), start=1)
)


def on_call(
    shifts: Sequence[Shift] = (*WEEKEND, *WEEK, *BACKUP), *, responders: Sequence[Responder] = REACHED,
    levels: Sequence[Level] = LEVELS, service_state: str = "active", urgency: str = "high",
    silent: Sequence[tuple[str, str]] = (),
) -> OnCallFacts:  # fmt: skip
    return OnCallFacts(
        service=resource("invoice-recon"), service_state=state(service_state), urgency=state(urgency),
        policy=resource("Finance AI"), levels=tuple(levels), shifts=tuple(shifts), responders=tuple(responders),
        maintenance=tuple(Maintenance(start=time(start), end=time(end)) for start, end in silent),
    )  # fmt: skip


# --- telemetry and logs ----------------------------------------------------------------------------------------------


def samples(*values: tuple[str, float]) -> tuple[Sample, ...]:
    return tuple(Sample(at=at(text), value=value) for text, value in values)


def metric(
    value: float | None = 92, unit: str = "percent", *, counted: float = 400,
    points: tuple[Sample, ...] = (), interval: float = 3600,
) -> MetricFacts:  # fmt: skip
    return MetricFacts(
        query=resource("avg:invoice_recon.acceptance{*}"), value=None if value is None else number(value, unit),
        samples=number(counted, "samples"), points=points, interval=number(interval, "seconds"),
    )  # fmt: skip


def recipient(handle: str, *, kind: str = "pagerduty", when: str = "alert", silence: str | None = "told") -> Recipient:
    target = resource(handle.partition("-")[2])
    told = None if silence is None else state(silence)
    return Recipient(handle=resource(handle), kind=state(kind), target=target, when=state(when), silence=told)


def slo(
    value: float | None = 97.5, *, state_: str = "data", samples: float | None = 2000, kind: str = "metric",
    corrected: float | None = None, silent: float | None = None, corrections: int = 0,
) -> SloFacts:  # fmt: skip
    """In percent; `silent` in seconds."""
    return SloFacts(
        slo=resource("invoice-recon: on time"), kind=state(kind), state=state(state_),
        value=None if value is None else number(value, "percent"),
        corrected=None if corrected is None else number(corrected, "percent"), target=number(95, "percent"),
        samples=None if samples is None else number(samples, "samples"),
        silent=None if silent is None else seconds(silent),
        corrections=tuple(
            SloCorrection(
                correction=resource(f"c{i}"), category=state("Deployment"), start=time("2026-05-20T10:00"),
                end=time("2026-05-20T11:00"),
            )
            for i in range(corrections)
        ),
    )  # fmt: skip


def log_events(*events: tuple[str, str | None]) -> LogsFacts:
    told = [LogEvent(event=resource("e"), at=time(t), outcome=state(o) if o else None) for t, o in events]
    return LogsFacts(query=resource("q"), count=number(len(told), "events"), events=tuple(told))


# --- credentials and retention ---------------------------------------------------------------------------------------


def rotated(*times: str, standing: str = "active", created: str | None = "2026-05-01T00:00") -> SecretRotationFacts:
    turned = [Rotation(at=time(text), version=resource("v"), stage=state("AWSCURRENT")) for text in times]
    return SecretRotationFacts(
        secret=resource("finance/netsuite"), state=state(standing), created=time(created) if created else None,
        rotations=tuple(turned),
    )  # fmt: skip


def bucket(
    floor: float | None = 2562,
    *,
    unit: str = "days",
    lock: str = "none",
    lock_days: float | None = None,
    rule: str | None = None,
    replication: str = "read",
    copies: Sequence[str] = (),
) -> RetentionFacts:
    return RetentionFacts(
        bucket=resource("acme-agent-audit"), prefix=resource("finance-invoice-recon/"), owner=resource("123456789012"),
        floor=None if floor is None else number(floor, unit), ceiling=None,
        floor_rule=resource(rule) if rule else None, ceiling_rule=None,
        rules=number(1, "rules"), versioning=state("Enabled"), lock=state(lock),
        lock_days=None if lock_days is None else number(lock_days, "days"),
        replication=state(replication), copies=tuple(replica(one) for one in copies),
    )  # fmt: skip


def replica(where: str) -> Replica:
    return Replica(
        rule=resource(f"to-{where}"), objects=state("covers"), bucket=resource(where), account=None,
        delete_markers=state("Disabled"),
    )  # fmt: skip


# --- documents and statements ----------------------------------------------------------------------------------------


def document(digest: str = "sha256:1", *, size: float = 2048) -> FileFacts:
    return FileFacts(
        path=resource("runbook.md"),
        digest=resource(digest),
        size=number(size, "bytes"),
        changed=time("2026-06-01T09:00"),
    )


def quiz(
    author: str, *, asked: Sequence[str] = ("kill", "failure_modes", "logs"), mark: str = "passed",
    runbook: str = "sha256:1", marked_by: str | None = LENA, marker_proven: bool = True, proven: bool = True,
    until: str | None = None, mark_until: str | None = None, made: str = "2026-06-09T10:00",
) -> Quiz:  # fmt: skip
    answers = tuple(QuizAnswer(question=one, asked=resource(one), mark=state(mark)) for one in asked)
    return Quiz(
        statement=statement(author, proven=proven, until=until, made=made), runbook=resource(runbook), answers=answers,
        marked_by=person(marked_by) if marked_by else None, marker_proven=marker_proven,
        mark_until=time(mark_until) if mark_until else None,
    )  # fmt: skip


def quizzes(*given: Quiz) -> QuizFacts:
    return QuizFacts(quizzes=given)


def message(
    scheduled: str | None = "2026-06-13T09:00",
    *,
    drafted: str = "drafted",
    audience: str | None = None,
    proven: bool = True,
) -> CommsFacts:
    return CommsFacts(
        statement=statement(MORTEZA, proven=proven), message=resource("launch-post"), drafted=state(drafted),
        scheduled=time(scheduled) if scheduled else None, audience=resource(audience) if audience else None,
    )  # fmt: skip


# --- the switch ------------------------------------------------------------------------------------------------------


def flag(
    on: str = "on", *, off_value: str | None = "false", on_value: str | None = "true", lifecycle: str = "live"
) -> FlagFacts:
    return FlagFacts(
        flag=resource("finance-invoice-recon-enabled"), environment=resource("production"), on=state(on),
        off_value=state(off_value) if off_value else None, on_value=state(on_value) if on_value else None,
        lifecycle=state(lifecycle), last_modified=time("2026-06-08T15:00"), version=number(7),
    )  # fmt: skip


def served(value: str = "true", reason: str = "FALLTHROUGH", on: str = "on") -> FlagEvaluationFacts:
    return FlagEvaluationFacts(
        flag=resource("finance-invoice-recon-enabled"), value=state(value), reason=state(reason), on=state(on)
    )


def history(*changes: tuple[str, str], by: str | None = MORTEZA) -> FlagHistoryFacts:
    turned = [
        FlagChange(turned=state(to), at=time(when), by=person(by) if by else None, entry=resource("e"))
        for to, when in changes
    ]
    return FlagHistoryFacts(
        flag=resource("finance-invoice-recon-enabled"), changes=tuple(turned), read=number(40, "entries")
    )


DRILLED = history(("off", "2026-06-08T14:00"), ("on", "2026-06-08T15:00"))


def runs(*after: float, interval: float = 10, flip: str = "2026-06-08T14:00") -> MetricFacts:
    """Points holding one completed run each, so many seconds after the flip."""
    points = tuple(Sample(at=at(flip) + timedelta(seconds=one), value=1) for one in after)
    return metric(len(points), "runs", counted=len(points), points=points, interval=interval)


def drill(
    *, in_flight: float | None = 3, outcome: str | None = "completed", stopped: float | None = 38, proven: bool = True,
    off: str = "2026-06-08T14:00", on: str = "2026-06-08T15:00", until: str | None = None,
) -> DrillFacts:  # fmt: skip
    return DrillFacts(
        statement=statement(MORTEZA, proven=proven, until=until), flag_off=time(off), flag_on=time(on),
        in_flight=None if in_flight is None else number(in_flight, "runs"),
        in_flight_outcome=resource(outcome) if outcome else None, new_work=None,
        time_to_stop=None if stopped is None else seconds(stopped), performed_by=person(MORTEZA), observed_by=None,
    )  # fmt: skip


# --- judged ----------------------------------------------------------------------------------------------------------


def finding(outcome: Outcome = Outcome.PASS, probe: str = "p") -> Finding:
    return Finding(probe=probe, outcome=outcome, sentence="something was looked at")


def item(number: int, verdict: Verdict = Verdict.MET, *findings: Finding, waived: str = "") -> ItemResult:
    return ItemResult(
        number=number, id=f"item_{number}", title="An item", methods=("test",), verdict=verdict,
        findings=findings or (finding(),), remedy=Remedy(who="", how="", recheck=""), waived=waived,
    )  # fmt: skip


def check(outcome: Outcome = Outcome.PASS, id: str = "launch") -> CheckResult:
    return CheckResult(
        id=id, title="A check", outcome=outcome, finding=finding(outcome), text="Something was looked at."
    )


def day(text: str) -> date:
    return date.fromisoformat(text)
