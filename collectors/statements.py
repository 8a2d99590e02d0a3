"""What named people state, where no system can say it: questions and typed answers.

Each attestation is one JSON document, best wrapped in a signed envelope. `author.id` is our id of the person
(mike.chen); `proven` is true only when a key that people.yaml binds to that person signed it.
"""

from __future__ import annotations

from typing import ClassVar

from collectors.evidence import Day, Duration, Facts, Model, Number, Person, Quote, Request, Resource, State, Time
from collectors.statement_fields import Moment


class Statement(Model):
    """What every attestation says of itself."""

    author: Person
    proven: bool
    roles: tuple[str, ...] = ()
    made: Time
    valid_until: Time | None = None
    link: str = ""
    digest: str


class WatchAsk(Request):
    """Who looks at a dashboard, and when."""

    type: ClassVar[str] = "attestation.watch"
    subject: str
    version: str
    dashboard: str


class Watcher(Model):
    """`when` in the person's words, e.g. "daily at 09:00"."""

    person: Person
    when: Resource


class WatchFacts(Facts):
    """The latest statement about the dashboard."""

    statement: Statement
    watchers: tuple[Watcher, ...]


class QuizAsk(Request):
    """Each person's latest answers to the runbook's questions, and how they were marked."""

    type: ClassVar[str] = "attestation.quiz"
    subject: str
    version: str


class QuizAnswer(Model):
    """`question`: kill, failure_modes, logs (or another that was asked). `mark`: "passed", "failed" or "unmarked"."""

    question: str
    asked: Resource
    mark: State


class Quiz(Model):
    """One person's answers. `runbook` is the digest of the text that was read; `marked_by` None = nobody yet.

    `mark_until`: when the mark stops counting, as its author wants it; None = it does not, or there is none.
    """

    statement: Statement
    runbook: Resource
    answers: tuple[QuizAnswer, ...]
    marked_by: Person | None
    marker_proven: bool
    mark_until: Time | None = None


class QuizFacts(Facts):
    """`quizzes`: the latest of each author."""

    quizzes: tuple[Quiz, ...]


class DrillAsk(Request):
    """The latest kill-switch drill, as the people who did it state it."""

    type: ClassVar[str] = "attestation.drill"
    subject: str
    version: str


class DrillFacts(Facts):
    """`in_flight` counts the runs in progress at the flip; None in `in_flight` or `time_to_stop` = not recorded."""

    statement: Statement
    flag_off: Time
    flag_on: Time
    in_flight: Number | None
    in_flight_outcome: Resource | None
    new_work: Resource | None
    time_to_stop: Duration | None
    performed_by: Person
    observed_by: Person | None


class CommsAsk(Request):
    """One message of the communication plan, as its author states it."""

    type: ClassVar[str] = "attestation.comms"
    subject: str
    version: str
    id: str


class CommsFacts(Facts):
    """`drafted`: "drafted" or "not drafted"; `scheduled` None = no time set."""

    statement: Statement
    message: Resource
    drafted: State
    scheduled: Time | None
    audience: Resource | None


class StatedRetentionAsk(Request):
    """The retention of one log for which the card names no system, as a person read it."""

    type: ClassVar[str] = "attestation.retention"
    subject: str
    version: str
    log: str


class StatedRetentionFacts(Facts):
    """`kept` in days, of `where` in the author's words; `project` as the vendor names it, None = not stated."""

    statement: Statement
    log: Resource
    kept: Number
    where: Resource
    project: Resource | None = None


class QuotesAsk(Request):
    """What a person read in a document, quoted, as the answer to an item that a document answers."""

    type: ClassVar[str] = "attestation.quotes"
    subject: str
    version: str
    document: str


class ConfirmedQuote(Model):
    """`passage` names text and line as `FileFacts.passages` does."""

    text: Quote
    passage: str


class QuotesFacts(Facts):
    """The latest statement about the document. `digest` is "sha256:…" of the text that its author read."""

    statement: Statement
    document: Resource
    digest: Resource
    quotes: tuple[ConfirmedQuote, ...]


class AnswersAsk(Request):
    """What people answer of the boxes in one part of a gate that no system can answer."""

    type: ClassVar[str] = "attestation.answers"
    subject: str
    version: str
    gate: str
    part: str


class Box(Model):
    """The latest answer to one box. `item` is the item's id; `says`: "yes", "no" or "not_applicable"."""

    item: str
    statement: Statement
    says: State
    note: Resource | None = None
    confidence: Number | None = None


class AnswersFacts(Facts):
    """One row a box that anybody answered, by item."""

    boxes: tuple[Box, ...]


class DebtAsk(Request):
    """The technical debt that a subject is launched with, as somebody listed it for a gate."""

    type: ClassVar[str] = "attestation.debt"
    subject: str
    version: str
    gate: str


class Debt(Model):
    """`touches`: users, security, performance, maintainability, data or scalability; `stands`: may it be left?"""

    what: Resource
    touches: State
    stands: State
    why: str
    plan: str
    until: Day | None = None


class DebtFacts(Facts):
    """The latest list; an empty one says that there is none."""

    statement: Statement
    debts: tuple[Debt, ...]


class TestsAsk(Request):
    """How many test scenarios of a subject and version passed, as whoever ran them last states it."""

    __test__: ClassVar[bool] = False  # no test of pytest's
    type: ClassVar[str] = "attestation.tests"
    subject: str
    version: str


class TestsFacts(Facts):
    """`passed` and `of` count scenarios; `failed` names those that did not pass and are explained."""

    __test__: ClassVar[bool] = False
    statement: Statement
    passed: Number
    of: Number
    where: Resource
    failed: tuple[Resource, ...] = ()


class AcceptanceAsk(Request):
    """Open items, waivers, and what was approved as not applying, for a subject and version."""

    type: ClassVar[str] = "attestation.acceptances"
    subject: str
    version: str


class OpenItem(Model):
    """A warning that a person took on: item number, what is missing, owner, due date. `gate` "" = not named."""

    statement: Statement
    item: int
    gate: str = ""
    missing: str
    owner: str
    due: Time


class Waiver(Model):
    """Item number, reason, who asked for it, compensating control; `statement.author` approves; `expires` ends it."""

    statement: Statement
    item: int
    gate: str = ""
    reason: str
    requested_by: str
    compensating: str
    expires: Time


class NotApplicable(Model):
    """`statement.author` approves that the item does not apply to the subject."""

    statement: Statement
    item: int
    gate: str
    reason: str
    requested_by: str


class AcceptanceFacts(Facts):
    open_items: tuple[OpenItem, ...]
    waivers: tuple[Waiver, ...]
    not_applicable: tuple[NotApplicable, ...] = ()


class AttestationDocument(Model):
    """The signed payload. `fields` holds what the kind asks for; see the ask of the same name."""

    kind: str
    subject: str
    version: str
    author: str
    made_at: Moment
    valid_until: Moment | None = None
    link: str = ""
    fields: dict[str, object]
