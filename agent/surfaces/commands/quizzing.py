"""`quiz`: the runbook's three questions, answered by people on call and marked by an owner of the runbook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, Subject

if TYPE_CHECKING:
    from agent.deps import Deps
    from agent.service.quiz import Answered
    from agent.service.signing import Caller
    from agent.surfaces.terminal import Screen

FromFile = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE.yaml", help="Your answers: kill, failure_modes and logs, each a text."),
]
Person = Annotated[str | None, typer.Option("--mark", metavar="PERSON", help="Mark this person's latest answers.")]
Marks = Annotated[
    list[str] | None, typer.Option("--set", metavar="QUESTION=passed|failed", help="A mark. One for each question.")
]
Digest = Annotated[
    str, typer.Option("--digest", metavar="DIGEST", help="Mark only if these are still the latest answers.")
]


def register(app: typer.Typer) -> None:
    app.command("quiz")(quiz)


def quiz(
    subject: Subject,
    from_file: FromFile = None,
    mark: Person = None,
    set_: Marks = None,
    digest: Digest = "",
    json: AsJson = False,
) -> int:
    """Answer the runbook's three questions, or mark somebody's answers, signed with your own key.

    On a terminal you are asked; without one, answer with --from and mark with --mark and --set. An owner of the runbook
    marks, never the one who answered; answers that failed are kept. The next assessment reads both."""
    from agent.errors import UsageError
    from agent.service import signing
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    if mark and from_file:
        raise UsageError("--from goes with answering and --mark with marking; give one of them")
    if not mark and (set_ or digest):
        raise UsageError("--set and --digest go with --mark PERSON")
    view = screen()
    deps = opening.open_store(view)
    deps.configuration.card(subject)
    who = signing.caller(deps)
    if mark:
        return _mark(view, deps, who, subject, mark, set_ or [], digest, json)
    return _answer(view, deps, who, subject, from_file, json)


def _answer(view: Screen, deps: Deps, who: Caller, subject: str, file: Path | None, json: bool) -> int:
    from agent.errors import UsageError
    from agent.service import quiz as service
    from agent.surfaces import quizzing

    read = service.runbook(deps, subject)
    if file is not None:
        answers = quizzing.from_file(file, read)
    elif json or not quizzing.can_ask(view):
        raise UsageError(
            "there is no terminal to ask at; write the answers into a file: clearance quiz --from FILE.yaml"
        )
    else:
        quizzing.show_runbook(view, read)
        answers = quizzing.ask(view)
        quizzing.confirm(view, answers, who.name)
    digest = service.answer(deps, who, subject, answers, read.digest)
    told = {"path": read.path, "digest": read.digest}
    if json:
        view.json({"subject": subject, "person": who.person, "runbook": told, "statement": digest})
    else:
        view.say(f"{who.name} answered about {read.path} ({read.digest}): {digest}")
        view.say(f"An owner of the runbook marks it: clearance quiz {subject} --mark {who.person}")
    return 0


def _mark(
    view: Screen, deps: Deps, who: Caller, subject: str, person: str, sets: list[str], digest: str, json: bool
) -> int:  # fmt: skip
    from agent.service import quiz as service
    from agent.surfaces import quizzing

    found = service.waiting_for_a_mark(deps, who, subject, person)
    if digest:
        service.check_digest(found, digest)
    if sets:
        marks = service.check_marks(found, quizzing.marks_of(sets))
    elif json or not quizzing.can_ask(view):
        return _only_show(view, subject, found, json)
    else:
        quizzing.show_answered(view, found)
        marks = quizzing.ask_marks(view, found)
    statement = service.mark(deps, who, subject, found, marks)
    if json:
        view.json({**_told(subject, found), "marker": who.person, "marks": marks, "statement": statement})
    else:
        view.say(f"{who.name} marked the answers of {found.name}: {', '.join(f'{q} {m}' for q, m in marks.items())}")
    return 0


def _only_show(view: Screen, subject: str, found: Answered, json: bool) -> int:
    """Without a terminal and without marks the answers are shown, and the command that marks just these."""
    from agent.errors import Waiting
    from agent.surfaces import quizzing

    if json:
        view.json({**_told(subject, found), "marker": None, "marks": None, "statement": None})
    else:
        quizzing.show_answered(view, found)
    raise Waiting(
        f"these answers are not marked yet; mark each passed or failed: {quizzing.set_command(subject, found)}"
    )


def _told(subject: str, found: Answered) -> dict[str, object]:
    answers = [one.model_dump(mode="json") for one in found.answers]
    return {
        "subject": subject, "person": found.person, "quiz": found.digest, "runbook": found.runbook, "answers": answers,
    }  # fmt: skip
