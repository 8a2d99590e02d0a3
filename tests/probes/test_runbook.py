"""Item 7: the runbook, its questions, and the answers of everyone on call."""

from __future__ import annotations

import pytest

from agent.people import People
from agent.probes.runbook import everyone_on_call_answered, runbook_exists, the_three_questions_were_asked
from collectors.pagerduty.facts import OnCallFacts
from collectors.statements import Quiz
from tests.builders import (
    LENA,
    MIKE,
    MORTEZA,
    PEOPLE,
    SAM,
    at,
    document,
    on_call,
    quiz,
    quizzes,
    shift,
    told,
)  # fmt: skip

BUILDERS = (MORTEZA, MIKE)
ALL = (quiz(MIKE), quiz(SAM), quiz(MORTEZA))


def test_a_runbook_exists_or_is_empty():
    """An empty file is no runbook."""
    assert (
        told(runbook_exists(document()))
        == "pass: The runbook runbook.md exists, last changed on 1 June 2026, 09:00 EDT."
    )
    assert told(runbook_exists(document(size=0))) == "fail: The runbook runbook.md is empty."


def asked(*given: Quiz, people: People = PEOPLE) -> str:
    return told(the_three_questions_were_asked(quizzes(*given), on_call(), people=people))


def test_quizzes_that_asked_everything_pass():
    """Questions beyond the three do no harm."""
    assert asked(quiz(MIKE, asked=("kill", "failure_modes", "logs", "escalation"))) == (
        "pass: The quiz of Mike Chen asked all that the checklist wants to be asked."
    )


def test_what_was_asked_counts_until_the_first_answers_end():
    given = (quiz(MIKE, until="2026-09-01T00:00"), quiz(SAM, until="2026-08-01T00:00"), quiz(MORTEZA))
    found = the_three_questions_were_asked(quizzes(*given), on_call(), people=PEOPLE)

    assert (found.outcome, found.valid_until) == ("pass", at("2026-08-01T00:00"))


def test_a_question_that_was_left_out_is_named():
    """As in the worked example: who to call was asked, where the logs are was not."""
    assert asked(quiz(MIKE, asked=("kill", "escalation", "failure_modes"))) == (
        "fail: The quiz of Mike Chen did not ask where the logs are."
    )


def test_each_quiz_has_to_ask_everything():
    """What one was asked does not stand in for the other."""
    found = asked(quiz(MIKE, asked=("failure_modes", "logs")), quiz(SAM, asked=("kill",)), quiz(MORTEZA))
    assert found == (
        "fail: The quiz of Sam Okafor did not ask what the top three failure modes are and what to do for each and "
        "where the logs are and the quiz of Mike Chen did not ask how to kill the agent within 60 seconds."
    )


def test_without_a_quiz_nothing_is_known_of_its_questions():
    """A quiz of somebody who is not on call does not count."""
    expected = "unknown: Nobody on call answered a quiz about the runbook, so what was asked is not known."
    assert asked() == expected
    assert asked(quiz(LENA)) == expected


def answered(
    *given: Quiz, owners: tuple[str, ...] | None = (LENA,), rota: OnCallFacts | None = None, people: People = PEOPLE
) -> str:
    found = everyone_on_call_answered(
        quizzes(*given), rota or on_call(), document(), people=people, owners=owners, builders=BUILDERS
    )
    return told(found)


def test_everyone_who_answered_passes_until_the_first_statement_ends():
    """All three on the rota, marked by the owner."""
    given = (quiz(MIKE, until="2026-09-01T00:00"), quiz(SAM, until="2026-08-01T00:00"), quiz(MORTEZA))
    found = everyone_on_call_answered(
        quizzes(*given), on_call(), document(), people=PEOPLE, owners=(LENA,), builders=BUILDERS
    )
    assert told(found) == (
        "pass: Sam Okafor, Mike Chen and Morteza Moradi answered the questions about this version of the runbook, "
        "marked as passed by Lena Fischer."
    )
    assert found.valid_until == at("2026-08-01T00:00")


def test_a_mark_that_ends_sooner_than_its_answers_ends_the_pass():
    """The passed mark is part of what this rests on."""
    given = (quiz(MIKE, until="2026-09-01T00:00", mark_until="2026-07-01T00:00"), *ALL[1:])
    found = everyone_on_call_answered(
        quizzes(*given), on_call(), document(), people=PEOPLE, owners=(LENA,), builders=BUILDERS
    )
    assert found.valid_until == at("2026-07-01T00:00")


def test_everyone_who_did_not_answer_stands_in_one_finding():
    """The weekend engineer and the backup."""
    assert answered(quiz(MIKE)) == (
        "fail: No answers about the runbook came from Sam Okafor and Morteza Moradi, on call from launch."
    )


def test_answers_about_another_version_do_not_count():
    """The text has changed since."""
    assert answered(quiz(MIKE, runbook="sha256:0"), *ALL[1:]) == (
        "fail: Mike Chen answered about another version of the runbook."
    )


def test_answers_marked_as_failed_fail():
    """And what else is missing is told beside it."""
    unproven = quiz(SAM, proven=False)
    assert answered(quiz(MIKE, mark="failed"), unproven, ALL[2]) == (
        "fail: The answers of Mike Chen were marked as failed and the answers are only as reported by "
        "Sam Okafor, proven by no key."
    )


def test_answers_that_no_key_proves_are_unknown():
    """Anyone could have written them."""
    assert answered(quiz(MIKE, proven=False), *ALL[1:]) == (
        "unknown: The answers are only as reported by Mike Chen, proven by no key."
    )


@pytest.mark.parametrize(
    "given",
    [
        quiz(MIKE, marked_by=None),
        quiz(MIKE, mark="unmarked"),
        quiz(MIKE, marker_proven=False),
        quiz(MIKE, marked_by=SAM),
        quiz(MIKE, asked=("escalation",)),
    ],
    ids=["by nobody", "not yet", "unproven marker", "not an owner", "none of the questions"],
)
def test_answers_without_a_good_mark_are_unknown(given: Quiz):
    """A mark counts from an owner whose key proves it."""
    assert answered(given, *ALL[1:]) == (
        "unknown: The answers of Mike Chen were not marked by another person who owns the runbook."
    )


@pytest.mark.parametrize("owners", [None, ()])
def test_without_owners_the_builders_mark_but_never_their_own(owners: tuple[str, ...] | None):
    """Mike marks Sam's and Morteza's, Morteza marks Mike's."""
    given = (quiz(MIKE, marked_by=MORTEZA), quiz(SAM, marked_by=MIKE), quiz(MORTEZA, marked_by=MIKE))
    assert answered(*given, owners=owners).startswith("pass")
    own = (quiz(MIKE, marked_by=MIKE), *given[1:])
    assert answered(*own, owners=owners).startswith(
        "unknown: The answers of Mike Chen were not marked by another person"
    )


def test_somebody_whom_people_yaml_does_not_know_is_unknown():
    """Nobody can say whose answers to look for."""
    known = People(people={id: one for id, one in PEOPLE.people.items() if id != SAM})
    assert answered(*ALL, people=known) == (
        "unknown: Who Sam Okafor is, on call from launch, people.yaml does not say."
    )


def test_the_latest_answers_of_a_person_count():
    """Failed once, passed later."""
    first = quiz(MIKE, mark="failed", made="2026-06-01T10:00")
    assert answered(first, *ALL).startswith("pass")


def test_an_empty_rota_is_unknown():
    """All of nobody have answered, which says nothing."""
    assert answered(rota=on_call(())) == (
        "unknown: Nobody is on call for invoice-recon, so who must know the runbook is not known."
    )


def test_the_same_human_under_another_id_marks_nothing():
    """Two ids and two keys, one name: nobody marks their own answers."""
    mark = quiz(MIKE, marked_by=LENA)
    assert mark.marked_by
    namesake = mark.marked_by.model_copy(update={"value": " mike  CHEN "})
    own = mark.model_copy(update={"marked_by": namesake})
    assert answered(mark, *ALL[1:]).startswith("pass:")
    assert answered(own, *ALL[1:]) == (
        "unknown: The answers of Mike Chen were not marked by another person who owns the runbook."
    )


def test_who_joins_the_rota_has_to_answer_and_who_left_no_longer_counts():
    """The answers are held against the rota as it is now."""

    def rota(backup: str) -> OnCallFacts:
        shifts = ((1, MIKE), (2, backup))
        return on_call([shift(level, who, "2026-06-13T00:00", "2026-06-27T00:00") for level, who in shifts])

    mikes, joined = rota(MIKE), rota(SAM)
    assert answered(quiz(MIKE), rota=mikes).startswith("pass: Mike Chen answered")
    assert answered(quiz(MIKE), rota=joined) == (
        "fail: No answers about the runbook came from Sam Okafor, on call from launch."
    )
    assert answered(quiz(MIKE), quiz(SAM, mark="failed"), rota=mikes).startswith("pass: Mike Chen answered")
