"""What every command, worker and message looks for is found by an index, however many rows there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from agent.store import chat, jobs, log, openings, outbox
from agent.store.database import open_engine, writing
from agent.store.locker import Locker
from agent.store.reviews import Reviews
from agent.store.sweeps import Sweeps

NOW = datetime(2026, 6, 12, tzinfo=UTC)
KEY = "0" * 64
# Few rows for ever: one a subject, vendor, schedule or token.
SMALL = {"sweeps", "registry", "board", "switch", "ticks", "parts", "tokens", "buckets", "versions", "statements"}
SCAN = re.compile(r"^SCAN (\w+)")
HOT: dict[str, Callable[[Engine], object]] = {
    "a review": lambda engine: Reviews(engine).many(["rv-1"]),
    "reviews of a subject": lambda engine: Reviews(engine).of("a", "1.0", "g"),
    "reviews that somebody signed": lambda engine: Reviews(engine).begun(),
    "reviews that run": lambda engine: Reviews(engine).all(["running"]),
    "sign-offs": lambda engine: Reviews(engine).signoffs("rv-1", KEY),
    "the lease of a review": lambda engine: Reviews(engine).take("rv-1", "me", NOW),
    "the log of a review": lambda engine: log.entries(engine, "rv-1"),
    "what was opened": lambda engine: openings.times(engine, "rv-1", "mike.chen", KEY),
    "answers": lambda engine: Locker(engine).fresh_many({KEY: NOW}, KEY, NOW),
    "a piece that is put": lambda engine: Locker(engine).put(b"{}", "plan", NOW),
    "the next job": lambda engine: jobs.take(engine, "me", NOW, ("assess",), lambda holder: False),
    "what is queued": jobs.unfinished,
    "what was queued for the same": lambda engine: jobs.answer(engine, [KEY], "rv-1", NOW, NOW),
    "messages that are due": lambda engine: list(outbox.due(engine, NOW)),
    "messages that could not be delivered": outbox.undelivered,
    "threads that wait": chat.waiting,
    "a delivery": lambda engine: chat.claim(engine, "event:1", NOW),
    "what a channel asked last": lambda engine: chat.about(engine, "C1"),
    "the rows of a sweep": lambda engine: Sweeps(engine).rows("sw-1"),
    "the sweep before": lambda engine: Sweeps(engine).before("g", 7),
}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path}/clearance.db")


def scanned(engine: Engine, look: Callable[[Engine], object]) -> list[str]:
    """The tables that are gone through from end to end, of those that grow with every review or message."""
    said: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda c, cursor, text, values, *more: said.append((text, values)))
    look(engine)
    found = []
    with engine.connect() as connection:
        for text, values in list(said):
            if text.startswith(("SELECT", "UPDATE", "DELETE")):
                plan = connection.exec_driver_sql("explain query plan " + text, values).all()
                found += [row.detail for row in plan if (hit := SCAN.match(row.detail)) and hit[1] not in SMALL]
    return found


@pytest.mark.parametrize("name", HOT)
def test_no_table_that_grows_is_gone_through(engine: Engine, name: str):
    assert scanned(engine, HOT[name]) == []


def test_a_look_without_an_index_would_be_seen(engine: Engine):
    def look(engine: Engine) -> None:
        with writing(engine) as connection:
            connection.exec_driver_sql("DELETE FROM reviews WHERE ended_by = 'x'")

    assert scanned(engine, look) == ["SCAN reviews"]
