"""Whoever lost a sweep writes nothing into it any more: its digest would tell of other rows than the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.store.database import open_engine
from agent.store.sweeps import SubjectRow, Sweeps

NOW = datetime(2026, 6, 12, 16, tzinfo=UTC)
LATE = SubjectRow("a", "g", state="reviewed", review="rv-late")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Sweeps]:
    """One sweep of one subject that `slow` began."""
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    made = Sweeps(engine)
    made.begin("sw-1", "k", "{}", NOW, "slow", young=NOW)
    made.plan("sw-1", [SubjectRow("a", "g")])
    yield made
    engine.dispose()


def test_what_another_ended_is_not_written_over(store: Sweeps):
    assert store.take("sw-1", "fast", NOW + timedelta(minutes=5))
    assert store.done("sw-1", "fast", [SubjectRow("a", "g", state="unchanged", review="rv-1")])
    assert store.finish("sw-1", "fast", "d", NOW)

    assert not store.done("sw-1", "slow", [LATE])
    assert [row.review for row in store.rows("sw-1")] == ["rv-1"]


def test_a_sweep_that_is_dated_ahead_is_not_gone_on_with(store: Sweeps):
    """Its clock was wrong by a day: nobody could sign what it reviewed."""
    store.release("sw-1", "slow")
    now = NOW - timedelta(days=1)

    assert store.begin("sw-2", "k", "{}", now, "fast", young=now - timedelta(hours=6)).id == "sw-2"


def test_who_was_left_behind_hears_of_it_at_the_next_word(store: Sweeps):
    """Its lease had lapsed, and what it planned was too old for whoever came next."""
    later = NOW + timedelta(hours=7)
    assert store.begin("sw-2", "k", "{}", later, "fast", young=later - timedelta(hours=6)).id == "sw-2"

    assert not store.note("sw-1", "slow", cost={})
    assert not store.done("sw-1", "slow", [LATE])
