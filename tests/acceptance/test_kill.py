"""Killed at any step, the next command finishes the review: nothing asked twice, nothing signed twice, one report."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.service import joining
from agent.service.assess import Begin, assess, assess_frozen
from agent.service.finishing import finish
from agent.service.orders import OrderedSweep
from agent.service.permission import may_deploy
from agent.service.running import config_of, graph_of, new_lease
from agent.service.sweep_order import SweepOrder
from agent.store import log
from agent.store.schema import answers
from agent.workflow import frozen
from agent.workflow.collect import asked_as
from agent.workflow.state import ReviewState
from collectors.errors import Denied
from collectors.evidence import Gap
from collectors.registry import REQUESTS
from tests import stem
from tests.acceptance.conftest import GATE, ROOT, SIGNERS, SUBJECT, Desk


def killed_at(desk: Desk, step: str, times: int, *action: str, key: str = "", without: str = "") -> None:
    more = {"CLEARANCE_KEY": str(desk.keys / f"{key}.pem")} if key else {}
    env = {**os.environ, **{k: v for k, v in desk.env(**more).items() if k != without}}
    done = stem.run([step, str(times), *action], ROOT, env, "tests.chaos.killed_at", 300)
    assert done.returncode == -signal.SIGKILL, done.stderr


def events(desk: Desk, review: str) -> list[str]:
    return [entry.event for entry in log.entries(desk.deps().engine, review)]


@pytest.mark.parametrize(
    ("step", "times"),
    [("plan", 1), ("collect", 1), ("collect", 8), ("collect", 15), ("follow", 1), ("collect", 17), ("judge", 1),
     ("read", 1), ("draft", 1), ("verify", 1)],
)  # fmt: skip
def test_an_assessment_killed_in_a_node_is_finished_by_the_next_command(put_right: Desk, step: str, times: int):
    """The next `assess` goes on with the same review and comes to the same result."""
    killed_at(put_right, step, times, "assess")

    document = put_right.assess()

    rows = put_right.deps().reviews.all()
    assert [row.id for row in rows] == [document.review]
    assert rows[0].state == "signing"
    assert document.proposal == "cleared"
    assert events(put_right, document.review) == ["started", "assessed"]


def test_what_was_collected_before_the_kill_is_not_asked_again(put_right: Desk):
    """Evidence of the killed process is used by the one that goes on."""
    before = len(put_right.world.seen("pagerduty")) + len(put_right.world.seen("aws"))
    killed_at(put_right, "follow", 1, "assess")
    killed = len(put_right.world.seen("pagerduty")) + len(put_right.world.seen("aws"))

    put_right.assess()

    assert killed > before
    assert len(put_right.world.seen("pagerduty")) + len(put_right.world.seen("aws")) == killed


TOKEN = "PAGERDUTY_API_KEY"


@pytest.mark.parametrize(("step", "times"), [("collect", 15), ("follow", 1), ("judge", 1), ("verify", 1)])
def test_what_was_seen_with_a_token_does_not_outlive_the_token(put_right: Desk, step: str, times: int):
    """Killed after collecting; whoever goes on has no key to PagerDuty and says what it could not see."""
    killed_at(put_right, step, times, "assess")

    document = put_right.assess(TOKEN)

    assert (document.proposal, unseen(document)) == ("blocked", {"pagerduty"})
    assert len(put_right.deps().reviews.all()) == 1


def test_what_another_token_saw_is_not_gone_on_with(put_right: Desk):
    """PagerDuty does not know the token of now; what the one before it saw is no answer to that."""
    killed_at(put_right, "judge", 1, "assess")

    found = assess(put_right.deps(**{TOKEN: "another-token"}), SUBJECT, GATE)

    assert (found.document.proposal, unseen(found.document)) == ("blocked", {"pagerduty"})
    assert any("pagerduty" in said and "asked again" in said for said in found.said)


def test_what_was_asked_again_with_a_token_does_not_outlive_it_either(put_right: Desk):
    """Begun without it, gone on with under it, killed twice: it counts who saw what is there, not who began."""
    killed_at(put_right, "judge", 1, "assess", without=TOKEN)
    killed_at(put_right, "judge", 1, "assess")

    assert unseen(put_right.assess(TOKEN)) == {"pagerduty"}


def test_only_what_is_reached_otherwise_is_asked_again(put_right: Desk):
    """The answers of the others are still fresh, and seen by the same."""
    killed_at(put_right, "judge", 1, "assess")
    before = len(put_right.world.seen("aws")) + len(put_right.world.seen("datadog"))

    put_right.assess(TOKEN)

    assert len(put_right.world.seen("aws")) + len(put_right.world.seen("datadog")) == before


def test_what_an_earlier_build_saw_is_not_gone_on_with_once_every_token_is_gone(put_right: Desk):
    """It did not keep as whom it asked, which is not the same as nobody."""
    killed_at(put_right, "plan", 1, "assess")
    deps = put_right.deps()
    (row,) = deps.reviews.all()
    state = joining.started_state(deps, row.id)
    del state["asked_as"]
    with graph_of(deps) as graph:
        graph.checkpointer.delete_thread(row.id)  # type: ignore[union-attr]
        graph.invoke(state, config_of(row.id), context=deps, interrupt_before=["judge"])  # type: ignore[call-overload]

    nobody = put_right.deps(*(name for name in put_right.world.settings if not name.startswith("CLEARANCE_")))
    assert not any(asked_as(nobody).values())
    found = assess(nobody, SUBJECT, GATE)

    assert (found.document.review, found.document.proposal) == (row.id, "blocked")
    assert {"pagerduty", "datadog", "aws"} <= unseen(found.document)
    assert any("was begun by an earlier build" in said for said in found.said)


def test_whoever_takes_over_while_waiting_takes_no_answers_that_are_not_those_of_now(put_right: Desk):
    """A sweep waits for a review by hand, whose process is killed; the sweep could not see PagerDuty meanwhile."""
    killed_at(put_right, "judge", 1, "assess")
    deps = put_right.deps()
    (row,) = deps.reviews.all()
    lives = new_lease(deps)
    assert deps.reviews.take(row.id, lives, deps.clock(), dead=row.lease_holder)
    gap = denied(deps, row.id)
    known = frozen.known(deps, {gap[0]: deps.locker.keep(*gap, "sw-1", deps.clock())})
    state: ReviewState = {**joining.started_state(deps, row.id), "review": "rv-own", "known": known}
    begin = Begin(
        deps.configuration.gate(GATE), row.version, state, order=OrderedSweep(sweep=SweepOrder(gates=(GATE,)))
    )

    killed_meanwhile = replace(deps, progress=lambda step, told: deps.reviews.release(row.id, lives))
    document = assess_frozen(killed_meanwhile, begin, []).document

    assert (document.review, document.proposal, unseen(document)) == ("rv-own", "blocked", {"pagerduty"})
    assert deps.reviews.get(row.id).ended_by == "rv-own"


def denied(deps: Deps, review: str) -> tuple[str, str, Gap]:
    """A question that the review had an answer to, who it was asked as, and a gap in place of the answer."""
    with deps.engine.connect() as connection:
        rows = connection.execute(select(answers).where(answers.c.review == review)).all()
    found = ((row, deps.locker.answer(row.digest)) for row in rows)
    row, seen = next((row, seen) for row, seen in found if seen.request_type == "pagerduty.on_call")
    gap = Denied("GET /oncalls answered 401").gap(
        REQUESTS[seen.request_type].ask.model_validate(seen.params), seen.source, deps.clock()
    )
    return row.request_key, row.source_key, gap


def unseen(document: ReviewDocument) -> set[str]:
    return {gap.request_type.split(".")[0] for gap in document.gaps}


@pytest.mark.parametrize(
    ("step", "times"), [("signed", 1), ("complete", 1), ("report", 1), ("report", 2), ("report", 3)]
)
def test_killed_between_the_last_signature_and_the_report_any_next_command_writes_it(
    put_right: Desk, step: str, times: int
):
    """The signature was stored first; the report follows from it, once."""
    review = put_right.assess().review
    for person, role in SIGNERS[:2]:
        put_right.sign(person, role, review)

    killed_at(put_right, step, times, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])
    finish(put_right.deps())

    row = put_right.deps().reviews.get(review)
    assert row.state == "reported"
    assert Path(row.bundle, "report.md").is_file()
    reports = Path(row.bundle).parent
    assert sorted(p.name for p in reports.iterdir()) == [
        Path(row.bundle).name,
        f"{Path(row.bundle).name}-post-launch-review.ics",
    ]
    told = [event for event in events(put_right, review) if event != "opened"]
    assert told == ["started", "assessed", "signed", "signed", "signed", "complete", "sealed", "published"]
    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0


def test_a_report_is_finished_even_when_the_graphs_checkpoints_are_lost(put_right: Desk):
    """The decision lives in our own tables; checkpoints hold only work."""
    review = put_right.assess().review
    for person, role in SIGNERS[:2]:
        put_right.sign(person, role, review)
    killed_at(put_right, "signed", 1, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])
    for path in put_right.home.glob("checkpoints.db*"):
        path.unlink()

    finish(put_right.deps())

    assert put_right.deps().reviews.get(review).state == "reported"
