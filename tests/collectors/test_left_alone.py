"""A source that leaves call after call hanging costs its own questions, and not the time of all others."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from threading import Lock

import pytest

from collectors.connections import Connections
from collectors.errors import Denied, SourceError, Throttled, Unreachable
from collectors.evidence import Gap, GapReason
from collectors.github.facts import FileAsk
from collectors.rate import HANGING, IN_A_ROW, LEFT_ALONE, SHARES, Gate, Limits, Share
from collectors.registry import REQUESTS
from tests.collectors.stubborn import never_accepting
from tests.collectors.test_every_request import at_url


@dataclass
class Watch:
    at: float = 0.0

    def now(self) -> float:
        return self.at


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def gate(watch: Watch) -> Gate:
    return Gate(Share("v", None, limit=r"/\w+"), now=watch.now)


def fails(gate: Gate, watch: Watch, error: Exception, *, after: float) -> None:
    def call() -> None:
        with gate.turn("GET /a/1", "/a/1"):
            watch.at += after
            raise error

    with pytest.raises(type(error)):
        call()


def hangs(gate: Gate, watch: Watch, times: int) -> None:
    for _ in range(times):
        fails(gate, watch, TimeoutError(), after=HANGING)


def is_asked(gate: Gate, path: str = "/a/1") -> bool:
    try:
        with gate.turn("GET /a/1", path):
            return True
    except Unreachable:
        return False


def test_after_six_calls_in_a_row_that_hung_it_is_left_alone_and_the_gap_says_so(gate: Gate, watch: Watch):
    hangs(gate, watch, IN_A_ROW)

    told = r"^GET /a/2 was not asked: the source left 6 calls in a row hanging and is left alone for 30 s$"
    with pytest.raises(Unreachable, match=told), gate.turn("GET /a/2", "/a/2"):
        raise AssertionError("nothing may be sent")
    assert is_asked(gate, "/b/1"), "another limit is another matter"


def test_one_answer_in_between_and_the_count_begins_anew(gate: Gate, watch: Watch):
    hangs(gate, watch, IN_A_ROW - 1)
    assert is_asked(gate)
    hangs(gate, watch, IN_A_ROW - 1)

    assert is_asked(gate)


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (Denied("no"), HANGING),
        (Throttled("later"), HANGING),
        (Unreachable("refused"), HANGING / 2),
        (ConnectionRefusedError(), 0),
    ],
)
def test_a_refusal_is_an_answer_and_what_fails_at_once_costs_no_time(
    gate: Gate, watch: Watch, error: SourceError | OSError, after: float
):
    for _ in range(IN_A_ROW):
        fails(gate, watch, error, after=after)

    assert is_asked(gate)


def test_when_the_time_is_over_one_that_hangs_is_enough_and_one_answer_ends_it(gate: Gate, watch: Watch):
    hangs(gate, watch, IN_A_ROW)
    watch.at += LEFT_ALONE
    hangs(gate, watch, 1)
    assert not is_asked(gate)

    watch.at += LEFT_ALONE
    assert is_asked(gate)
    hangs(gate, watch, 1)
    assert is_asked(gate)


def test_a_call_that_waited_for_its_turn_is_not_sent_once_the_others_have_found_out(watch: Watch):
    gate = Gate(Share("v", 0.25, burst=IN_A_ROW), now=watch.now)
    sixth = ExitStack()

    def sleep(seconds: float) -> None:
        watch.at += seconds
        assert not sixth.__exit__(TimeoutError, TimeoutError(), None)

    gate.sleep = sleep
    hangs(gate, watch, IN_A_ROW - 1)
    sixth.enter_context(gate.turn("GET /a/1", "/a/1"))
    gate._tokens = 0  # so that the next has to wait

    assert not is_asked(gate)


@dataclass
class Hasty:
    """A watch that goes twenty times as fast as time, so that a time-out of 0.1 s is one of 2 s.

    However long nobody looks at it, no more than that has passed: a machine that stalls does not make LEFT_ALONE end.
    """

    at: float = 0.0
    looked: float = field(default_factory=time.monotonic)
    lock: Lock = field(default_factory=Lock)

    def now(self) -> float:
        with self.lock:
            now = time.monotonic()
            self.at += min(20 * (now - self.looked), 2 * HANGING)
            self.looked = now
            return self.at


def test_a_hundred_questions_to_a_source_that_hangs_cost_the_time_of_two(conn: Connections):
    watch = Hasty()
    limits = Limits(SHARES, now=watch.now, sleep=lambda seconds: None)
    with never_accepting() as url:
        hurried = at_url(replace(conn, limits=limits, timeout=0.1), "github", url)
        asks = [FileAsk(path=f"acme/agent-{number}/runbook.md") for number in range(100)]
        answers = REQUESTS["github.file"].collector()(hurried, asks)

    assert {answer.reason for answer in answers if isinstance(answer, Gap)} == {GapReason.UNREACHABLE}
    assert len(answers) == 100
    assert sum("was not asked: the source left" in answer.what for answer in answers if isinstance(answer, Gap)) >= 80
    assert watch.at < 100 * 2 * HANGING, "far less than one time-out each"
