"""A vendor's limit is one for all workers: their tokens are counted in one place, and a hold holds all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from agent import settings
from agent.service.assembly import assemble
from agent.store.limits import Book, ledger_of
from collectors.errors import Throttled
from collectors.rate import LOOK, Ledger, Limits, Share
from tests.acceptance.conftest import ROOT
from tests.watches import Wrist

SLOW = 0.02  # tokens a second: what a busy machine takes for a statement is none
SHARE = Share("v", SLOW, burst=10)


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> Iterator[Ledger]:
    found = ledger_of(engine, tmp_path)
    assert isinstance(found, Book)
    yield found
    found.engine.dispose()


def test_what_one_has_taken_the_others_have_not(ledger: Ledger):
    """Ten at once, then each fifty seconds later; who would have to wait too long takes none."""
    waits = [ledger.reserve("v", SLOW, 10, most=6000) for _ in range(14)]

    assert waits[:10] == [0.0] * 10
    assert waits[10:] == pytest.approx([50, 100, 150, 200], abs=40)
    assert ledger.reserve("v", SLOW, 10, most=50) is None
    assert ledger.reserve("v", SLOW, 10, most=6000) == pytest.approx(250, abs=40)


def test_another_credential_has_its_own(ledger: Ledger):
    assert [ledger.reserve("a", SLOW, 1, most=0), ledger.reserve("b", SLOW, 1, most=0)] == [0.0, 0.0]
    assert ledger.reserve("a", SLOW, 1, most=0) is None


def test_many_at_once_take_no_token_twice(ledger: Ledger):
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: ledger.reserve("v", 0.001, 20, most=0), range(60)))

    assert waits.count(0.0) == 20
    assert waits.count(None) == 40


def test_tokens_come_back_with_time_and_never_above_the_burst(ledger: Ledger, engine: Engine):
    assert isinstance(ledger, Book)
    for _ in range(3):
        ledger.reserve("v", SLOW, 3, most=0)
    with ledger.engine.begin() as connection:
        connection.execute(text("update buckets set at = at - 3600"))

    assert [ledger.reserve("v", SLOW, 3, most=0) for _ in range(4)] == [0.0, 0.0, 0.0, None]


def test_two_processes_share_one_burst(ledger: Ledger, url: str, tmp_path: Path):
    """Each counts for itself as well; together they get no more than one."""
    code = (
        "import sys; from pathlib import Path; from agent.store.database import open_engine;"
        "from agent.store.limits import ledger_of; book = ledger_of(open_engine(sys.argv[1]), Path(sys.argv[2]));"
        "print(sum(book.reserve('v', 0.001, 30, most=0) == 0 for _ in range(30)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, url, str(tmp_path)], cwd=ROOT, text=True, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    got = [int(process.communicate(timeout=120)[0]) for process in running]

    assert sum(got) == 30


def test_a_call_waits_for_its_token_of_all_workers(ledger: Ledger):
    """The gate of one process lets a call through at once; another process has had the burst."""
    watch = Wrist()
    mine = Limits((SHARE,), now=watch.now, sleep=watch.sleep, ledger=ledger)
    for _ in range(11):
        ledger.reserve("v c .*", SLOW, 10, most=600)
    gate = mine.gate("v", "c", "/x")
    assert gate

    with replace(gate, longest=600).turn("a call"):
        pass

    assert watch.slept == [pytest.approx(100, abs=40)]


def test_who_has_time_leaves_the_others_some(ledger: Ledger):
    """None is taken where no more would be there than are to be left."""
    assert [ledger.reserve("v", SLOW, 5, most=0, leave=2) for _ in range(5)] == [0.0, 0.0, 0.0, None, None]
    assert [ledger.reserve("v", SLOW, 5, most=0) for _ in range(3)] == [0.0, 0.0, None]


def test_a_sweep_waits_until_all_workers_have_some_to_spare(ledger: Ledger):
    """It looks again and again, which costs it none of its own process's tokens."""
    assert isinstance(ledger, Book)
    watch = Wrist()
    limits = Limits((SHARE,), now=watch.now, sleep=watch.sleep, ledger=ledger)
    for _ in range(SHARE.burst - SHARE.kept):  # by other workers
        ledger.reserve("v c .*", SLOW, SHARE.burst, most=0)
    sweep, chat = limits.patient(600), limits

    def sleep(seconds: float) -> None:
        watch.sleep(seconds)
        if len(watch.slept) == 2 * SHARE.burst:
            with ledger.engine.begin() as connection:
                connection.execute(text("update buckets set at = at - 3600"))

    gate = sweep.gate("v", "c", "/x")
    assert gate
    gate.sleep = sleep
    with gate.turn("a call", longest=sweep.longest):
        pass
    assert watch.slept == [LOOK] * (2 * SHARE.burst)
    for _ in range(SHARE.burst - 1):
        with gate.turn("a call", longest=chat.longest):
            pass
    assert len(watch.slept) == 2 * SHARE.burst


def test_two_processes_over_a_store_share_their_limits(url: str, tmp_path: Path):
    """As they are assembled, each for itself."""
    env = {"CLEARANCE_HOME": str(tmp_path), "CLEARANCE_DATABASE_URL": url}
    found = [assemble(settings.read(env)) for _ in range(2)]
    ledgers = [deps.connections.limits.ledger for deps in found]
    taken = [book.reserve("v", SLOW, 1, most=0) for book in ledgers if book]
    for deps, book in zip(found, ledgers, strict=True):
        deps.engine.dispose()
        if isinstance(book, Book):
            book.engine.dispose()

    assert taken == [0.0, None]


def test_a_call_that_would_wait_too_long_is_a_gap_that_says_whose_the_limit_is(ledger: Ledger):
    mine = Limits((SHARE,), ledger=ledger)
    for _ in range(11):
        ledger.reserve("v c .*", SLOW, 10, most=600)
    gate = mine.gate("v", "c", "/x")
    assert gate

    with pytest.raises(Throttled, match="all workers together have used it up"), gate.turn("a call"):
        pass


def test_what_one_worker_is_told_to_wait_all_wait(ledger: Ledger):
    """The vendor said "too many" to one of them; the other does not even ask."""
    told, other = (Limits((SHARE,), ledger=ledger).gate("v", "c", "/x") for _ in range(2))
    assert told
    assert other

    told.hold("/x", 30.0)

    with pytest.raises(Throttled, match=r"too many calls and to come back in (2\d|30) s"), other.turn("a call"):
        pass


def test_a_longer_hold_is_not_shortened(ledger: Ledger):
    ledger.hold("v", 30)
    ledger.hold("v", 1)

    assert 1 < ledger.held("v") <= 30
    assert ledger.held("other") <= 0


def test_a_ledger_that_is_away_holds_nobody_back(ledger: Ledger):
    """Each process keeps to the limit by itself; a source is not blamed for our database."""
    assert isinstance(ledger, Book)
    ledger.reserve("v", 2, 10, most=0)
    with ledger.engine.begin() as connection:
        connection.execute(text("drop table buckets"))

    assert ledger.reserve("v", 2, 10, most=0) == 0.0
    assert ledger.held("v") == 0.0
    ledger.hold("v", 5)
    gate = Limits((SHARE,), ledger=ledger).gate("v", "c", "/x")
    assert gate
    with gate.turn("a call"):
        pass
