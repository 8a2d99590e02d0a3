"""Asks the runbook's questions and the marks: on a terminal by prompts, without one from a file and from options."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent import yaml_lines
from agent.errors import UsageError, Waiting
from agent.service.quiz import MARKS, QUESTIONS, Answered, Runbook, check_answers
from agent.surfaces.terminal import Screen, plain

SHORT = 12  # digits of a digest that a person copies
WORDS = {"p": "passed", "f": "failed", "pass": "passed", "fail": "failed", **{mark: mark for mark in MARKS}}


def can_ask(screen: Screen) -> bool:
    """Is there a person at both ends?"""
    return sys.stdin.isatty() and screen.out.is_terminal


def show_runbook(screen: Screen, read: Runbook) -> None:
    screen.say(f"The questions are about the runbook {read.path}, last changed {read.changed:%Y-%m-%d %H:%M} UTC,")
    screen.say(f"{read.digest}. Read it first; answer in your own words.")


def from_file(path: Path, read: Runbook) -> dict[str, str]:
    """The answers by question. A key `runbook` names the digest that was read, and must still be it."""
    data, _ = yaml_lines.read(path)
    if not isinstance(data, dict):
        raise UsageError(f"{path}: does not hold a mapping of {', '.join(QUESTIONS)} to answers")
    answers = {str(name): value for name, value in data.items()}
    told = answers.pop("runbook", read.digest)
    if told != read.digest:
        raise UsageError(
            f"{path}: runbook: is {told}, and {read.path} is {read.digest} now; read it, then answer again"
        )
    return check_answers(answers)


def ask(screen: Screen) -> dict[str, str]:
    """Each question; an answer may have several lines and ends with an empty one."""
    screen.say("An answer may have several lines; an empty line ends it.")
    answers = {}
    for key, question in QUESTIONS.items():
        screen.heading(question)
        answers[key] = _lines()
        while not answers[key]:
            screen.say("Without an answer there is nothing to sign; Ctrl-C stops.")
            answers[key] = _lines()
    return check_answers(answers)


def _lines() -> str:
    lines: list[str] = []
    while line := plain(_input("> ")).strip():
        lines.append(line)
    return "\n".join(lines)


def confirm(screen: Screen, answers: dict[str, str], name: str) -> None:
    """Show what would be signed and ask; Waiting unless the answer is yes."""
    show_answers(screen, ((QUESTIONS[key], text) for key, text in answers.items()))
    _agree(f"Sign these answers as {name}, with your own key? [y/N] ")


def show_answers(screen: Screen, rows: Iterator[tuple[str, str]]) -> None:
    for asked, text in rows:
        screen.heading(asked)
        screen.say(text, indent=2)
    screen.say()


def show_answered(screen: Screen, found: Answered) -> None:
    """Whose answers, about which text, and the digest that a mark names."""
    how = "signed" if found.signed else "only reported, signed by nobody"
    screen.say(f"{found.name} answered on {found.made_at:%Y-%m-%d %H:%M %Z} ({how}), about {found.runbook}.")
    show_answers(screen, ((one.asked, one.answer) for one in found.answers))


def ask_marks(screen: Screen, found: Answered) -> dict[str, str]:
    """Passed or failed for each question, then the signature."""
    marks = {one.question: _mark(f"{one.question}: passed or failed? [p/f] ") for one in found.answers}
    screen.say(", ".join(f"{question}: {mark}" for question, mark in marks.items()))
    _agree(f"Sign these marks of {found.name}'s answers, with your own key? [y/N] ")
    return marks


def marks_of(options: Sequence[str]) -> dict[str, str]:
    """The marks given as QUESTION=passed or QUESTION=failed."""
    marks: dict[str, str] = {}
    for option in options:
        question, equals, given = option.partition("=")
        if not equals:
            raise UsageError(
                f"--set {option!r}: write QUESTION=passed or QUESTION=failed, for example --set kill=passed"
            )
        if question in marks:
            raise UsageError(f"--set {question}: is given twice")
        marks[question] = given
    return marks


def set_command(subject: str, found: Answered) -> str:
    """How these answers are marked without a terminal."""
    sets = " ".join(f"--set {one.question}=passed" for one in found.answers)
    digest = found.digest.removeprefix("sha256:")[:SHORT]
    return f"clearance quiz {subject} --mark {found.person} --digest {digest} {sets}"


def _mark(question: str) -> str:
    while True:
        given = WORDS.get(_input(question).strip().lower())
        if given:
            return given


def _agree(question: str) -> None:
    if _input(question).strip().lower() not in ("y", "yes"):
        raise Waiting("not signed; nothing was kept")


def _input(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError as error:
        raise Waiting("the input ended, so nothing was signed and nothing was kept") from error
