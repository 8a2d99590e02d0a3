"""Answers are kept many at a time: each once, young again where they lay there, and never instead of one another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from agent.store.database import open_engine, writing
from agent.store.locker import AT_ONCE, Locker, Sealed, seal
from agent.store.pruning import held_anyway
from agent.store.schema import answers, blobs
from collectors.evidence import Gap, GapReason, Source, sha256

NOW = datetime(2026, 6, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path}/clearance.db")


def gap(what: str) -> Gap:
    source = Source(vendor="datadog", base_url="")
    return Gap(
        request_type="datadog.metric", params={}, source=source, at=NOW, reason=GapReason.GONE, what=what, next_step=""
    )


def stored(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        return {row.digest: row.stored_at for row in connection.execute(select(blobs))}


def kept(locker: Locker, found: dict[str, Sealed], at: datetime = NOW) -> dict[str, str]:
    return locker.keep_many("who", found, "rv-1", at)


def test_more_than_fit_in_one_query_are_each_read_back_as_they_were(engine: Engine):
    locker, told = Locker(engine), {f"key-{n}": gap(f"{n} is gone") for n in range(AT_ONCE + 3)}

    digests = kept(locker, {key: seal(one) for key, one in told.items()})

    assert {key: locker.answer(digest) for key, digest in digests.items()} == told


def test_two_questions_with_one_answer_share_its_bytes_and_both_have_it(engine: Engine):
    digests = kept(Locker(engine), {"a": seal(gap("gone")), "b": seal(gap("gone"))})

    assert digests["a"] == digests["b"] == sha256(gap("gone").to_bytes())
    assert len(stored(engine)) == 1
    with engine.connect() as connection:
        assert sorted(connection.execute(select(answers.c.request_key)).scalars()) == ["a", "b"]


@pytest.mark.parametrize(("later", "young_again"), [(timedelta(hours=23), False), (timedelta(days=2), True)])
def test_what_lies_there_long_is_young_again_when_it_is_kept_again(
    engine: Engine, later: timedelta, young_again: bool
):  # fmt: skip
    """Else it could be pruned while a review rests on it."""
    locker = Locker(engine)
    first = kept(locker, {"a": seal(gap("gone"))})["a"]
    before = stored(engine)[first]

    kept(locker, {"a": seal(gap("gone")), "b": seal(gap("new"))}, NOW + later)

    assert (stored(engine)[first] > before) is young_again


def test_what_was_pruned_is_there_again_when_it_is_kept_again(engine: Engine):
    locker = Locker(engine)
    digest = kept(locker, {"a": seal(gap("gone"))})["a"]
    with writing(engine) as connection:
        connection.execute(delete(blobs))

    kept(locker, {"a": seal(gap("gone"))})

    assert locker.answer(digest) == gap("gone")


def test_nothing_to_keep_is_no_trouble(engine: Engine):
    assert kept(Locker(engine), {}) == {}


def evidence(what: str, collected_at: datetime) -> Sealed:
    """Evidence that rests on a call made then, whenever it is kept."""
    return Sealed(sha256(what.encode()), "evidence", what.encode(), collected_at)


@pytest.mark.parametrize(
    ("met", "counts"), [(timedelta(seconds=-1), True), (timedelta(0), True), (timedelta(seconds=1), False)]
)
def test_evidence_of_a_call_made_before_a_gap_was_met_does_not_outlive_it(
    engine: Engine, met: timedelta, counts: bool
):  # fmt: skip
    """Though it is kept after the gap: two answers out of one shared call, and a token taken away in between."""
    locker = Locker(engine)
    kept(locker, {"a": seal(gap("denied")), "b": seal(gap("denied"))}, NOW + met)

    digests = kept(locker, {"a": evidence("seen", NOW)}, NOW + timedelta(seconds=5))

    later = NOW + timedelta(minutes=3)
    assert locker.fresh_many({"a": NOW, "b": NOW}, "who", later) == (digests if counts else {})


def test_pruning_leaves_the_gap_that_such_evidence_does_not_outlive(engine: Engine):
    locker, met = Locker(engine), NOW + timedelta(seconds=1)
    denied = kept(locker, {"a": seal(gap("denied"))}, met)
    kept(locker, {"a": evidence("seen", NOW)}, NOW + timedelta(seconds=5))

    assert denied["a"] in held_anyway(engine, NOW + timedelta(days=90))


def test_a_gap_of_another_question_or_of_somebody_else_ends_nothing(engine: Engine):
    locker, later = Locker(engine), NOW + timedelta(minutes=3)
    kept(locker, {"b": seal(gap("denied"))}, later)
    locker.keep_many("another", {"a": seal(gap("denied"))}, "rv-2", later)

    digests = kept(locker, {"a": evidence("seen", NOW)})

    assert locker.fresh_many({"a": NOW}, "who", later) == digests
