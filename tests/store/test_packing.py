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
from agent.store.packing import DICTIONARIES, LARGEST, MARK, NEWEST, dictionary, packed, plain
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


def test_bytes_packed_without_a_dictionary_read_on():
    assert plain(zlib.compress(LONG), sha256(LONG)) == LONG


def test_bytes_packed_with_the_first_dictionary_are_read_forever():
    """As the version that brought it wrote them; never to be written again."""
    text = b'{"at":"2026-06-12","completeness":{"complete":true,"items":80,"note":"","pages":1},'
    text += b'"format":"clearance-evidence/1"}'

    assert plain(bytes.fromhex("c10183560df0cded46d48828bcfeab0500"), sha256(text)) == text


@pytest.mark.parametrize("number", sorted(DICTIONARIES))
def test_a_dictionary_that_was_shipped_is_never_changed(number: int):
    pinned = {1: "825acf50119698678811726600c2275f3f0a89e154e0360307836c7e75bb40a2"}

    assert sha256(dictionary(number)) == pinned[number]


def test_what_is_packed_says_with_which_dictionary():
    assert packed(LONG)[:2] == MARK + bytes([NEWEST])


def test_short_json_of_ours_is_packed_by_its_words():
    gap = b'{"complete":true,"items":80,"note":"","pages":1},"facts":{"statement":{"author"}}'

    assert len(packed(gap)) < len(gap) / 2
    assert plain(packed(gap), sha256(gap)) == gap


def test_a_dictionary_of_a_later_version_is_said_so(locker: Locker):
    digest = locker.put(LONG, "evidence", NOW)
    with writing(locker.engine) as connection:
        connection.execute(update(blobs).values(body=MARK + bytes([NEWEST + 1]) + packed(LONG)[2:]))

    with pytest.raises(StoreError, match=f"dictionary {NEWEST + 1}.*install the version that wrote them"):
        locker.get(digest)


@pytest.mark.parametrize(
    "stored",
    [
        b"x",
        MARK,
        MARK + bytes([1]),
        packed(LONG)[:-9],
        zlib.compress(b"something else"),
        zlib.compress(LONG)[:-9],
        LONG + b" ",
    ],
)
def test_bytes_that_were_changed_are_not_given(locker: Locker, stored: bytes):
    digest = locker.put(LONG, "evidence", NOW)
    with writing(locker.engine) as connection:
        connection.execute(update(blobs).values(body=stored))

    with pytest.raises(StoreError, match="was changed"):
        locker.get(digest)


@pytest.mark.parametrize("length", [LARGEST - 1, LARGEST, LARGEST + 1])
def test_whatever_is_written_can_be_read_back_however_long_it_is(length: int):
    """What unpacks to more than this is taken for an attack; so nothing of that length is packed."""
    body = bytes(length)
    assert plain(packed(body), sha256(body)) == body
