"""What a review is made of: findings, verdicts, proposal, the document that is shown, and the sign-off over it."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field, JsonValue

from agent.concerns import Concern, Reading
from agent.layouts import Debt, File, Section, Severity
from agent.scores import Category, NotApplyingRow, Score
from collectors.evidence import Fact, Model

GRAPH_VERSION = "2"  # a resume refuses to cross versions; raise it when nodes or their order change


class Outcome(StrEnum):
    """A probe's answer."""

    PASS = "pass"
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Verdict(StrEnum):
    """An item's standing, computed from its findings."""

    MET = "met"
    WARNING = "warning"
    NOT_MET = "not_met"
    UNDETERMINED = "undetermined"
    NOT_APPLICABLE = "not_applicable"
    PENDING = "pending"


GLYPHS = {
    Verdict.MET: "✅",
    Verdict.WARNING: "⚠️",
    Verdict.NOT_MET: "❌",
    Verdict.UNDETERMINED: "❔",
    Verdict.NOT_APPLICABLE: "➖",
    Verdict.PENDING: "⏳",
}
WORDS = {
    Verdict.MET: "met",
    Verdict.WARNING: "warning",
    Verdict.NOT_MET: "not met",
    Verdict.UNDETERMINED: "undetermined",
    Verdict.NOT_APPLICABLE: "not applicable",
    Verdict.PENDING: "pending",
}
WORST_FIRST = (
    Verdict.NOT_MET,
    Verdict.UNDETERMINED,
    Verdict.WARNING,
    Verdict.PENDING,
    Verdict.NOT_APPLICABLE,
    Verdict.MET,
)


class Decision(StrEnum):
    """What the policy proposes, and what people sign."""

    CLEARED = "cleared"
    CONDITIONAL = "conditional"
    BLOCKED = "blocked"

    @property
    def strictness(self) -> int:
        return list(Decision).index(self)


class Used(Model):
    """A fact in the role a finding uses it in. `slot` is unique within the item: F1, F2, …"""

    slot: str
    role: str
    fact: Fact


SLOT = re.compile(r"\{(?P<slot>F\d+) as (?P<role>[a-z][a-z0-9_]*)\}")


class Finding(Model):
    """A probe's answer. `sentence` is a template: every value in it is a slot `{F1 as primary}` from `facts`.

    `about` tells apart the findings of one probe over a list (a target's or message's id); `gap` is the digest of the
    gap that made it unknown; `valid_until` is when the events behind it stop counting.
    """

    probe: str
    outcome: Outcome
    sentence: str
    facts: tuple[Used, ...] = ()
    about: str = ""
    gap: str = ""
    note: bool = Field(False, description="worth knowing, decides nothing")
    valid_until: AwareDatetime | None = None

    def renumbered(self, first: int) -> Finding:
        """The same finding with its slots counted from F`first`."""
        names = {used.slot: f"F{first + i}" for i, used in enumerate(self.facts)}
        if all(old == new for old, new in names.items()):
            return self
        facts = tuple(used.model_copy(update={"slot": names[used.slot]}) for used in self.facts)
        sentence = SLOT.sub(lambda m: f"{{{names[m['slot']]} as {m['role']}}}", self.sentence)
        return self.model_copy(update={"facts": facts, "sentence": sentence})


class Statement(Model):
    """One drafted sentence about one finding: a template with slots, and the same filled by code."""

    finding: int = Field(description="index of the finding in its item")
    template: str
    text: str
    by: Literal["template", "model"]


class Remedy(Model):
    """What a person does about an item: who, how, and the command that checks it again."""

    who: str
    how: str
    recheck: str


class ItemResult(Model):
    """One line of the gate, judged."""

    number: int
    id: str
    title: str
    methods: tuple[str, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]
    evidence: tuple[str, ...] = Field((), description="digests of the evidence looked at")
    gaps: tuple[str, ...] = ()
    draft: tuple[Statement, ...] = ()
    fell_back: bool = Field(False, description="the model's draft was rejected twice, template prose stands in")
    owner: str = ""
    remedy: Remedy
    waived: str = Field("", description="digest of the waiver that stands")
    open_item: str = Field("", description="digest of the open item that a person took on")
    valid_until: AwareDatetime | None = None
    fetched_by: AwareDatetime | None = Field(
        None, description="until when the fetched evidence is fresh enough to sign"
    )
    category: str = Field("", description="id of the square or category that it counts in")
    weight: int = Field(1, description="what it weighs in its category, where the policy weighs")
    critical: bool = Field(False, description="cannot be averaged away")
    parent: int | None = Field(None, description="number of the item that it is a part of, and counts through")
    seed: str = Field("", description="where the checklist asks it")
    controls: tuple[str, ...] = Field((), description="the controls that it points to, as name@version")
    why_a_person: str = Field("", description="why only a person can answer it")
    severity: Severity | None = Field(None, description="how bad a blocker it is while it is not met")
    not_applicable: str = Field("", description="digest of the statement by which it was approved as not applying")


class CheckResult(Model):
    """A fact of the gate that belongs to no item."""

    id: str
    title: str
    outcome: Outcome
    finding: Finding
    text: str


class Reason(Model):
    """Why the proposal is not cleared. `where` is an item number or a check id."""

    where: str
    probe: str
    outcome: Outcome
    about: str = ""
    text: str


class GapRow(Model):
    """What could not be seen, as the report shows it."""

    digest: str
    items: tuple[int, ...]
    request_type: str
    reason: str
    what: str
    next_step: str


class OpenItemRow(Model):
    item: int
    missing: str
    owner: str
    due: AwareDatetime
    by: str
    proven: bool
    digest: str


class WaiverRow(Model):
    item: int
    reason: str
    requested_by: str
    approved_by: str
    compensating: str
    expires: AwareDatetime
    digest: str


class Usage(Model):
    """What the run cost: `calls` by vendor, wall seconds, tokens (`input_tokens` in full; cached ones beside)."""

    calls: dict[str, int] = {}
    reused: int = 0
    model_calls: int = 0
    input_tokens: int = 0
    cache_write_tokens: int = 0
    cache_read_tokens: int = 0
    output_tokens: int = 0
    price_usd: str | None = Field("0", description="US dollars as a decimal; null where the model's price is not known")
    seconds: float = 0.0

    def plus(self, other: Usage) -> Usage:
        """Both models' work together; a price that is not known makes the sum one that is not known."""
        counts = {name: getattr(self, name) + getattr(other, name) for name in _MODELS_WORK}
        known = self.price_usd is not None and other.price_usd is not None
        price = str(Decimal(self.price_usd or 0) + Decimal(other.price_usd or 0)) if known else None
        return self.model_copy(update={**counts, "price_usd": price})


_MODELS_WORK = ("model_calls", "input_tokens", "cache_write_tokens", "cache_read_tokens", "output_tokens")


class DraftedBy(Model):
    """Who wrote the prose: "template prose" or a model, with the digests of the prompts it was given.

    `exchanges` are digests of what was asked and answered, kept in the locker; `seen` is the digest of model and first
    prompt; `reused_from` the review whose answers were used again because the writer would have seen the same.
    """

    writer: str
    model: str = ""
    prompts: dict[str, str] = {}
    why_template: str = ""
    exchanges: tuple[str, ...] = ()
    seen: str = ""
    reused_from: str = ""


class SummaryLine(Model):
    """A sentence on the whole gate, as its template and filled. What stands in its slots is in the overview."""

    about: Literal["decided", "blocks", "changed", "unseen", "drafted"]
    template: str
    text: str
    by: Literal["template", "model"]


class ReviewDocument(Model):
    """Everything that is shown and signed. Its digest covers all fields but `digest` and `usage`."""

    format: Literal["clearance-review/1"] = "clearance-review/1"
    review: str
    supersedes: str = ""
    subject: str
    name: str
    version: str
    gate: str
    gate_version: str
    gate_title: str
    as_of: AwareDatetime
    zone: str
    graph_version: str = GRAPH_VERSION
    product_version: str
    rehearsal: bool
    sandbox: bool
    gate_digest: str
    card_digest: str
    people_digest: str
    card: dict[str, JsonValue] = Field({}, description="the card as it was; facts of Origin.CARD point into it")
    collected: str = Field("", description="digest of the questions asked and the answer to each")
    proposal: Decision
    reasons: tuple[Reason, ...]
    checks: tuple[CheckResult, ...]
    items: tuple[ItemResult, ...]
    gaps: tuple[GapRow, ...]
    concerns: tuple[Concern, ...] = ()
    reading: Reading | None = Field(None, description="None = of before documents were read")
    summary: tuple[str, ...] = ()
    summary_lines: tuple[SummaryLine, ...] = Field((), description="the same sentences with their templates")
    overview: tuple[Used, ...] = Field((), description="facts of the whole gate, worked out by code")
    open_items: tuple[OpenItemRow, ...] = ()
    waivers: tuple[WaiverRow, ...] = ()
    signers: tuple[SignerNeeded, ...] = ()
    notes_for: tuple[int, ...] = ()
    valid_until: AwareDatetime | None = None
    earlier: tuple[EarlierReview, ...] = ()
    drafted_by: DraftedBy
    evidence: dict[str, str] = Field({}, description="request type by evidence digest")
    redacted: dict[str, tuple[str, ...]] = Field({}, description="what was taken out of bodies, by request type")
    score: Score | None = Field(None, description="the policy's sum, worked out; None = it has none")
    categories: tuple[Category, ...] = Field((), description="the checklist's squares or categories, in its order")
    controls: dict[str, str] = Field({}, description="digest of each control used, by name@version")
    not_applying: tuple[NotApplyingRow, ...] = ()
    layout: tuple[Section, ...] = Field((), description="the checklist's own sections of the report")
    files: tuple[File, ...] = Field((), description="further files of the bundle")
    planned: tuple[OpenItemRow, ...] = Field((), description="what owners undertook for items that are not met")
    debts: tuple[Debt, ...] = Field((), description="technical debt as people stated it")
    usage: Usage = Usage()
    digest: str = ""


class SignerNeeded(Model):
    """A role that has to sign, and who on the card may hold it."""

    role: str
    title: str
    people: tuple[str, ...]
    names: tuple[str, ...]
    because: str


class EarlierReview(Model):
    """A review of the same subject, version and gate that came before: abandoned ones too."""

    review: str
    as_of: AwareDatetime
    proposal: str
    ended: str
    by: str
    share: str = Field("", description="percent that was done; empty where it was not reckoned")


class SignOffDecision(StrEnum):
    CLEARED = "cleared"
    CONDITIONAL = "conditional"
    BLOCKED = "blocked"
    MORE_EVIDENCE = "more-evidence"


class Assurance(StrEnum):
    """How we know who it was, the surest first."""

    KEY = "key"
    OIDC = "oidc"
    SLACK = "slack"
    TERMINAL = "terminal"

    def reaches(self, least: Assurance) -> bool:
        order = list(Assurance)
        return order.index(self) <= order.index(least)


class LoggedIn(Model):
    """Who it was, and when, by a provider of OpenID Connect (`email` only if verified) or by Slack (`slack:T…`)."""

    issuer: str
    subject: str
    email: str = ""
    at: AwareDatetime


class SignOff(Model):
    """One person's signature in one role over one digest. `envelope` is the signed statement itself: sealed with the
    person's own key, or, where they were known by a `login` alone, with the product's.
    """

    review: str
    role: str
    person: str
    name: str
    digest: str
    decision: SignOffDecision
    reason: str = ""
    notes: dict[str, str] = {}
    concerns: dict[str, str] = Field({}, description="answers in the signer's own words, by the concern's id")
    channel: str
    assurance: Assurance
    at: AwareDatetime
    key: str = Field("", description="fingerprint of the key that signed")
    opened: dict[str, AwareDatetime] = Field({}, description="when each item's evidence was first shown to the signer")
    on_behalf: str = Field("", description="id of the holder of the role, where a deputy signed")
    on_behalf_name: str = ""
    label: str = Field("", description="the gate's word that only a person can give, such as CANCEL")
    login: LoggedIn | None = Field(None, description="the login by which the signer was known, where it was no key")
    envelope: str = ""

    @property
    def holder(self) -> str:
        """Whose role was used: the signer's own, or that of the one they stand in for."""
        return self.on_behalf or self.person


ReviewDocument.model_rebuild()
