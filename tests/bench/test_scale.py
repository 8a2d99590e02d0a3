"""docs/scale.md says what its simulation says now, and rests on what a sweep really adds to the store."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from collectors.rate import SHARES, Share
from tests.bench import scale
from tests.bench.scale import LIMITS, PAGE, REVIEWED, UNCHANGED, Growth, questions, seconds, tables, written
from tests.sweeps.conftest import OTHERS, Fleet, fleet, world

__all__ = ["fleet", "world"]
COUNT = len(OTHERS) + 1
LOCAL = ("documents.", "attestation.", "clearance.")


def test_the_page_is_current():
    """`python -m tests.bench.scale --write` writes it anew."""
    page = PAGE.read_text(encoding="utf-8")

    assert page == written(page, tables())
    assert "| All, side by side |" in page


def test_every_question_that_a_source_is_asked_is_counted():
    """A request type that a card of the gate comes to ask shows up here until it has its limit."""
    asked = {type_ for type_ in questions() if not type_.startswith(LOCAL)}

    assert asked == {type_ for limit in LIMITS for type_ in limit.types}


@pytest.mark.parametrize("limit", LIMITS, ids=lambda one: one.name)
def test_no_simulated_pace_is_above_what_the_vendor_publishes(limit: scale.Limit):
    count = scale.calls(limit)

    assert limit.published is None or count / seconds(limit.share, count) <= limit.published
    assert limit.share in SHARES


def test_the_simulation_waits_as_the_gate_does():
    """A burst of ten, then two a second; without a rate only the places for calls bound it."""
    assert seconds(Share("any", 2, burst=10), 30) == pytest.approx(10, abs=0.1)
    assert seconds(Share("any", 2, burst=10), 10_000) == pytest.approx(4995, rel=0.01)
    assert seconds(Share("any", None, at_once=10), 1000) == pytest.approx(1000 * scale.LATENCY / 10)


def test_a_sweep_adds_no_more_to_the_store_than_is_reckoned_with(fleet: Fleet):
    """Measured on three subjects: first reviewed, then found unchanged with most of it fetched anew."""
    fleet.sweep()
    first = held(fleet.desk.home)
    fleet.clock.go(days=7)
    fleet.sweep()
    reviewed = held(fleet.desk.home)
    fleet.clock.go(minutes=10)
    assert len(fleet.sweep().digest.unchanged) == COUNT
    unchanged = held(fleet.desk.home)

    compare(REVIEWED, first, reviewed)
    compare(UNCHANGED, reviewed, unchanged)


def compare(said: Growth, before: Growth, after: Growth) -> None:
    """Not less than it is, and not three times as much."""
    rows, size = (after.rows - before.rows) / COUNT, (after.bytes - before.bytes) / COUNT
    assert said.rows / 3 <= rows <= said.rows
    assert said.bytes / 3 <= size <= said.bytes


def held(home: Path) -> Growth:
    """All rows of all tables, and the bytes of store and checkpoints."""
    rows = 0
    for name in ("clearance.db", "checkpoints.db"):
        store = sqlite3.connect(home / name)
        store.execute("pragma wal_checkpoint(truncate)")
        tables = [one for (one,) in store.execute("select name from sqlite_master where type = 'table'").fetchall()]
        if name == "clearance.db":
            rows = sum(store.execute(f'select count(*) from "{one}"').fetchone()[0] for one in tables)
        store.close()
    return Growth(rows, sum((home / name).stat().st_size for name in ("clearance.db", "checkpoints.db")))
