"""LaunchDarkly's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from collectors.evidence import Facts, Model, Number, Person, Request, Resource, State, Time, Window


class FlagAsk(Request):
    """The state of one flag in one environment, as the REST API has it."""

    type: ClassVar[str] = "launchdarkly.flag"
    project: str
    environment: str
    flag: str


class FlagFacts(Facts):
    """`on` is "on" or "off". `off_value` is the JSON text of what is served when off; None = no off variation set."""

    flag: Resource
    environment: Resource
    on: State
    off_value: State | None
    on_value: State | None
    lifecycle: State
    last_modified: Time
    version: Number


class FlagHistoryAsk(Request):
    """When one flag was turned off and on in one environment, and by whom."""

    type: ClassVar[str] = "launchdarkly.flag_history"
    project: str
    environment: str
    flag: str
    window: Window


class FlagChange(Model):
    """One proven change of `on`. `by` None = a machine, a trigger or a schedule did it."""

    turned: State
    at: Time
    by: Person | None
    entry: Resource


class FlagHistoryFacts(Facts):
    """`changes` oldest first; `read` counts the audit entries looked at."""

    flag: Resource
    changes: tuple[FlagChange, ...]
    read: Number


class FlagEvaluationAsk(Request):
    """What the server SDK serves for the flag: what the subject itself sees."""

    type: ClassVar[str] = "launchdarkly.flag_evaluation"
    project: str
    environment: str
    flag: str


class FlagEvaluationFacts(Facts):
    """`value`: JSON text of what was served; `reason`: the SDK's kind (OFF, FALLTHROUGH, …); `on`: the stored state."""

    flag: Resource
    value: State
    reason: State
    on: State


class RolloutAsk(Request):
    """Which share of everybody does a flag give each of its values to?"""

    type: ClassVar[str] = "launchdarkly.rollout"
    project: str
    environment: str
    flag: str


class Served(Model):
    """`value` is the JSON text of a variation's value, `share` in percent of those who meet no other rule."""

    value: State
    share: Number


class RolloutFacts(Facts):
    """`served` are the shares of the default rule, which add up to 100 %; they count while the flag is "on".

    `rules`, `targets` and `prerequisites` stand before the default rule; `lifecycle` as for a flag.
    """

    flag: Resource
    environment: Resource
    on: State
    lifecycle: State
    last_modified: Time
    rules: Number
    targets: Number
    prerequisites: Number
    served: tuple[Served, ...]
