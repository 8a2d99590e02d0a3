"""What the locker stores is packed; what it gives is what it was given, or nothing."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from agent.errors import StoreError
from agent.store.database import open_engine, writing
from agent.store.locker import Locker
from agent.store.packing import packed, plain
from agent.store.schema import blobs
from collectors.evidence import sha256

NOW = datetime(2026, 6, 12, tzinfo=UTC)
LONG = b'{"a":"' + b"the same over and over " * 100 + b'"}'


@pytest.fixture
def locker(tmp_path: Path) -> Locker:
    return Locker(open_engine(f"sqlite:///{tmp_path}/clearance.db"))


def test_long_bytes_are_stored_smaller_and_come_back_as_they_were(locker: Locker):
    digest = locker.put(LONG, "evidence", NOW)
    with locker.engine.connect() as connection:
        stored = connection.execute(select(blobs.c.body)).scalar_one()

    assert len(stored) < len(LONG) / 5
    assert digest == sha256(LONG)
    assert locker.get(digest) == LONG


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 255, bytes(range(256)) * 2])
def test_what_packing_would_not_help_is_stored_as_it_is(body: bytes):
    assert packed(body) == body or plain(packed(body), sha256(body)) == body
    assert len(packed(body)) <= len(body)


def test_a_store_of_before_there_was_packing_reads_on(locker: Locker):
    row = {"digest": sha256(LONG), "kind": "evidence", "body": LONG, "stored_at": NOW.isoformat()}
    with writing(locker.engine) as connection:
        connection.execute(insert(blobs).values(row))

    assert locker.get(sha256(LONG)) == LONG


@pytest.mark.parametrize("stored", [b"x", zlib.compress(b"something else"), zlib.compress(LONG)[:-9], LONG + b" "])
def test_bytes_that_were_changed_are_not_given(locker: Locker, stored: bytes):
    digest = locker.put(LONG, "evidence", NOW)
    with writing(locker.engine) as connection:
        connection.execute(update(blobs).values(body=stored))

    with pytest.raises(StoreError, match="was changed"):
        locker.get(digest)
