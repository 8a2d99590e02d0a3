"""A gate as data: what is asked for each item, which rules judge it, who signs. Loaded from YAML, nothing built in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from agent.cards import Span
from agent.domain import Assurance
from agent.policies.specs import MatrixPolicy, Policy
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


class ItemSpec(Model):
    """One line of the gate. `asks` says what a pass means, `guidance` where the seed says so."""

    number: int
    id: str
    title: str
    asks: str
    guidance: str = ""
    methods: tuple[Literal["test", "examine", "interview"], ...] = Field(min_length=1)
    waivable: bool = True
    sign_off: bool = False
    note_from_signers: bool = False
    requests: tuple[RequestSpec, ...] = ()
    rules: tuple[RuleSpec, ...] = Field(min_length=1)
    remediation: Remediation


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


class Gate(Model):
    """Named, versioned set of items between two lifecycle stages."""

    id: str
    version: str
    title: str
    from_stage: str
    to_stage: str
    fetched_within: Span = "24 hours"
    windows: dict[str, WindowSpec] = {}
    items: tuple[ItemSpec, ...] = Field(min_length=1)
    checks: tuple[CheckSpec, ...] = ()
    policy: Policy
    signers: tuple[SignerSpec, ...] = Field(min_length=1)

    def item(self, number: int) -> ItemSpec | None:
        return next((item for item in self.items if item.number == number), None)


__all__ = [
    "CheckSpec",
    "FollowSpec",
    "Gate",
    "ItemSpec",
    "MatrixPolicy",
    "Remediation",
    "RequestSpec",
    "RuleSpec",
    "SignerSpec",
    "WindowSpec",
]
