"""Questions that are asked side by side: each has its own calls and its own failure, and none is asked twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from collectors.call_log import CallLog
from collectors.errors import Gone, SourceError
from collectors.evidence import Call
from collectors.several import Once, ahead, outcomes
from collectors.sharing import BROKE_OFF
from tests.processes import LONGEST

AT_ONCE, MANY = 3, 12
THEN = datetime(2026, 11, 22, tzinfo=UTC)


def paths(calls: list[Call] | tuple[Call, ...]) -> list[str]:
    return [call.path for call in calls]


def asking(log: CallLog, between: Callable[[], object] = lambda: None) -> Callable[[int], str]:
    """Two calls a question; every third is refused after them."""

    def ask(i: int) -> str:
        for step in "ab":
            log.add(Call(method="GET", path=f"/{i}/{step}", status=200))
            between()
        if i % 3 == 2:
            raise Gone(f"there is no {i}")
        return f"answer {i}"

    return ask


@pytest.fixture
def log() -> CallLog:
    return CallLog("vendor")


def test_each_outcome_has_its_own_calls_although_all_are_made_side_by_side(log):
    """Nobody goes on before as many as may be are under way: one after the other they would wait for ever."""
    side_by_side = threading.Barrier(AT_ONCE, timeout=LONGEST)
    came = list(outcomes(log, range(MANY), asking(log, side_by_side.wait), AT_ONCE))

    assert [paths(one.calls) for one in came] == [[f"/{i}/a", f"/{i}/b"] for i in range(MANY)]


def test_outcomes_come_in_the_order_of_their_questions_and_failures_stay_with_theirs(log):
    came = list(outcomes(log, range(6), asking(log), AT_ONCE))

    told = [str(one.result) if isinstance(one.result, SourceError) else one.get() for one in came]
    assert told == ["answer 0", "answer 1", "there is no 2", "answer 3", "answer 4", "there is no 5"]


def test_no_more_are_asked_ahead_than_twice_what_goes_at_once_and_none_once_nobody_takes_any(log):
    began: list[int] = []
    with closing(outcomes(log, range(100), began.append, 2)) as coming:
        next(coming)
    assert set(began) <= set(range(2 * 2))


def test_a_crash_is_nobodys_answer(log):
    def crash(i: int) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(outcomes(log, range(MANY), crash, AT_ONCE))


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
def test_who_takes_an_answer_has_its_calls_in_his_log_and_its_failure_is_raised(log, at_once):
    with ahead(log, range(MANY), asking(log), at_once) as answer:
        assert answer(0) == "answer 0"
        assert paths(log.calls) == ["/0/a", "/0/b"]
        answer(1)
        with pytest.raises(Gone, match="there is no 2"):
            answer(2)
        assert paths(log.calls)[-1] == "/2/b"


def test_answers_are_taken_in_the_order_of_their_questions(log):
    with ahead(log, range(MANY), asking(log), AT_ONCE) as answer, pytest.raises(ValueError, match="order"):
        answer(1)


def test_what_several_need_is_asked_once_and_each_of_them_rests_on_it(log):
    """All are under way before the first asks, so that they ask for it at the same time."""
    together = threading.Barrier(AT_ONCE, timeout=LONGEST)

    def listed(key: str) -> str:
        log.add(Call(method="GET", path=f"/{key}", status=200))
        return f"the {key}"

    once = Once(log, listed, lambda: THEN)

    def ask(i: int) -> str:
        together.wait()
        shared = once.of("list").get()
        log.add(Call(method="GET", path=f"/{i}", status=200))
        return f"{shared} and {i}"

    with ahead(log, range(AT_ONCE), ask, AT_ONCE) as answer:
        assert [answer(i) for i in range(AT_ONCE)] == [f"the list and {i}" for i in range(AT_ONCE)]
    assert paths(log.calls) == ["/list", "/0", "/list", "/1", "/list", "/2"]  # it stands there with each that cites it

    (later,) = outcomes(log, ["later"], lambda _: once.of("list").get())
    assert paths(later.calls) == ["/list"]
    assert log.collected(later.calls, THEN + timedelta(minutes=1)) == THEN


def test_a_failure_of_what_several_need_is_everybodys(log):
    asked: list[str] = []

    def refused(key: str) -> str:
        asked.append(key)
        raise Gone("there is no list")

    once = Once(log, refused, lambda: THEN)
    came = list(outcomes(log, range(MANY), lambda _: once.of("list").get(), AT_ONCE))
    assert {str(one.result) for one in came} == {"there is no list"}
    assert asked == ["list"]


def test_a_crash_of_ours_leaves_nobody_waiting_and_nobody_with_an_answer(log):
    began, crashed = threading.Event(), threading.Event()

    def crash(key: str) -> str:
        began.set()
        assert crashed.wait(LONGEST)
        raise ZeroDivisionError

    once = Once(log, crash, lambda: THEN)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once.of, "list")
        assert began.wait(LONGEST)
        second = pool.submit(once.of, "list")
        crashed.set()
        assert isinstance(first.exception(LONGEST), ZeroDivisionError)
        assert str(second.result(LONGEST).result) == BROKE_OFF


def test_who_asks_apart_within_another_is_apart_from_it_too(log):
    """A batch whose questions ask several things of their own at a time."""

    def outer(i: int) -> list[str]:
        with ahead(
            log, ("x", "y"), lambda name: log.add(Call(method="GET", path=f"/{i}/{name}", status=200)), 2
        ) as take:
            take("x"), take("y")
        return paths(log.calls)

    assert [one.get() for one in outcomes(log, range(4), outer, 2)] == [[f"/{i}/x", f"/{i}/y"] for i in range(4)]
