"""Item 7: the runbook exists, and everyone on call answered the questions about this version of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain import Finding, Outcome
from agent.people import People, same_name
from agent.probes.findings import failed, listed, passed, resource, unknown
from agent.probes.registry import probe
from agent.probes.rota import BACKUP, PRIMARY, people_on
from agent.probes.stated import ends
from collectors.documents import FileFacts
from collectors.evidence import Fact, Origin, Person
from collectors.pagerduty.facts import OnCallFacts
from collectors.statements import Quiz, QuizFacts

_QUESTIONS = {
    "kill": "how to kill the agent within 60 seconds",
    "failure_modes": "what the top three failure modes are and what to do for each",
    "logs": "where the logs are",
}
_STANDINGS = {  # what is wrong with a person's answers, worst first, and how a sentence says it
    "missing": (Outcome.FAIL, "no answers about the runbook came from {}, on call from launch"),
    "outdated": (Outcome.FAIL, "{} answered about another version of the runbook"),
    "failed": (Outcome.FAIL, "the answers of {} were marked as failed"),
    "unmapped": (Outcome.UNKNOWN, "who {} is, on call from launch, people.yaml does not say"),
    "unproven": (Outcome.UNKNOWN, "the answers are only as reported by {}, proven by no key"),
    "unmarked": (Outcome.UNKNOWN, "the answers of {} were not marked by another person who owns the runbook"),
}


@probe
def runbook_exists(runbook: FileFacts) -> Finding:
    """The runbook is there and is not empty."""
    if not runbook.size.value > 0:
        return failed("The runbook {path} is empty", path=runbook.path)
    return passed("The runbook {path} exists, last changed on {changed}", path=runbook.path, changed=runbook.changed)


@probe
def the_three_questions_were_asked(quiz: QuizFacts, on_call: OnCallFacts, *, people: People) -> Finding:
    """Every quiz of a person on call asked how to kill it, what goes wrong and what to do, and where the logs are."""
    quizzes = [found for one in people_on(on_call, PRIMARY, BACKUP) if (found := _quiz_of(one, quiz, people))]
    if not quizzes:
        runbook = resource("the runbook", origin=Origin.CODE)
        return unknown(
            "Nobody on call answered a quiz about {runbook}, so what was asked is not known", runbook=runbook
        )
    clauses, facts = _left_out(quizzes)
    if clauses:
        return failed(_sentence(clauses), facts)
    text, facts = listed("person", [one.statement.author for one in quizzes])
    until = min((limit for one in quizzes if (limit := ends(one.statement))), default=None)
    return passed(f"The quiz of {text} asked all that the checklist wants to be asked", facts, valid_until=until)


@probe
def everyone_on_call_answered(
    quiz: QuizFacts, on_call: OnCallFacts, runbook: FileFacts,
    *, people: People, owners: tuple[str, ...] | None = None, builders: tuple[str, ...],
) -> Finding:  # fmt: skip
    """Everyone on call from launch answered about this version of the runbook, marked by an owner other than them."""
    standing: dict[str, list[Person]] = {}
    counted: list[Quiz] = []
    on_rota = people_on(on_call, PRIMARY, BACKUP)
    for one in on_rota:
        answers = _quiz_of(one, quiz, people)
        what = _standing(one, answers, runbook, people, owners or builders)
        standing.setdefault(what, []).append(one)
        counted += [answers] if answers else []
    if not on_rota:
        return unknown(
            "Nobody is on call for {service}, so who must know the runbook is not known", service=on_call.service
        )
    return _shortfall(standing) or _all_answered(on_rota, counted)


def _quiz_of(one: Person, quiz: QuizFacts, people: People) -> Quiz | None:
    """The person's latest quiz."""
    id = people.by_account("pagerduty", one.id)
    own = [found for found in quiz.quizzes if found.statement.author.id == id]
    return max(own, key=lambda found: found.statement.made.value, default=None)


def _left_out(quizzes: Sequence[Quiz]) -> tuple[list[str], dict[str, Fact]]:
    clauses: list[str] = []
    facts: dict[str, Fact] = {}
    for i, one in enumerate(quizzes, start=1):
        asked = {answer.question for answer in one.answers}
        missing = [resource(text, origin=Origin.CODE) for key, text in _QUESTIONS.items() if key not in asked]
        if missing:
            text, slots = listed(f"question_{i}", missing)
            facts |= {f"person_{i}": one.statement.author, **slots}
            clauses.append(f"the quiz of {{person_{i}}} did not ask {text}")
    return clauses, facts


def _standing(one: Person, answers: Quiz | None, runbook: FileFacts, people: People, owners: tuple[str, ...]) -> str:
    """A key of _STANDINGS, or "" when the person's answers count."""
    if people.by_account("pagerduty", one.id) is None:
        return "unmapped"
    if answers is None:
        return "missing"
    if answers.runbook.value != runbook.digest.value:
        return "outdated"
    marks = {answer.mark.value for answer in answers.answers if answer.question in _QUESTIONS}
    if "failed" in marks:
        return "failed"
    if not answers.statement.proven:
        return "unproven"
    return "" if marks == {"passed"} and _marked_by_owner(answers, owners) else "unmarked"


def _marked_by_owner(answers: Quiz, owners: tuple[str, ...]) -> bool:
    marker = answers.marked_by
    if marker is None or not answers.marker_proven:
        return False
    author = answers.statement.author
    return marker.id in owners and marker.id != author.id and not same_name(marker.value, author.value)


def _shortfall(standing: dict[str, list[Person]]) -> Finding | None:
    """One finding that names everyone whose answers are missing or do not count."""
    clauses: list[str] = []
    facts: dict[str, Fact] = {}
    worst = None
    for what, (outcome, phrase) in _STANDINGS.items():
        if what in standing:
            text, slots = listed(what, standing[what])
            clauses.append(phrase.format(text))
            facts |= slots
            worst = worst or outcome
    if worst is None:
        return None
    return (failed if worst is Outcome.FAIL else unknown)(_sentence(clauses), facts)


def _all_answered(on_rota: Sequence[Person], quizzes: Sequence[Quiz]) -> Finding:
    text, facts = listed("person", on_rota)
    marked, markers = listed("marker", list({q.marked_by.id: q.marked_by for q in quizzes if q.marked_by}.values()))
    sentence = f"{text} answered the questions about this version of the runbook, marked as passed by {marked}"
    return passed(sentence, {**facts, **markers}, valid_until=_until(quizzes))


def _until(quizzes: Sequence[Quiz]) -> datetime | None:
    """When the first of the answers, or of their marks, stops counting."""
    limits = [limit for one in quizzes for limit in (one.statement.valid_until, one.mark_until)]
    return min((limit.value for limit in limits if limit), default=None)


def _sentence(clauses: Sequence[str]) -> str:
    text = " and ".join(clauses)
    return text[0].upper() + text[1:]
