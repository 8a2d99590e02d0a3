"""Many metric queries over one window in few calls; each keeps an answer, or a failure, of its own.

Up to twenty queries go as they stand in one request. Where more than that differ in the value of one tag only, one
grouped query asks up to five hundred. The answer does not say how many groups there are, so a subject that is not in
it is asked alone: only the answer to its own query says that it has no data. So does an answer that holds anything but
the groups asked for, such as a series that carries two values of the tag.

A question for many that gets no whole answer is asked again for fewer, and at last for each alone, for as long as
`collectors.datadog.patience` lasts: one query that is slow or refused leaves the others alone, and nothing that came in
part is ever used. Requests that do not hang on one another go several at a time; those that ask again for less go one
after the other, since each may take all the time there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from collectors.datadog.client import Session
from collectors.datadog.grouping import Group, Wanted, apart
from collectors.datadog.patience import out_of_patience
from collectors.errors import Malformed, SourceError
from collectors.evidence import Call
from collectors.several import AT_ONCE as REQUESTS
from collectors.several import ahead

AT_ONCE = 20  # queries in one request; the vendor publishes no limit

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """What one query gave, or why it gave nothing, and the calls that it rests on."""

    result: T | SourceError
    calls: tuple[Call, ...]

    def get(self) -> T:
        if isinstance(self.result, SourceError):
            raise self.result.resting_on(self.calls)
        return self.result


@dataclass(frozen=True)
class Left:
    """A query without an answer yet: the calls made for it, and why the last of them gave none."""

    calls: tuple[Call, ...] = ()
    failure: SourceError | None = None


@dataclass(frozen=True)
class Asker(Generic[T]):
    """How queries are asked: several as they stand, answers in order, or a group, answers by the tag's value.

    `groups` parts questions into groups and those that are asked as they stand; None = as metric queries are.
    `requests`: how many go at a time.
    """

    dd: Session
    plain: Callable[[Sequence[Wanted]], Sequence[T]]
    grouped: Callable[[Group], Mapping[str, T]] | None
    at_once: int = AT_ONCE
    groups: Callable[[Sequence[Wanted]], tuple[list[Group], list[Wanted]]] | None = None
    requests: int = REQUESTS

    def ask(self, wanted: Sequence[Wanted]) -> dict[Wanted, Found[T]]:
        """An answer or a failure for each; whatever fits in one request goes as it stands.

        Asked apart from the question that wants the first of them: each cites the calls that it rests on, and no other.
        """
        at = self.dd.conn.clock()
        with self.dd.log.apart() as calls:
            found = self._ask(wanted)
        self.dd.log.note(calls, at)
        return found

    def _ask(self, wanted: Sequence[Wanted]) -> dict[Wanted, Found[T]]:
        distinct = list(dict.fromkeys(wanted))
        groups, alone = self._parted(distinct)
        found: dict[Wanted, Found[T]] = {}
        left: dict[Wanted, Left] = dict.fromkeys(alone, Left())
        with ahead(self.dd.log, groups, self._group, self.requests) as asked:
            for group in groups:
                answered, rest = asked(group)
                found |= answered
                left |= rest
        return found | self._in_chunks(list(left), left, self.at_once, self.requests)

    def _parted(self, distinct: Sequence[Wanted]) -> tuple[list[Group], list[Wanted]]:
        if self.grouped is None:
            return [], list(distinct)
        return self.groups(distinct) if self.groups else apart(distinct, self.at_once + 1)

    def _group(self, group: Group) -> tuple[dict[Wanted, Found[T]], dict[Wanted, Left]]:
        """What the group answers, and what is left of it when the vendor does not answer it as a group of these."""
        before = len(self.dd.log.calls)
        assert self.grouped is not None
        values: Mapping[str, T] = {}
        failed: SourceError | None = None
        try:
            values = self.grouped(group)
        except SourceError as failure:
            failed = failure
        calls = tuple(self.dd.log.calls[before:])
        if failed and not self.dd.patience.less(failed):
            return {one: Found(failed, calls) for one in group.members.values()}, {}
        answered = {group.members[value]: Found(one, calls) for value, one in values.items()}
        return answered, {one: Left(calls, failed) for one in group.members.values() if one not in answered}

    def _in_chunks(
        self, wanted: Sequence[Wanted], left: Mapping[Wanted, Left], size: int, requests: int = 1
    ) -> dict[Wanted, Found[T]]:  # fmt: skip
        found: dict[Wanted, Found[T]] = {}
        chunks = [wanted[i : i + size] for i in range(0, len(wanted), size)]
        with ahead(self.dd.log, chunks, lambda some: self._some(some, left), requests) as asked:
            for chunk in chunks:
                found |= asked(chunk)
        return found

    def _some(self, wanted: Sequence[Wanted], left: Mapping[Wanted, Left]) -> dict[Wanted, Found[T]]:
        """One request for all; where one of them may have spoilt it, fewer at once, so that only that one fails."""
        given_up = self._given_up(wanted, left)
        asked = [one for one in wanted if one not in given_up]
        if not asked:
            return given_up
        before = len(self.dd.log.calls)
        try:
            results: Sequence[T | SourceError] = self.plain(asked)
        except SourceError as failure:
            calls = tuple(self.dd.log.calls[before:])
            if self.dd.patience.less(failure) and len(asked) > 1:
                more = {one: Left(left[one].calls + calls, failure) for one in asked}
                return given_up | self._in_chunks(asked, more, _fewer(asked, failure))
            results = [failure] * len(asked)
        calls = tuple(self.dd.log.calls[before:])
        return given_up | {
            one: Found(result, left[one].calls + calls) for one, result in zip(asked, results, strict=True)
        }

    def _given_up(self, wanted: Iterable[Wanted], left: Mapping[Wanted, Left]) -> dict[Wanted, Found[T]]:
        """Those that were asked before, once there is no time left to ask again."""
        if self.dd.patience.lasts:
            return {}
        return {
            one: Found(out_of_patience(before.failure), before.calls)
            for one in wanted
            if (before := left[one]).failure is not None
        }


def _fewer(wanted: Sequence[Wanted], failure: SourceError) -> int:
    """How many are asked at once now: half where the answer came at once, else one, for each slow one costs a wait."""
    return (len(wanted) + 1) // 2 if isinstance(failure, Malformed) else 1
