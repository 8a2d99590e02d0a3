"""Who reads waits for nobody who writes; and what is begun is found without a look at every review that waits."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from agent.errors import StoreError
from agent.store.database import open_engine, writing
from agent.store.locker import Locker
from agent.store.reviews import Reviews
from agent.store.schema import reviews, signoffs

NOW = datetime(2026, 6, 12, tzinfo=UTC)
ROW = {
    "subject": "s", "version": "1", "gate": "g", "as_of": NOW.isoformat(), "started_at": NOW.isoformat(),
    "rehearsal": 0, "graph_version": "2", "state": "signing", "document": "d", "digest": "shown",
}  # fmt: skip


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path}/clearance.db")


def test_a_file_that_is_no_store_is_told_in_a_sentence(tmp_path: Path):
    """Cut short or written over: what, where, and what to do next."""
    file = tmp_path / "clearance.db"
    file.write_bytes(b"\x93no such thing" * 300)

    with pytest.raises(StoreError, match=r"clearance\.db cannot be opened: file is not a database; restore it"):
        open_engine(f"sqlite:///{file}")


def test_a_look_at_the_store_needs_no_lock_while_somebody_writes(engine: Engine):
    locker = Locker(engine)
    digest = locker.put(b"kept", "evidence", NOW)

    with writing(engine):
        assert locker.get(digest) == b"kept"


def test_two_who_write_still_follow_each_other(engine: Engine, tmp_path: Path):
    other = sqlite3.connect(tmp_path / "clearance.db", timeout=0, isolation_level=None)

    with writing(engine), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("begin immediate")
    other.close()


def test_begun_are_those_that_somebody_signed_as_they_are_shown_and_those_that_are_complete(engine: Engine):
    more = {"waits": {}, "signed": {}, "before": {}, "due": {"state": "complete"}, "done": {"state": "reported"}}
    with writing(engine) as connection:
        for seq, (id, row) in enumerate(more.items()):
            connection.execute(insert(reviews).values({**ROW, "id": id, "seq": seq, **row}))
        for id, digest in (("signed", "shown"), ("before", "another"), ("done", "shown")):
            told = {"review": id, "role": "lead", "digest": digest, "person": "p", "at": NOW.isoformat(), "body": "{}"}
            connection.execute(insert(signoffs).values(told))

    assert [row.id for row in Reviews(engine).begun()] == ["signed", "due"]


def test_a_store_that_holds_a_real_review_says_so(engine: Engine):
    """So that nobody sets the clock over it."""
    with writing(engine) as connection:
        connection.execute(insert(reviews).values({**ROW, "id": "made-up", "seq": 1, "sandbox": 1}))
    assert not Reviews(engine).any_real()

    with writing(engine) as connection:
        connection.execute(insert(reviews).values({**ROW, "id": "real", "seq": 2, "sandbox": 0}))
    assert Reviews(engine).any_real()
