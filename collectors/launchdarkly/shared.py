"""Histories of many flags of one environment, taken out of one reading of the environment's audit log.

The specifier is that of asking for one flag, but with `*` as the flag, which the API documents. That it is heeded as we
read it is not left to trust: a flag's history is taken from here only where the flag itself agrees. Its environment was
last modified before the window, or within it and no later than the newest entry here. All others are asked for alone,
and so is everybody where the log cannot be read to the window's start in the pages that asking alone takes, comes
in an order that cannot be paged, or holds an entry that nobody can place. That it cannot is found out once a run.

One reading serves all of a run whose windows it holds, for a quarter of an hour. It is cited as one call of so many
pages, and held packed: ten thousand flags may have a thousand of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from http.client import OK
from itertools import count

from collectors.errors import Malformed, SourceError, Truncated
from collectors.evidence import Call, Window, sha256
from collectors.held import Held
from collectors.launchdarkly.auditlog import AuditLog, oldest_first, read_pages
from collectors.launchdarkly.client import Rest
from collectors.launchdarkly.facts import FlagHistoryAsk
from collectors.launchdarkly.reading import EVERY, Json, instant, named, object_at, place_of
from collectors.launchdarkly.resources import flags_of, names_no_resource, speaks_of
from collectors.launchdarkly.shelf import FEW

SAME = timedelta(seconds=1)  # a flag's date and its entry's are written one after the other
ALONE = 2  # pages that a flag asked alone takes: its entries, and one without
MOST_SHARED = 2000  # pages
FOR = 900.0  # seconds for which it is the run's: a long one takes minutes, and what was edited since is asked alone
Environment = tuple[str, str]
Placed = tuple[int, Held[Json]]  # an entry and where it stood, counted from the newest


@dataclass(frozen=True)
class Shared:
    """What the log of one environment holds, and what it took; or the failure that is everyone's.

    `placed`: its entries by the flag that they may speak of, under `*` those that may speak of any. It was read from
    `at` on.
    """

    window: Window
    at: datetime
    calls: tuple[Call, ...]
    pages: int = 0
    failure: SourceError | None = None
    placed: Mapping[str, Sequence[Placed]] = field(default_factory=dict)

    def holds(self, window: Window) -> bool:
        return self.window.start <= window.start and window.end <= self.window.end

    def of(self, flag: str, what: str) -> tuple[Json, ...]:
        """The entries that may speak of a flag, oldest first."""
        may = dict([*self.placed.get(flag, ()), *self.placed.get(EVERY, ())])  # one that names both stands in both
        return oldest_first((may[place].get() for place in sorted(may)), what)


def shared_logs(rest: Rest, asks: Iterable[FlagHistoryAsk]) -> dict[Environment, Shared]:
    """One log an environment of which more than a few flags are asked for; nothing for those to be asked alone."""
    wanted: dict[Environment, list[FlagHistoryAsk]] = {}
    for ask in asks:
        held = rest.listed.get(place_of(ask))
        if held and not held.failure:
            wanted.setdefault((ask.project, ask.environment), []).append(ask)
    read = {where: _read(rest, group) for where, group in wanted.items() if len({ask.flag for ask in group}) > FEW}
    return {where: shared for where, shared in read.items() if shared}


def _read(rest: Rest, group: Sequence[FlagHistoryAsk]) -> Shared | None:
    """The log from the first window's start to the last one's end, read once for all who ask at about the same time.

    None where it is not to be used, which holds for the rest of the run.
    """
    every = group[0].model_copy(update={"flag": EVERY, "window": _around([ask.window for ask in group])})
    key = ("log", rest.source.base_url, rest.source.credential, place_of(every))
    if rest.sharing.gave_up(key):
        return None
    most = min(MOST_SHARED, ALONE * len(group))
    shared = _once(rest, key, every, most)
    if shared and not shared.holds(every.window):  # that of others, who asked about another time
        shared = _once(rest, (*key, every.window), every, most)
    if shared is None:
        rest.sharing.give_up(key)
    return shared


def _once(rest: Rest, key: Hashable, every: FlagHistoryAsk, most: int) -> Shared | None:
    mark, calls = len(rest.log.calls), rest.log.calls
    try:
        shared = rest.sharing.once(key, partial(_log, rest, every, most), rest.log, calls, rest.clock(), keep=FOR)
    except SourceError as failure:
        return Shared(every.window, rest.clock(), _cited(rest.log.calls[mark:]), failure=failure)
    if shared:
        rest.log.note(shared.calls, shared.at)
    return shared


def _log(rest: Rest, every: FlagHistoryAsk, most: int) -> Shared | None:
    """The whole log, packed as it comes; None where it is not to be used."""
    mark, at, pages = len(rest.log.calls), rest.clock(), 0
    placed: dict[str, list[Placed]] = {}
    number = count()
    try:
        for page in read_pages(rest, every, most):
            pages += 1
            if any(names_no_resource(entry) for entry in page):
                return None
            for entry in page:
                one = (next(number), Held.of(entry))
                for flag in flags_of(entry):
                    placed.setdefault(flag, []).append(one)
    except (Truncated, Malformed):
        return None
    return Shared(every.window, at, _cited(rest.log.calls[mark:]), pages, placed=placed)


def _cited(calls: Sequence[Call]) -> tuple[Call, ...]:
    """The calls for one page after the other as one, behind those that were repeated: each history cites them all."""
    pages = [call for call in calls if call.status == OK]
    if not pages:
        return tuple(calls)
    digests = "".join(f"{call.body_sha256}\n" for call in pages)
    one = pages[0].model_copy(update={"body_sha256": sha256(digests.encode()), "pages": len(pages)})
    return (*(call for call in calls if call.status != OK), one)


def _around(windows: Sequence[Window]) -> Window:
    return Window(start=min(window.start for window in windows), end=max(window.end for window in windows))


def taken(logs: Mapping[Environment, Shared], ask: FlagHistoryAsk, flag: Json) -> tuple[AuditLog, Shared] | None:
    """The entries that speak of the flag, where `flag` (as it stands now) agrees that they are all; else None.

    Raises the failure of the log that should have shown them.
    """
    shared = logs.get((ask.project, ask.environment))
    if shared is None or not shared.holds(ask.window):
        return None
    if shared.failure:
        raise shared.failure.resting_on(shared.calls)
    spoken = [entry for entry in shared.of(ask.flag, named(ask)) if speaks_of(entry, ask)]
    within = tuple(entry for entry in spoken if ask.window.holds(instant(entry, "date", named(ask))))
    if _modified(ask, flag) > shared.at or not _are_all(within, ask, flag):
        return None
    return AuditLog(within, shared.pages), shared


def _are_all(entries: Sequence[Json], ask: FlagHistoryAsk, flag: Json) -> bool:
    """Does the flag's own date of its last change fit the newest entry?"""
    modified = _modified(ask, flag)
    if modified < ask.window.start:
        return True
    newest = max((instant(entry, "date", named(ask)) for entry in entries), default=None)
    return ask.window.holds(modified) and newest is not None and newest >= modified - SAME


def _modified(ask: FlagHistoryAsk, flag: Json) -> datetime:
    return instant(object_at(flag["environments"], ask.environment, named(ask)), "lastModified", named(ask))


def has_the_last_edit(entries: Sequence[Json], ask: FlagHistoryAsk, flag: Json) -> bool:
    """False only where the flag says that it was last edited within the window, and no entry is as new as that."""
    held = object_at(flag["environments"], ask.environment, named(ask))
    if held.get("lastModified") is None or not ask.window.holds(instant(held, "lastModified", named(ask))):
        return True
    return _are_all(entries, ask, flag)
