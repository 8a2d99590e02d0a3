"""Many metric queries over one window in few calls; each keeps an answer, or a failure, of its own.

Up to twenty queries go as they stand in one request. Where more than that differ in the value of one tag only, one
grouped query asks up to five hundred. The answer does not say how many groups there are, so a subject that is not in
it is asked alone: only the answer to its own query says that it has no data. So does an answer that holds anything but
the groups asked for, such as a series that carries two values of the tag.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from collectors.datadog.client import Session
from collectors.datadog.grouping import Group, Wanted, apart
from collectors.errors import Malformed, SourceError
from collectors.evidence import Call

AT_ONCE = 20  # queries in one request; the vendor publishes no limit

T = TypeVar("T")


@dataclass(frozen=True)
class Found(Generic[T]):
    """What one query gave, or why it gave nothing, and the calls that it rests on."""

    result: T | SourceError
    calls: tuple[Call, ...]

    def get(self) -> T:
        if isinstance(self.result, SourceError):
            raise self.result
        return self.result


@dataclass(frozen=True)
class Asker(Generic[T]):
    """How queries are asked: several as they stand, answers in order, or a group, answers by the tag's value."""

    dd: Session
    plain: Callable[[Sequence[Wanted]], Sequence[T]]
    grouped: Callable[[Group], Mapping[str, T]] | None
    at_once: int = AT_ONCE

    def ask(self, wanted: Sequence[Wanted]) -> dict[Wanted, Found[T]]:
        """An answer or a failure for each; whatever fits in one request goes as it stands."""
        distinct = list(dict.fromkeys(wanted))
        groups, alone = apart(distinct, self.at_once + 1) if self.grouped else ([], distinct)
        found: dict[Wanted, Found[T]] = {}
        tried: dict[Wanted, tuple[Call, ...]] = dict.fromkeys(alone, ())
        for group in groups:
            answered, calls = self._group(group)
            found |= answered
            tried |= {one: calls for one in group.members.values() if one not in answered}
        left = list(tried)
        for i in range(0, len(left), self.at_once):
            chunk = left[i : i + self.at_once]
            found |= self._some(chunk, {one: tried[one] for one in chunk})
        return found

    def _group(self, group: Group) -> tuple[dict[Wanted, Found[T]], tuple[Call, ...]]:
        """What the group answers; nothing when the vendor does not answer it as a group of these."""
        before = len(self.dd.log.calls)
        assert self.grouped is not None
        try:
            values = self.grouped(group)
        except Malformed:
            return {}, tuple(self.dd.log.calls[before:])
        except SourceError as failure:
            calls = tuple(self.dd.log.calls[before:])
            return {one: Found(failure, calls) for one in group.members.values()}, calls
        calls = tuple(self.dd.log.calls[before:])
        return {group.members[value]: Found(one, calls) for value, one in values.items()}, calls

    def _some(self, wanted: Sequence[Wanted], tried: Mapping[Wanted, tuple[Call, ...]]) -> dict[Wanted, Found[T]]:
        """One request for all; when it is refused for what one query says, each half, so that only that one fails."""
        before = len(self.dd.log.calls)
        try:
            results: Sequence[T | SourceError] = self.plain(wanted)
        except Malformed as failure:
            if len(wanted) > 1:
                return self._halves(wanted, tried, before)
            results = [failure]
        except SourceError as failure:
            results = [failure] * len(wanted)
        calls = tuple(self.dd.log.calls[before:])
        return {one: Found(result, tried[one] + calls) for one, result in zip(wanted, results, strict=True)}

    def _halves(
        self, wanted: Sequence[Wanted], tried: Mapping[Wanted, tuple[Call, ...]], before: int
    ) -> dict[Wanted, Found[T]]:
        calls = tuple(self.dd.log.calls[before:])
        more = {one: tried[one] + calls for one in wanted}
        half = len(wanted) // 2
        return self._some(wanted[:half], more) | self._some(wanted[half:], more)
