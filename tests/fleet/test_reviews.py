"""Whole reviews on PostgreSQL: assessed, signed by several, reported, verified, revoked, refreshed, and killed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from agent.errors import StoreError
from agent.service.caller import caller
from agent.service.finishing import finish
from agent.service.permission import may_deploy, revoke
from agent.service.running import graph_of
from agent.service.verification import verify
from agent.store import log
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT
from tests.acceptance.test_kill import events, killed_at
from tests.fleet.conftest import FleetDesk
from tests.fleet.server import Server


def permission(desk: FleetDesk) -> int:
    return may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code


def test_a_review_goes_all_the_way_and_can_be_taken_back(assessed: FleetDesk):
    """Its bundle verifies offline like any other: nothing in it says which database it was."""
    review = assessed.review
    assert permission(assessed) == 50

    bundle = Path(assessed.sign_all(review).bundle or "")

    assert permission(assessed) == 0
    assert verify(bundle, assessed.home).files > 0
    deps = assessed.deps(CLEARANCE_KEY=str(assessed.keys / "dana.ortiz.pem"))
    revoke(deps, caller(deps), review, "the drill has to be done once more")
    assert permission(assessed) == 20


def test_a_refresh_supersedes_and_finds_its_evidence_in_the_locker(assessed: FleetDesk):
    first = assessed.review
    second = assessed.assess(new=True)

    rows = {row.id: row for row in assessed.deps().reviews.all()}
    assert second.supersedes == first
    assert rows[first].ended_by == second.review
    assert second.usage.reused > 0


def test_two_who_sign_at_once_make_one_report(assessed: FleetDesk):
    """The last two signatures arrive together; whoever sees the set complete writes it, and nobody twice."""
    review = assessed.review
    assessed.sign(*SIGNERS[0], review)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda who: assessed.sign(*who, review), SIGNERS[1:]))
    finish(assessed.deps())

    told = events(assessed, review)
    assert (told.count("signed"), told.count("sealed"), told.count("published")) == (3, 1, 1)
    assert log.broken(log.lines(assessed.deps().engine, review)) is None
    assert permission(assessed) == 0


def test_two_who_ask_at_once_share_one_review(fleet: FleetDesk):
    with ThreadPoolExecutor(2) as pool:
        documents = list(pool.map(lambda _: fleet.assess(), range(2)))

    assert {document.review for document in documents} == {row.id for row in fleet.deps().reviews.all()}
    assert len({document.review for document in documents}) == 1


@pytest.mark.parametrize(("step", "times"), [("collect", 8), ("verify", 1)])
def test_killed_on_the_way_it_is_gone_on_with(fleet: FleetDesk, step: str, times: int):
    killed_at(fleet, step, times, "assess")

    document = fleet.assess()

    assert [row.id for row in fleet.deps().reviews.all()] == [document.review]
    assert document.proposal == "cleared"
    assert events(fleet, document.review) == ["started", "assessed"]


@pytest.mark.parametrize(("step", "times"), [("signed", 1), ("report", 2)])
def test_killed_before_its_report_the_next_command_writes_it(assessed: FleetDesk, step: str, times: int):
    review = assessed.review
    for person, role in SIGNERS[:2]:
        assessed.sign(person, role, review)
    killed_at(assessed, step, times, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])

    finish(assessed.deps())

    told = [event for event in events(assessed, review) if event != "opened"]
    assert told == ["started", "assessed", "signed", "signed", "signed", "complete", "sealed", "published"]
    assert permission(assessed) == 0


def test_its_report_is_written_even_when_its_checkpoints_are_lost(assessed: FleetDesk):
    """The decision lives in our own tables; checkpoints hold only work."""
    review = assessed.review
    for person, role in SIGNERS[:2]:
        assessed.sign(person, role, review)
    killed_at(assessed, "signed", 1, "sign", review, SIGNERS[2][1], key=SIGNERS[2][0])
    with psycopg.connect(assessed.url) as connection:
        connection.execute("truncate checkpoints, checkpoint_blobs, checkpoint_writes")

    finish(assessed.deps())

    assert assessed.deps().reviews.get(review).state == "reported"


def test_a_server_that_was_restarted_is_reached_again(assessed: FleetDesk, server: Server):
    """What is open is closed by the restart; the same process goes on without being started anew."""
    deps, review = assessed.deps(), assessed.review
    assert deps.reviews.get(review).state == "signing"

    server.restart()

    assert deps.reviews.get(review).state == "signing"


def test_a_server_that_goes_away_under_a_review_is_told_as_the_stores(fleet: FleetDesk, server: Server):
    """Not as an unexpected error: whoever runs it knows to try again."""
    deps = fleet.deps()

    def look() -> None:
        with graph_of(deps) as graph:
            server.restart()
            graph.get_state({"configurable": {"thread_id": "rv-1"}})  # type: ignore[arg-type]

    with pytest.raises(StoreError, match="checkpoints could not be reached"):
        look()
