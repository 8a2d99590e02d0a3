"""The runbook's quiz on the page: somebody on call answers, an owner of the runbook marks."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from agent.errors import Refused, UsageError
from agent.service import quiz
from agent.service.statements import kinds_of
from agent.surfaces.web.visit import Visit, to


def quiz_page(visit: Visit) -> Response:
    return _render(visit)


def answer(visit: Visit) -> Response:
    """Sign the answers, about the text that the form was shown with."""
    given = {question: visit.form.get(f"answer-{question}", "") for question in quiz.QUESTIONS}
    return _done(
        visit, lambda: quiz.answer(visit.deps, visit.who, _subject(visit), given, visit.form.get("runbook", ""))
    )


def mark(visit: Visit) -> Response:
    """Sign a mark for each question of the answers that the form showed, and of no later ones."""
    return _done(visit, lambda: _mark(visit))


def _mark(visit: Visit) -> None:
    form, subject = visit.form, _subject(visit)
    found = quiz.waiting_for_a_mark(visit.deps, visit.who, subject, form.get("answered_by", ""))
    quiz.check_digest(found, form.get("digest", ""))
    marks = {name.removeprefix("mark-"): value for name, value in form.items() if name.startswith("mark-")}
    quiz.mark(visit.deps, visit.who, subject, found, marks)


def _done(visit: Visit, sign: Callable[[], object]) -> Response:
    try:
        sign()
    except (Refused, UsageError) as error:
        return _render(visit, str(error), 409)
    return to(f"/quiz/{_subject(visit)}#record")


def _subject(visit: Visit) -> str:
    subject = visit.path["subject"]
    if subject not in visit.deps.configuration.card_paths():
        raise UsageError(f"there is no card for {subject!r}")
    return subject


def _render(visit: Visit, told: str = "", status: int = 200) -> Response:
    subject = _subject(visit)
    try:
        read, why = quiz.runbook(visit.deps, subject), ""
        record = quiz.on_record(visit.deps, visit.who, subject)
    except Refused as error:
        read, why, record = None, str(error), []
    return visit.page(
        "quiz.html", status, subject=subject, told=told, read=read, why=why, record=record, questions=quiz.QUESTIONS,
        waiting=list(_waiting(visit, subject)), form=visit.form,
    )  # fmt: skip


def _waiting(visit: Visit, subject: str) -> list[tuple[str, int]]:
    """Reviews of the subject that wait, with the number of the item that the quiz settles."""
    found = []
    for row in visit.deps.reviews.all(states=("signing",)):
        if row.subject == subject and not row.rehearsal:
            items = visit.deps.configuration.gate(row.gate).items
            found += [(row.id, item.number) for item in items if "quiz" in kinds_of(item)]
    return found
