"""A batch is kept by portions: a crash costs what was not kept yet, and each question has one answer all the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from agent import settings
from agent.deps import Deps
from agent.service.assembly import assemble
from agent.workflow.collect import PORTION, Batch, gather
from collectors.connections import AttestationAccess
from collectors.evidence import Gap
from collectors.statements import QuizAsk

N = 2 * PORTION + 20
ASKS = {f"key-{n}": QuizAsk(subject=f"subject-{n}", version="1.0") for n in range(N)}
BATCH = Batch("attestation.quiz", ASKS, {}, "r-1")


def deps_that_crash_at(subject: str, home: Path) -> Deps:
    """Its statements are in nobody's folder, and looking for those of `subject` is a crash."""

    def folder(of: str) -> None:
        if of == subject:
            raise ZeroDivisionError(of)

    deps = assemble(settings.read({"CLEARANCE_HOME": str(home)}))
    access = AttestationAccess(folder, lambda of: [], lambda payload: (None, None), lambda person: person)  # type: ignore[arg-type,return-value]
    return replace(deps, connections=replace(deps.connections, attestations=access))


def test_what_was_kept_before_a_crash_stays_and_the_rest_are_gaps(tmp_path: Path) -> None:
    deps = deps_that_crash_at(f"subject-{PORTION + 20}", tmp_path)

    found = gather(deps, BATCH)

    answers = {key: deps.locker.answer(digest) for key, digest in found.digests.items()}
    assert answers.keys() == ASKS.keys()
    crashed = [key for key, answer in answers.items() if isinstance(answer, Gap) and answer.incident]
    assert crashed == [f"key-{n}" for n in range(PORTION, N)]


def test_without_a_crash_each_question_has_its_own_answer(tmp_path: Path) -> None:
    deps = deps_that_crash_at("nobody", tmp_path)

    found = gather(deps, BATCH)

    assert {key: deps.locker.answer(digest).params for key, digest in found.digests.items()} == {
        key: ask.params() for key, ask in ASKS.items()
    }
