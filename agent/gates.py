"""A gate as data: what is asked for each item, which rules judge it, who signs. Loaded from YAML, nothing built in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue

from agent import periods
from agent.cards import Span
from agent.domain import Assurance
from agent.layouts import File, Section, Severity
from agent.policies.specs import MatrixPolicy, Policy
from agent.scores import Category
from collectors.evidence import Model


class WindowSpec(Model):
    """A named span. `from` and `to` are days (midnight in the card's zone) or instants; `back` moves `from` earlier."""

    from_: str = Field(alias="from")
    to: str | None = None
    back: Span | None = None
    for_: Span | None = Field(None, alias="for")


class FollowSpec(Model):
    """A request that is asked once another one has been answered: around the instant that `moment` finds in it."""

    request: str
    moment: str
    back: Span
    for_: Span = Field(alias="for")


class RequestSpec(Model):
    """One question, or with `each` one for every element of a list on the card.

    `type` names the request, or the card key that does (`$each.source`); `accepts` then gives the parameters for every
    type the card may choose. `when` asks only where these keys hold these values.
    """

    name: str
    each: str | None = None
    when: dict[str, JsonValue] = {}
    type: str
    accepts: dict[str, dict[str, JsonValue]] = {}
    with_: dict[str, JsonValue] = Field({}, alias="with")
    follows: FollowSpec | None = None
    fetched_within: Span | None = None


class RuleSpec(Model):
    """One probe: `facts` binds its facts to requests by name, `with` its parameters.

    `blind_is_a_note`: requests whose gap `blind` is handed on as None; every other gap makes the finding unknown.
    `stands_in`: for a request, the one for a person's statement that is judged in its place where its gap is `blind`,
    and only there.
    """

    probe: str
    each: str | None = None
    when: dict[str, JsonValue] = {}
    facts: dict[str, str] = {}
    blind_is_a_note: tuple[str, ...] = ()
    stands_in: dict[str, str] = {}
    with_: dict[str, JsonValue] = Field({}, alias="with")
    shortfall: Literal["fail", "warn"] = "fail"


class Remediation(Model):
    """`who` is a card key or a person's id; `how` one sentence."""

    who: str
    how: str


def _names(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class ItemSpec(Model):
    """One line of the gate. `asks` says what a pass means, `guidance` where the seed says so, `seed` the place there.

    `control` names one control or several, whose requests and rules are put before the item's own, and `with` fills
    their parameters. An item that others name as their `parent` has none of these: it stands as its parts do.
    `may_not_apply`: people may say, and approve, that it does not apply. `why_a_person`: why no system can answer it.
    `severity`: how bad a blocker it is while it is not met.
    """

    number: int = Field(ge=1)
    id: str
    title: str
    asks: str = ""
    guidance: str = ""
    seed: str = ""
    category: str = ""
    weight: int = Field(1, ge=1)
    critical: bool = False
    severity: Severity | None = None
    parent: int | None = None
    methods: tuple[Literal["test", "examine", "interview"], ...] = Field(min_length=1)
    why_a_person: str = ""
    may_not_apply: bool = False
    waivable: bool = True
    sign_off: bool = False
    note_from_signers: bool = False
    control: Names = ()
    with_: dict[str, JsonValue] = Field({}, alias="with")
    requests: tuple[RequestSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = ()
    remediation: Remediation = Remediation(who="", how="")


class CheckSpec(Model):
    """A fact of the gate that belongs to no item."""

    id: str
    title: str
    probe: str
    with_: dict[str, JsonValue] = Field({}, alias="with")


class SignerSpec(Model):
    """A role that signs: who on the card may hold it, when it is needed, and how sure we must be of who signs."""

    role: str
    title: str
    one_of: str
    when: Literal["always", "lead_is_builder", "conditional"]
    least_assurance: Assurance = Assurance.KEY


class Parameter(Model):
    """What an item may fill of a control. Without a value, what it stands for is left out."""

    required: bool = False
    default: JsonValue = None


class Control(Model):
    """A requirement that items of several gates point to: asked once, written once.

    `parameters` names what an item may fill with `with`; they stand in requests and rules as `$param.NAME`, beside
    `$gate.id`, `$item.id`, `$item.number` and `$item.category`. `windows` are added to the gate's. `methods` are those
    that the item must name.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str
    methods: tuple[Literal["test", "examine", "interview"], ...] = Field(min_length=1)
    parameters: dict[str, Parameter] = {}
    windows: dict[str, WindowSpec] = {}
    fetched_within: Span | None = None
    requests: tuple[RequestSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = Field(min_length=1)
    remediation: Remediation

    @property
    def name(self) -> str:
        return f"{self.id}@{self.version}"


def _kept(text: str) -> str:
    if periods.days_from(date(2026, 1, 1), text) < SHORTEST:
        raise ValueError(f"{text!r} is too short: what was signed is kept for {SHORTEST} days at least")
    return text


Kept = Annotated[Span, AfterValidator(_kept)]
RETENTION = "7 years"  # where a gate says nothing: as long as the checklist asks of audit logs of the highest tier
SHORTEST = 30  # days


class Gate(Model):
    """Named, versioned set of items between two lifecycle stages.

    `notes` say what the gate does where its checklist contradicts itself or leaves something open. `report` are
    sections of the report beyond those that every gate has, `files` further files of the bundle.
    `controls` are those that its items point to, filled in when the gate is loaded, so that they are frozen with it.
    """

    id: str
    version: str
    title: str
    from_stage: str
    to_stage: str
    fetched_within: Span = "24 hours"
    windows: dict[str, WindowSpec] = {}
    categories: tuple[Category, ...] = ()
    items: tuple[ItemSpec, ...] = Field(min_length=1)
    controls: tuple[Control, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[CheckSpec, ...] = ()
    policy: Policy
    report: tuple[Section, ...] = ()
    files: tuple[File, ...] = ()
    signers: tuple[SignerSpec, ...] = Field(min_length=1)
    retention: Kept | None = Field(
        None, exclude_if=lambda value: value is None,
        description="how long what was signed is kept after its review's last event; default 7 years",
    )  # fmt: skip

    def item(self, number: int) -> ItemSpec | None:
        return next((item for item in self.items if item.number == number), None)

    def parts(self, number: int) -> tuple[ItemSpec, ...]:
        """The items that are parts of this one."""
        return tuple(item for item in self.items if item.parent == number)


__all__ = [
    "CheckSpec",
    "Control",
    "FollowSpec",
    "Gate",
    "ItemSpec",
    "MatrixPolicy",
    "Parameter",
    "Remediation",
    "RequestSpec",
    "RuleSpec",
    "SignerSpec",
    "WindowSpec",
]
