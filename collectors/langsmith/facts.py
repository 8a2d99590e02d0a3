"""LangSmith's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from collectors.datadog.facts import LogsFacts, MetricFacts
from collectors.evidence import Facts, Number, Request, Resource, State, Window

_STATISTICS = "run_count|latency_p50|latency_p99|error_rate|total_tokens|total_cost"


class RunStatsAsk(Request):
    """One number over the root runs of a project that began in a window.

    `statistic`: run_count, latency_p50 or latency_p99 (seconds), error_rate (fraction), total_tokens, total_cost
    (USD), or feedback.KEY for the average of a feedback score. There is no p95 at LangSmith. `filter` is LangSmith's
    own language.
    """

    type: ClassVar[str] = "langsmith.run_stats"
    project: str
    window: Window
    statistic: str = Field("run_count", pattern=rf"^({_STATISTICS}|feedback\.[A-Za-z0-9_ -]{{1,80}})$")
    filter: str | None = None


class RunStatsFacts(MetricFacts):
    """`value` None = no run, or no such score, which is not zero. `samples` counts what the value rests on.

    LangSmith gives one number and no series: `points` is empty and `interval` 0.
    """


class RetentionAsk(Request):
    """How long a project's new traces are kept."""

    type: ClassVar[str] = "langsmith.retention"
    project: str


class ProjectRetentionFacts(Facts):
    """`kept` in days, for traces written from now on: LangSmith does not say what holds for older ones.

    `tier`: "shortlived" or "longlived"; `decided_by`: "tier" (the base period that LangSmith documents), "project" or
    "workspace".
    """

    project: Resource
    tier: State
    kept: Number
    decided_by: State


class GuardrailRunsAsk(Request):
    """The runs of a project that match a filter in a window; `outcome` names the output that says what was done.

    `outcome` is looked up in a run's outputs, then in its metadata; dots lead inside.
    """

    type: ClassVar[str] = "langsmith.guardrail_runs"
    project: str
    filter: str
    window: Window
    outcome: str = "outcome"


class GuardrailRunsFacts(LogsFacts):
    """`events` are runs, oldest first, read to the last page."""
