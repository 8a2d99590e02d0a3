"""Use case: the runbook's three questions, answered by the people on call and marked by an owner of the runbook."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import cast

from agent.deps import Deps
from agent.errors import Refused, UsageError, nearest
from agent.people import same_name
from agent.service import statements
from agent.service.signing import SHORTEST, Caller
from agent.signing.attestations import PAYLOAD_TYPE
from agent.signing.envelope import unseal
from collectors.attestation_desk import Desk
from collectors.attestation_files import Said, hear
from collectors.documents import FileFacts
from collectors.errors import SourceError
from collectors.evidence import Gap, sha256
from collectors.registry import REQUESTS
from collectors.statement_fields import AnswerFields, QuizFields, QuizMarkFields

QUESTIONS: Mapping[str, str] = MappingProxyType({
    "kill": "How do you kill the agent within 60 seconds?",
    "failure_modes": "What are the top three failure modes, and what do you do for each?",
    "logs": "Where are the logs?",
})  # fmt: skip
MARKS = ("passed", "failed")


@dataclass(frozen=True)
class Runbook:
    """Which text the answers are about. `digest` is "sha256:…" of its bytes; `changed` when it last was."""

    path: str
    digest: str
    changed: datetime


@dataclass(frozen=True)
class Answered:
    """One person's latest answers. `digest` names the statement; `signed` is false for those that are only reported."""

    person: str
    name: str
    made_at: datetime
    runbook: str
    digest: str
    answers: tuple[AnswerFields, ...]
    signed: bool


def runbook(deps: Deps, subject: str) -> Runbook:
    """The text that the card names, as the gate will see it. Refused, with what to do, where it cannot be read."""
    named = deps.configuration.card(subject).card.runbook
    row = REQUESTS[named.source]
    (answer,) = row.collector()(deps.connections, [row.ask.model_validate({"path": named.path})])
    if isinstance(answer, Gap):
        raise Refused(f"which text the quiz is about cannot be told: {answer.what}. {answer.next_step}")
    facts = cast(FileFacts, answer.facts)
    return Runbook(facts.path.value, facts.digest.value, facts.changed.value)


def check_answers(answers: Mapping[str, object]) -> dict[str, str]:
    """All three answers, none of them empty and none with characters that no screen shows; else UsageError."""
    unknown = sorted(set(answers) - set(QUESTIONS))
    if unknown:
        raise UsageError(f"{unknown[0]!r} is not a question of the quiz. {nearest(unknown[0], QUESTIONS)}")
    return {question: _text(question, answers.get(question)) for question in QUESTIONS}


def _text(question: str, answer: object) -> str:
    if not isinstance(answer, str) or not answer.strip():
        raise UsageError(f"{question}: has no answer; the quiz asks: {QUESTIONS[question]}")
    unseen = [c for c in answer if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")]
    if unseen:
        raise UsageError(
            f"{question}: the answer holds U+{ord(unseen[0]):04X}, which no screen shows; write plain text"
        )
    return answer.strip()


def answer(deps: Deps, who: Caller, subject: str, answers: Mapping[str, object], read: str) -> str:
    """Sign the answers about the runbook whose digest is `read`; gives the statement's digest, which a mark names.

    Refused when the runbook is another by now: then they are not about what was shown."""
    said, now = check_answers(answers), runbook(deps, subject)
    if now.digest != read:
        raise Refused(f"the runbook {now.path} is {now.digest} now and not {read}; read it again, then answer again")
    given = [{"question": key, "asked": asked, "answer": said[key]} for key, asked in QUESTIONS.items()]
    return _attest(deps, who, subject, "quiz", {"runbook": read, "answers": given})


def waiting_for_a_mark(deps: Deps, who: Caller, subject: str, person: str) -> Answered:
    """The latest answers of a person, if `who` may mark them and no owner has. Refused says why not."""
    people, owners = deps.configuration.people(), _owners(deps, subject)
    if person not in people.people:
        raise UsageError(f"there is nobody {person!r} in people.yaml. {nearest(person, people.people)}")
    _check_marker(who, person, people.name_of(person), owners, subject)
    with _refusing():
        desk = _desk(deps, subject)
        said = desk.latest(one for one in desk.of_kind("quiz") if one.document.author == person)
        if said is None:
            told = f"{people.name_of(person)} has not answered about the runbook of {subject} {desk.version}"
            raise Refused(f"{told}; they do with: clearance quiz {subject}")
        found = _answered(said, people.name_of(person))
        _check_unmarked(desk, found, set(owners) - {person})
    _check_same_text(found, runbook(deps, subject), subject)
    return found


def on_record(deps: Deps, who: Caller, subject: str) -> list[tuple[Answered, str]]:
    """Everybody's latest answers, the newest first, each with why `who` may not mark them, or ""."""
    people, found = deps.configuration.people(), []
    with _refusing():
        desk = _desk(deps, subject)
        for person in dict.fromkeys(one.document.author for one in desk.of_kind("quiz")):
            said = desk.latest(one for one in desk.of_kind("quiz") if one.document.author == person)
            found += [_answered(said, people.name_of(person))] if said else []
    return [
        (one, _why_not(deps, who, subject, one)) for one in sorted(found, key=lambda one: one.made_at, reverse=True)
    ]


def _why_not(deps: Deps, who: Caller, subject: str, found: Answered) -> str:
    try:
        waiting_for_a_mark(deps, who, subject, found.person)
    except (Refused, UsageError) as error:
        return str(error)
    return ""


def mark(deps: Deps, who: Caller, subject: str, answered: Answered, marks: Mapping[str, str]) -> str:
    """Sign a mark for each question of exactly these answers; failed ones stay on record. Gives its digest."""
    _check_marker(who, answered.person, answered.name, _owners(deps, subject), subject)
    return _attest(deps, who, subject, "quiz_mark", {"quiz": answered.digest, "marks": check_marks(answered, marks)})


def check_marks(answered: Answered, marks: Mapping[str, str]) -> dict[str, str]:
    """A mark for every question that was asked and for no other; else UsageError."""
    asked = [one.question for one in answered.answers]
    for question, given in marks.items():
        if question not in asked:
            raise UsageError(f"{question!r} was not asked. {nearest(question, asked)}")
        if given not in MARKS:
            raise UsageError(f"{question}: {given!r} is no mark; write passed or failed")
    short = [question for question in asked if question not in marks]
    if short:
        raise UsageError(f"{short[0]}: has no mark; write passed or failed for each of {', '.join(asked)}")
    return {question: marks[question] for question in asked}


def check_digest(answered: Answered, meant: str) -> None:
    """Refused when these are not the answers that the marker looked at. `meant` may be shortened."""
    digits = meant.removeprefix("sha256:")
    if len(digits) < SHORTEST:
        raise UsageError(f"--digest {meant}: give at least {SHORTEST} digits, so that it means one statement only")
    if not answered.digest.removeprefix("sha256:").startswith(digits):
        raise Refused(f"{answered.name} has answered again since: the latest answers are {answered.digest}; read those")


def _owners(deps: Deps, subject: str) -> tuple[str, ...]:
    card = deps.configuration.card(subject).card
    return card.runbook.owners or card.people.builders


def _check_marker(who: Caller, person: str, name: str, owners: tuple[str, ...], subject: str) -> None:
    if who.person == person or same_name(who.name, name):
        raise Refused(f"{who.name} answered these questions; nobody marks their own answers")
    if who.person not in owners:
        raise Refused(f"{who.name} does not own the runbook of {subject}; {' or '.join(owners)} may mark")


def _check_unmarked(desk: Desk, found: Answered, owners: set[str]) -> None:
    """Marks by others than the owners count for nothing, so they do not stand in the way."""
    asked = {answer.question for answer in found.answers}
    for one in desk.of_kind("quiz_mark"):
        about = one.fields(QuizMarkFields)
        counts = one.proven and not one.lapsed and one.document.made_at >= found.made_at
        by_owner = counts and one.document.author in owners
        if about.quiz == found.digest and by_owner and asked <= set(about.marks):
            marks = ", ".join(f"{question} {given}" for question, given in about.marks.items())
            told = f"{one.document.author} marked these answers of {found.name} already ({marks})"
            raise Refused(f"{told}; after a failure they answer again: clearance quiz {desk.subject}")


def _check_same_text(found: Answered, now: Runbook, subject: str) -> None:
    if found.runbook != now.digest:
        raise Refused(
            f"the answers of {found.name} are about {found.runbook}, and the runbook {now.path} is {now.digest} now; "
            f"let them read it and answer again: clearance quiz {subject}"
        )


def _answered(said: Said, name: str) -> Answered:
    fields, document = said.fields(QuizFields), said.document
    return Answered(
        document.author, name, document.made_at, fields.runbook, said.digest, fields.answers, said.proven
    )  # fmt: skip


def _desk(deps: Deps, subject: str) -> Desk:
    access, version = deps.connections.attestations, deps.configuration.card(subject).card.version
    assert access is not None  # assembly always gives it
    return Desk(access, hear(access, subject, version, deps.clock()), subject, version)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except SourceError as failure:
        raise Refused(f"{failure.what}. {failure.next_step}") from failure


def _attest(deps: Deps, who: Caller, subject: str, kind: str, fields: Mapping[str, object]) -> str:
    """Keep it and give the statement's own digest, by which others refer to it (`attest` gives the envelope's)."""
    envelope = deps.locker.get(statements.attest(deps, who, subject, kind, fields))
    return "sha256:" + sha256(unseal(envelope, PAYLOAD_TYPE, ())[0])
