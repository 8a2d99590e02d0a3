"""Datadog's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from collectors.evidence import Duration, Facts, Model, Number, Person, Request, Resource, State, Time, Window


class MetricAsk(Request):
    """One metric query over a window: a single value, its samples, and the series it rests on.

    `samples` is a query that counts the underlying samples; without it the series' points are counted.
    """

    type: ClassVar[str] = "datadog.metric"
    query: str
    window: Window
    aggregator: Literal["avg", "min", "max", "sum", "last", "percentile"] = "avg"
    samples: str | None = None


class Sample(Model):
    """One point of a series: the value (in the metric's unit) at an instant."""

    at: AwareDatetime
    value: float


class MetricFacts(Facts):
    """`value` None = no data, which is not zero. `points` oldest first, nulls left out, one series only."""

    query: Resource
    value: Number | None
    samples: Number
    points: tuple[Sample, ...]
    interval: Number


class DashboardAsk(Request):
    """Does a dashboard exist, and did each of its widgets' queries return data in the recent window?"""

    type: ClassVar[str] = "datadog.dashboard"
    id: str
    recent: Window


class Widget(Model):
    """`state`: "data", "empty" or "not asked" (a kind of query this product does not run)."""

    title: Resource
    state: State
    last_point: Time | None


class DashboardFacts(Facts):
    """`widgets` are those that show data; notes and images are left out."""

    dashboard: Resource
    widgets: tuple[Widget, ...]


class MonitorsAsk(Request):
    """The monitors with these ids: state, muted or not, and whom they tell."""

    type: ClassVar[str] = "datadog.monitors"
    ids: tuple[int, ...]


class Recipient(Model):
    """Whom a monitor tells. `handle` as written (a person's is hashed); `target` is its name less the kind.

    `kind`: "pagerduty", "slack", "teams", "opsgenie", "victorops", "on-call team", "team", "person", "everybody";
    "webhook", "workflow", "case", "ticket" and "other" are not known to reach anybody. `when`: "alert" (whenever the
    monitor alerts), "condition" (in another state, or under a condition that is not known) or "escalation" (later).
    `silence`: "told" where the text for missing data or a rule for every state names the handle; None = not looked at.
    """

    handle: Resource
    kind: State
    target: Resource
    when: State
    silence: State | None = None


class Monitor(Model):
    """`muted`: "muted" or "not muted"; `draft`: "draft" or "published".

    `missing_data`: "show_and_notify_no_data" or the older "notify_no_data" notify when no data come; "show_no_data",
    "resolve" and "default" (zero, or the last state) do not. `tells`: by the message, the escalation message and the
    account's notification rules, each handle once.
    """

    monitor: Resource
    state: State
    muted: State
    draft: State
    missing_data: State
    tells: tuple[Recipient, ...]


class MonitorsFacts(Facts):
    monitors: tuple[Monitor, ...]


class DashboardViewsAsk(Request):
    """Which people opened a dashboard in a browser, by the audit trail; our own reads are left out."""

    type: ClassVar[str] = "datadog.dashboard_views"
    id: str
    window: Window


class View(Model):
    person: Person
    at: Time


class DashboardViewsFacts(Facts):
    """`from_` is where the audit trail's retention begins: nothing is known of the time before it."""

    dashboard: Resource
    from_: Time
    views: tuple[View, ...]


class LogsAsk(Request):
    """The log events that match a query in a window; `outcome` names the attribute that says what was done."""

    type: ClassVar[str] = "datadog.logs"
    query: str
    window: Window
    outcome: str = "outcome"


class LogEvent(Model):
    """`outcome` None = the event does not say."""

    event: Resource
    at: Time
    outcome: State | None


class LogsFacts(Facts):
    """`count` of all events, read to the last page; `events` oldest first, of many the newest of each outcome."""

    query: Resource
    count: Number
    events: tuple[LogEvent, ...]


class LogIndexAsk(Request):
    """How long one log index keeps its logs, and what never enters it."""

    type: ClassVar[str] = "datadog.log_indexes"
    index: str


class EarlierIndex(Model):
    """An index that is tried before the asked one and may take its logs; fields as in `LogIndexFacts`."""

    index: Resource
    retention: Number
    excluded: Number
    limited: State


class LogIndexFacts(Facts):
    """`retention` in days, standard and flex together; `excluded` counts enabled exclusion filters.

    `earlier`: indexes that may take the logs first, in their order; those that surely cannot are left out. None = the
    order was not asked.
    """

    index: Resource
    retention: Number
    excluded: Number
    limited: State
    earlier: tuple[EarlierIndex, ...] | None = None


class LogArchivesAsk(Request):
    """The log archives that write to one bucket."""

    type: ClassVar[str] = "datadog.log_archives"
    bucket: str


class LogArchive(Model):
    archive: Resource
    state: State
    bucket: Resource
    path: Resource


class LogArchivesFacts(Facts):
    """Every S3 archive of the account that writes to the asked bucket; `read` counts all archives looked at."""

    archives: tuple[LogArchive, ...]
    read: Number


class SloAsk(Request):
    """What share of a service level objective was good over a window, as it happened and as corrected."""

    type: ClassVar[str] = "datadog.slo"
    id: str
    window: Window


class SloCorrection(Model):
    """A time that people took out of the corrected value; `end` None = a recurring or open one."""

    correction: Resource
    category: State
    start: Time
    end: Time | None


class SloMonitor(Model):
    """A monitor that an SLO of time rests on. `kind` as the vendor names it; `modified` None = not told."""

    monitor: Resource
    kind: State
    modified: Time | None


class SloFacts(Facts):
    """`value` in percent, with nothing taken out; `corrected` as the vendor shows it, less the corrections.

    Both are None where the answer does not establish them, which is neither 0 nor 100: `state` says why, "data" or
    "no data", "replaying" (not final yet), "silence not told", "samples not told", or the vendor's own error names.
    `silent` is the time without data in the window: the vendor may count it as good, `value` leaves it out. None = no
    such time. `samples` are the events that the value rests on, None for kinds that count time. `target` as set at the
    vendor. `modified`: when the SLO itself was last changed, None = not told. `monitors`: those that one of the kind
    "monitor" rests on, which change without it; none = it does not say which.
    """

    slo: Resource
    kind: State
    state: State
    value: Number | None
    corrected: Number | None
    target: Number | None
    samples: Number | None
    silent: Duration | None
    modified: Time | None = None
    corrections: tuple[SloCorrection, ...]
    monitors: tuple[SloMonitor, ...] = ()


class SyntheticsAsk(Request):
    """Does a synthetic API test run, and what did every run within the window come to? `test` is its public id."""

    type: ClassVar[str] = "datadog.synthetics"
    test: str
    window: Window


class SyntheticsRun(Model):
    """One run from one location. `outcome`: "passed" or "failed"."""

    location: Resource
    checked: Time
    outcome: State


class SyntheticsFacts(Facts):
    """`status`: "live" or "paused". `every`: how often it runs. `runs`: all within the window, newest first.

    `assertions`: how much each run is held against; none would let every answer pass.
    """

    test: Resource
    status: State
    every: Duration
    assertions: Number
    runs: tuple[SyntheticsRun, ...]
