"""What counts as answers and as marks of the runbook's quiz; nothing else is signed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.errors import Refused, UsageError
from agent.service.quiz import QUESTIONS, Answered, check_answers, check_digest, check_marks
from agent.surfaces.quizzing import marks_of
from collectors.statement_fields import AnswerFields

ANSWERS = {"kill": "The flag, off.", "failure_modes": "Three, each with its own step.", "logs": "Datadog Logs."}
PASSED = dict.fromkeys(QUESTIONS, "passed")


def mikes() -> Answered:
    given = tuple(AnswerFields(question=key, asked=asked, answer=ANSWERS[key]) for key, asked in QUESTIONS.items())
    made_at = datetime(2026, 6, 11, 14, tzinfo=UTC)
    return Answered("mike.chen", "Mike Chen", made_at, "sha256:" + "a" * 64, "sha256:" + "b" * 64, given, signed=True)


def test_answers_are_the_three_without_the_space_around_them():
    assert check_answers({**ANSWERS, "logs": "  Datadog Logs.\n"}) == ANSWERS


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"logs": None}, "logs: has no answer; the quiz asks: Where are the logs?"),
        ({"logs": " \n"}, "logs: has no answer"),
        ({"logs": 7}, "logs: has no answer"),
        ({"log": "there"}, "'log' is not a question of the quiz. Did you mean logs?"),
        ({"logs": "there\x1b[2J"}, "logs: the answer holds U+001B"),
        ({"logs": "half a character \ud800"}, "logs: the answer holds U+D800"),
    ],
)
def test_answers_that_lack_something_or_hide_something_are_refused(changed: dict[str, object], told: str):
    with pytest.raises(UsageError) as refused:
        check_answers({**ANSWERS, **changed})
    assert told in str(refused.value)


def test_every_question_that_was_asked_takes_a_mark():
    assert check_marks(mikes(), {**PASSED, "logs": "failed"}) == {**PASSED, "logs": "failed"}


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"kill": "passed"}, "failure_modes: has no mark"),
        ({**PASSED, "kill": "good"}, "'good' is no mark; write passed or failed"),
        ({**PASSED, "kil": "passed"}, "'kil' was not asked. Did you mean kill?"),
    ],
)
def test_marks_that_are_none_or_of_other_questions_are_refused(marks: dict[str, str], told: str):
    with pytest.raises(UsageError) as refused:
        check_marks(mikes(), marks)
    assert told in str(refused.value)


@pytest.mark.parametrize("options", [["kill"], ["kill=passed", "kill=failed"]])
def test_a_mark_is_written_once_as_question_and_word(options: list[str]):
    with pytest.raises(UsageError):
        marks_of(options)


def test_marks_are_of_the_answers_that_the_marker_saw():
    check_digest(mikes(), "sha256:" + "b" * 64)
    check_digest(mikes(), "b" * 12)
    with pytest.raises(UsageError):
        check_digest(mikes(), "b" * 11)
    with pytest.raises(Refused):
        check_digest(mikes(), "c" * 12)
