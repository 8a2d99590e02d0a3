"""Item 7 of the as-written world is mended by its people with `clearance quiz`, and by nothing less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent.domain import ItemResult, Verdict
from tests.acceptance.conftest import SUBJECT, Desk

QUIZ = ("quiz", SUBJECT)
ANSWERS = """\
kill: Flag finance-invoice-recon-enabled in agents/production off, then watch the dashboard until the runs end.
failure_modes: |
  Acceptance falls: exclude the supplier. Slow runs: status pages, restart once.
  A guardrail that fires again and again: kill first, keep the logs, page security.
logs: Datadog Logs, service:invoice-recon, for 30 days; then the archive.
"""
ALL = ("kill", "failure_modes", "logs")


def own_key(desk: Desk, person: str) -> dict[str, str]:
    return {"CLEARANCE_KEY": str(desk.keys / f"{person}.pem")}


def answers(desk: Desk, person: str) -> str:
    """The person answers from a file; gives the statement's digest."""
    file = Path(desk.home.parent, "answers.yaml")
    file.write_text(ANSWERS, encoding="utf-8")
    done = desk.cli(*QUIZ, "--from", str(file), "--json", **own_key(desk, person))
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["person"] == person
    return str(told["statement"])


def marks(desk: Desk, person: str, *given: str) -> None:
    """Lena, who owns the runbook, marks."""
    sets = [part for one in given for part in ("--set", one)]
    done = desk.cli(*QUIZ, "--mark", person, *sets, **own_key(desk, "lena.fischer"))
    assert done.returncode == 0, done.stderr


def item_7(desk: Desk) -> ItemResult:
    return next(item for item in desk.assess(new=True).items if item.number == 7)


def test_once_all_on_call_have_answered_and_the_owner_has_marked_item_7_is_met(as_written: Desk):
    for person in ("sam.okafor", "morteza.moradi", "mike.chen"):
        answers(as_written, person)
    assert item_7(as_written).verdict is Verdict.UNDETERMINED
    for person in ("sam.okafor", "morteza.moradi", "mike.chen"):
        marks(as_written, person, *(f"{question}=passed" for question in ALL))

    assert item_7(as_written).verdict is Verdict.MET


def test_a_failed_answer_fails_the_item_until_the_person_answers_again_and_is_kept(as_written: Desk):
    for person in ("sam.okafor", "morteza.moradi", "mike.chen"):
        answers(as_written, person)
    marks(as_written, "morteza.moradi", *(f"{question}=passed" for question in ALL))
    marks(as_written, "mike.chen", *(f"{question}=passed" for question in ALL))
    marks(as_written, "sam.okafor", "kill=failed", "failure_modes=passed", "logs=passed")
    assert item_7(as_written).verdict is Verdict.NOT_MET

    answers(as_written, "sam.okafor")
    marks(as_written, "sam.okafor", *(f"{question}=passed" for question in ALL))

    assert item_7(as_written).verdict is Verdict.MET
    assert sum(b'"failed"' in payload(one) for one in as_written.deps().locker.statements(SUBJECT)) == 1


def payload(envelope: bytes) -> bytes:
    import base64

    return base64.b64decode(json.loads(envelope)["payload"])
