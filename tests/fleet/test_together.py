"""Many writers at once, each with its own connection to the store: nothing is lost, doubled or out of order."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from agent.domain import Assurance, SignOff, SignOffDecision
from agent.errors import Refused
from agent.service.orders import AssessOrder
from agent.store import jobs, log, summaries
from agent.store.database import locked_log, open_engine, stamp
from agent.store.locker import Locker
from agent.store.reviews import LEASE, Reviews
from agent.store.schema import blobs, board
from agent.store.schema import log as entries
from agent.store.summaries import Summary
from collectors.evidence import sha256

NOW = datetime(2026, 6, 12, 16, tzinfo=UTC)
WRITERS = 6


@pytest.fixture
def crowd(url: str, engine: Engine) -> Iterator[Callable[..., list[object]]]:
    """Runs one function in as many threads as there are writers, all at the same moment, each on its own engine."""
    engines = [open_engine(url) for _ in range(WRITERS)]
    start = threading.Barrier(WRITERS)

    def run(work: Callable[[Engine, int], object]) -> list[object]:
        def one(number: int) -> object:
            start.wait(timeout=60)
            return work(engines[number], number)

        with ThreadPoolExecutor(WRITERS) as pool:
            return list(pool.map(one, range(WRITERS)))

    yield run
    for opened in engines:
        opened.dispose()


def anybody(signed: list[SignOff]) -> None:
    """Nothing speaks against a signature."""


Crowd = Callable[[Callable[[Engine, int], object]], list[object]]


def begun(engine: Engine, review: str = "rv-1", digest: str = "d") -> Reviews:
    """A review that waits for signatures over `digest`."""
    reviews = Reviews(engine)
    row: dict[str, object] = {
        "id": review, "subject": "s", "version": "1", "gate": "g", "as_of": stamp(NOW), "started_at": stamp(NOW),
        "rehearsal": 0, "graph_version": "2", "state": "running", "lease_holder": "",
    }  # fmt: skip
    reviews.start(row, {}, NOW, alone=False)
    reviews.move(review, "signing", "assessed", {}, NOW, when=("running",), digest=digest)
    return reviews


def test_the_chain_has_one_order(engine: Engine, crowd: Crowd):
    """Every entry follows from the one before, in its review and in the whole locker."""

    def append(own: Engine, number: int) -> None:
        for count in range(10):
            with locked_log(own) as connection:
                log.append(connection, f"rv-{number}", "noted", {"count": count}, NOW)

    crowd(append)

    with engine.connect() as connection:
        rows = connection.execute(select(entries).order_by(entries.c.seq)).all()
    before = log.START
    for row in rows:
        before = sha256((before + row.review_hash).encode())
        assert row.hash == before
    assert len(rows) == 10 * WRITERS
    assert all(log.broken(log.lines(engine, f"rv-{number}")) is None for number in range(WRITERS))


def test_the_same_bytes_are_kept_once(engine: Engine, crowd: Crowd):
    digests = crowd(lambda own, number: Locker(own).put(b"the same", "evidence", NOW))

    with engine.connect() as connection:
        assert connection.execute(select(blobs.c.digest)).scalars().all() == [digests[0]]
    assert len(set(digests)) == 1


def test_the_same_statement_is_kept_once(engine: Engine, crowd: Crowd):
    crowd(lambda own, number: Locker(own).add_statement("s", "mike.chen", b"signed", NOW, NOW))

    assert Locker(engine).statements("s") == [b"signed"]


def test_a_summary_is_replaced_whoever_comes_last(engine: Engine, crowd: Crowd):
    """Two that finish the same review write the same summary, and neither fails for it."""
    crowd(lambda own, number: summaries.put(own, Summary("rv-1", "d", "n", "", "[]", number, "[]", "[]")))

    with engine.connect() as connection:
        assert len(connection.execute(select(board)).all()) == 1


def test_one_takes_the_lease_of_a_review(engine: Engine, crowd: Crowd):
    begun(engine)

    assert sum(map(bool, crowd(lambda own, n: Reviews(own).take("rv-1", f"w{n}", NOW)))) == 1
    lapsed = NOW + LEASE + timedelta(seconds=1)
    assert sum(map(bool, crowd(lambda own, n: Reviews(own).take("rv-1", f"x{n}", lapsed)))) == 1


def test_of_two_signatures_in_one_role_the_second_is_refused(engine: Engine, crowd: Crowd):
    begun(engine)

    def sign(own: Engine, number: int) -> str:
        signoff = SignOff(
            review="rv-1", digest="d", role="lead", person=f"p{number}", name=f"Person {number}",
            decision=SignOffDecision.CLEARED, at=NOW, channel="cli", assurance=Assurance.KEY,
        )  # fmt: skip
        try:
            Reviews(own).sign(signoff, NOW, anybody)
        except Refused as error:
            return str(error)
        return ""

    told = [str(one) for one in crowd(sign)]

    assert told.count("") == 1
    assert all("one signature a role counts, yours was not added" in one for one in told if one)
    events = [entry.event for entry in log.entries(engine, "rv-1")]
    assert events == ["started", "assessed", "signed"]


def test_reviews_that_begin_together_supersede_each_other_in_a_row(engine: Engine, crowd: Crowd):
    """Only the last is open, whatever the order."""

    def begin(own: Engine, number: int) -> None:
        row: dict[str, object] = {
            "id": f"rv-{number}", "subject": "s", "version": "1", "gate": "g", "as_of": stamp(NOW),
            "started_at": stamp(NOW), "rehearsal": 0, "graph_version": "2", "state": "running", "lease_holder": "",
        }  # fmt: skip
        Reviews(own).start(row, {}, NOW, alone=False)

    crowd(begin)

    rows = Reviews(engine).all()
    assert [row.seq for row in rows] == list(range(1, WRITERS + 1))
    assert [row.state for row in rows] == ["superseded"] * (WRITERS - 1) + ["running"]


def test_one_order_given_many_times_is_one_job(engine: Engine, crowd: Crowd):
    order = AssessOrder(subject="s", gate="g")

    told = crowd(lambda own, number: jobs.put(own, order.model_copy(update={"asked_by": f"p{number}"}), NOW))

    assert len({id for id, _ in told}) == 1  # type: ignore[misc]
    assert sorted(joined for _, joined in told) == [False, *[True] * (WRITERS - 1)]  # type: ignore[misc]


def test_what_is_on_the_log_is_what_was_signed(engine: Engine):
    """The body of an entry is the sign-off itself, on either database."""
    reviews = begun(engine)
    signoff = SignOff(
        review="rv-1", digest="d", role="lead", person="mike.chen", name="Mike Chen", at=NOW, channel="cli",
        decision=SignOffDecision.CLEARED, assurance=Assurance.KEY, reason="ünïcode and \x00 too",
    )  # fmt: skip
    reviews.sign(signoff, NOW, anybody)

    assert json.loads(log.entries(engine, "rv-1")[-1].body)["reason"] == "ünïcode and \x00 too"
    assert reviews.signoffs("rv-1") == [signoff]
