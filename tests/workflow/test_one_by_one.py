"""What a collector brings is sealed and kept as it is made: nothing raw of a batch is in memory as a whole."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from collectors.call_log import CallLog
from collectors.connections import Connections, answer_each, handed_on
from collectors.documents import FileAsk
from collectors.evidence import Answer, Gap, GapReason, Source
from collectors.several import outcomes

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ASKS = [FileAsk(path=f"{n}.md") for n in range(100)]
HERE = Source(vendor="documents", base_url="")


def gap(ask: FileAsk) -> Gap:
    return Gap(
        request_type=ask.type, params=ask.params(), source=HERE, at=NOW, reason=GapReason.GONE, what="none",
        next_step="look",
    )  # fmt: skip


class Made:
    """Makes answers and knows how many it made and how many of them are still held."""

    def __init__(self) -> None:
        self.asked: list[FileAsk] = []
        self._held: list[weakref.ref[Gap]] = []

    def __call__(self, ask: FileAsk) -> Gap:
        made = gap(ask)
        self.asked.append(ask)
        self._held.append(weakref.ref(made))
        return made

    def alive(self) -> int:
        """Nothing here holds itself, so none has to be looked for: that, a hundred times over all that a long run of
        tests holds, took many minutes.
        """
        return sum(one() is not None for one in self._held)


def given(made: Callable[[FileAsk], Answer], *, one_by_one: bool) -> object:
    conn = Connections(clock=lambda: NOW, one_by_one=one_by_one)

    @handed_on
    def answers(conn: Connections) -> Iterator[Answer]:
        yield from answer_each(ASKS, conn, HERE, CallLog("documents"), made)

    return answers(conn)


def test_of_a_hundred_answers_no_more_are_held_than_the_one_that_is_taken() -> None:
    made = Made()

    for answer in given(made, one_by_one=True):
        assert answer.params["path"] == ASKS[len(made.asked) - 1].path
        assert made.alive() == 1

    assert made.asked == ASKS


def test_whoever_does_not_take_them_one_by_one_gets_a_list() -> None:
    assert given(Made(), one_by_one=False) == [gap(ask) for ask in ASKS]


@pytest.mark.parametrize("at_once", [2, 8])
def test_several_at_a_time_hold_twice_as_many_at_most(at_once: int) -> None:
    made, taken = Made(), 0

    for _ in outcomes(CallLog("documents"), ASKS, made, at_once):
        taken += 1
        assert len(made.asked) - taken <= 2 * at_once

    assert taken == len(ASKS)
