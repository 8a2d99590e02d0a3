"""Several questions to one source asked at a time, each with the calls that it took and a failure of its own.

What a batch waits for is mostly the network. How many calls are really sent at once is the gate's to say, through which
each of them goes (`collectors.rate`): these threads only keep it from standing idle. Whoever waits here holds no thread
that another question needs, since each batch has threads of its own.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

from collectors.call_log import CallLog
from collectors.errors import SourceError, Unreachable
from collectors.evidence import Call
from collectors.sharing import BROKE_OFF

AT_ONCE = 8

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What came of one question, or why nothing did, and the calls that it took."""

    result: T | SourceError
    calls: tuple[Call, ...] = ()

    def get(self) -> T:
        """The answer; raises the failure that was kept in its place."""
        if isinstance(self.result, SourceError):
            raise self.result.resting_on(self.calls)
        return self.result


def outcome(log: CallLog, ask: Callable[[], T]) -> Outcome[T]:
    """What comes of one question. A crash is nobody's answer and is raised."""
    with log.apart() as calls:
        try:
            result: T | SourceError = ask()
        except SourceError as failure:
            result = failure
    return Outcome(result, tuple(calls))


def outcomes(
    log: CallLog, questions: Sequence[K], ask: Callable[[K], T], at_once: int = AT_ONCE
) -> Generator[Outcome[T], None, None]:  # fmt: skip
    """What came of `ask` for each, in their order. No more than twice `at_once` are asked ahead of whoever takes them.

    Close it where it is not taken to its end: what is under way is then waited for, and the rest is not asked.
    """
    if len(questions) < 2 or at_once < 2:
        yield from (outcome(log, partial(ask, one)) for one in questions)
        return
    with ThreadPoolExecutor(min(at_once, len(questions)), f"ask-{log.vendor}") as pool:
        yield from in_order(pool, lambda one: outcome(log, partial(ask, one)), questions, 2 * at_once)


def in_order(
    pool: ThreadPoolExecutor, ask: Callable[[K], T], questions: Iterable[K], most: int
) -> Generator[T, None, None]:  # fmt: skip
    """What `ask` gives for each, in their order; no more than `most` are made and not taken yet."""
    coming: deque[Future[T]] = deque()
    try:
        for one in questions:
            coming.append(pool.submit(ask, one))
            if len(coming) >= most:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()
    finally:
        for left in coming:
            left.cancel()


@dataclass
class Once(Generic[K, T]):
    """What several questions of one batch need, asked by whoever comes first; who comes meanwhile waits for it.

    A failure is kept as well: it stands for everybody who needs the same. Whatever rests on it is as old as it.
    """

    log: CallLog
    ask: Callable[[K], T]
    clock: Callable[[], datetime]
    _known: dict[K, Future[Outcome[T]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, key: K) -> Outcome[T]:
        """What came of it. Its calls are then in the log of this question too, which rests on them."""
        with self._lock:
            ours = key not in self._known
            coming = self._known.setdefault(key, Future())
        if ours:
            self._fly(key, coming)
        came = coming.result()
        self.log.calls.extend(came.calls)
        return came

    def _fly(self, key: K, coming: Future[Outcome[T]]) -> None:
        came: Outcome[T] = Outcome(Unreachable(BROKE_OFF))  # where a crash of ours ends it
        at = self.clock()
        try:
            came = outcome(self.log, partial(self.ask, key))
            self.log.note(came.calls, at)
        finally:
            coming.set_result(came)


@contextmanager
def ahead(
    log: CallLog, questions: Sequence[K], ask: Callable[[K], T], at_once: int = AT_ONCE
) -> Iterator[Callable[[K], T]]:  # fmt: skip
    """`ask` for whoever wants the answers one by one, in the order of `questions`: several are asked ahead of him.

    What he takes is as if he had asked it: its calls are in his log from then on, and its failure is raised.
    """
    left = iter(questions)

    def take(question: K) -> T:
        if question is not next(left):
            raise ValueError("answers are taken in the order of their questions")
        came = next(coming)
        log.calls.extend(came.calls)
        return came.get()

    with closing(outcomes(log, questions, ask, at_once)) as coming:
        yield take
