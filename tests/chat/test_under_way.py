"""What is being assessed by a command or a sweep is told to whoever asks in chat, by API or MCP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from agent.deps import Deps
from agent.errors import UsageError
from agent.outputs.chat import told
from agent.service import asking, chatting, jobs, under_way
from agent.service.asking import Place
from agent.service.assess import assess
from agent.service.orders import AssessOrder
from agent.store import jobs as queue
from tests.acceptance.conftest import GATE, SUBJECT, Desk, put_right
from tests.chat.conftest import Office
from tests.chat.workspace import texts

__all__ = ["put_right"]
Seen = TypeVar("Seen")
ORDER = AssessOrder(subject=SUBJECT, gate=GATE)


def in_its_midst(deps: Deps, look: Callable[[], Seen], **how: object) -> Seen:
    """What is seen by somebody who looks while a command assesses the subject."""
    seen: list[Seen] = []
    assess(replace(deps, progress=lambda step, sentence: seen or seen.append(look())), SUBJECT, GATE, **how)  # type: ignore[arg-type,func-returns-value]
    return seen[0]


def states(deps: Deps) -> list[tuple[str, str, str]]:
    return [(one.subject, one.gate, one.state) for one in under_way.working(deps)]


def test_the_status_names_what_a_command_assesses(office: Office):
    found = in_its_midst(office.deps, lambda: asking.status(office.deps, Place(), SUBJECT), new=True)

    assert [(one.subject, one.gate, one.state) for one in found.working] == [(SUBJECT, GATE, "running")]
    assert f"⏳ running: {SUBJECT} at {GATE}" in " ".join(texts(list(told.message(found).blocks)))
    assert asking.status(office.deps, Place(), SUBJECT).working == ()


@pytest.mark.parametrize("ask", [asking.why, asking.evidence])
def test_an_answer_about_an_item_says_that_another_is_under_way(office: Office, ask: Callable[..., asking.Why]):
    found = in_its_midst(office.deps, lambda: ask(office.deps, Place(), SUBJECT, 9), new=True)

    assert f"it is being assessed now, and this is of {office.review}" in found.note
    assert "being assessed" not in ask(office.deps, Place(), SUBJECT, 9).note
    jobs.put(office.deps, ORDER)
    assert "an assessment of it is queued, and this is of rv-" in ask(office.deps, Place(), SUBJECT, 9).note


def test_of_the_first_assessment_it_is_said_that_it_is_under_way(put_right: Desk):
    deps = put_right.deps()

    def refused() -> str:
        with pytest.raises(UsageError) as why:
            asking.why(deps, Place(), SUBJECT, 9)
        return str(why.value)

    assert in_its_midst(deps, refused) == f"{SUBJECT} was not assessed at gate {GATE} yet; it is being assessed now"


@pytest.mark.parametrize("begun", [False, True])
def test_a_job_and_a_review_of_the_same_are_one(office: Office, begun: bool):
    """Whether the job waits behind the review, or is what runs it."""
    job = jobs.put(office.deps, ORDER).id
    if begun:
        assert queue.begin(office.deps.engine, job, "a worker", office.deps.clock())

    assert in_its_midst(office.deps, lambda: states(office.deps), new=True) == [(SUBJECT, GATE, "running")]


def test_who_orders_meanwhile_hears_that_somebody_is_at_it(office: Office):
    found = in_its_midst(office.deps, lambda: chatting.order(office.deps, SUBJECT, GATE, "mike.chen"), new=True)

    name = f"{SUBJECT} 1.0 at {GATE}"
    assert found.state == "queued"
    assert found.sentence.startswith(f"{name} is queued. It is being assessed already; a worker that takes this")
    assert chatting.order(office.deps, SUBJECT, GATE, "dana.ortiz").sentence == (
        f"{name} is queued already; this joins it."
    )


def test_what_a_killed_process_left_is_not_under_way(office: Office):
    def dies() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_its_midst(office.deps, dies, new=True)

    assert [row.state for row in office.deps.reviews.all()] == ["superseded", "running"]
    assert states(office.deps) == []


def test_a_rehearsal_is_nobodys_answer(office: Office):
    assert in_its_midst(office.deps, lambda: states(office.deps), as_of=office.deps.clock()) == []
