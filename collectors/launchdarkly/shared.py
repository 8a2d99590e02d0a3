"""Histories of many flags of one environment, taken out of one reading of the environment's audit log.

The specifier is that of asking for one flag, but with `*` as the flag, which the API documents. That it is heeded as we
read it is not left to trust: a flag's history is taken from here only where the flag itself agrees. Its environment was
last modified before the window, or within it and no later than the newest entry here. All others are asked for alone,
and so is everybody where the log cannot be read to the window's start in half the pages that asking alone takes, comes
in an order that cannot be paged, or holds an entry that nobody can place. That it cannot is found out once a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from collectors.errors import Malformed, SourceError, Truncated
from collectors.evidence import Call, Window
from collectors.launchdarkly.auditlog import AuditLog, read_log
from collectors.launchdarkly.client import Rest
from collectors.launchdarkly.facts import FlagHistoryAsk
from collectors.launchdarkly.reading import EVERY, Json, instant, named, object_at, place_of
from collectors.launchdarkly.resources import by_flag, names_no_resource, speaks_of
from collectors.launchdarkly.shelf import FEW

SAME = timedelta(seconds=1)  # a flag's date and its entry's are written one after the other
MOST_SHARED = 200  # pages: each history that is taken from the log cites every one of them
Environment = tuple[str, str]


@dataclass(frozen=True)
class Shared:
    """What the log of one environment holds, and the calls it took; or the failure that is everyone's.

    `named`: its entries by the flag that they may speak of. It was read from `at` on.
    """

    window: Window
    at: datetime
    calls: tuple[Call, ...]
    log: AuditLog | None = None
    failure: SourceError | None = None
    named: Mapping[str, Sequence[Json]] = field(default_factory=dict)


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
    most = min(MOST_SHARED, len(group))
    key = ("log", rest.source.base_url, rest.source.credential, place_of(every), every.window, most)
    if rest.sharing.gave_up(key):
        return None
    mark = len(rest.log.calls)
    try:
        shared = rest.sharing.once(key, partial(_log, rest, every, most), rest.log, rest.log.calls, rest.clock())
    except SourceError as failure:
        return Shared(every.window, rest.clock(), tuple(rest.log.calls[mark:]), failure=failure)
    if shared is None:
        rest.sharing.give_up(key)
    return shared


def _log(rest: Rest, every: FlagHistoryAsk, most: int) -> Shared | None:
    mark, at = len(rest.log.calls), rest.clock()
    try:
        log = read_log(rest, every, most=most)
    except (Truncated, Malformed):
        return None
    if any(names_no_resource(entry) for entry in log.entries):
        return None
    return Shared(every.window, at, tuple(rest.log.calls[mark:]), log, named=by_flag(log.entries))


def _around(windows: Sequence[Window]) -> Window:
    return Window(start=min(window.start for window in windows), end=max(window.end for window in windows))


def taken(logs: Mapping[Environment, Shared], ask: FlagHistoryAsk, flag: Json) -> tuple[AuditLog, Shared] | None:
    """The entries that speak of the flag, where `flag` (as it stands now) agrees that they are all; else None.

    Raises the failure of the log that should have shown them.
    """
    shared = logs.get((ask.project, ask.environment))
    if shared is None or not (shared.window.start <= ask.window.start and ask.window.end <= shared.window.end):
        return None
    if shared.log is None:
        failure = shared.failure
        raise failure.resting_on(shared.calls) if failure else AssertionError("a shared log is read or has failed")
    may = shared.named.get(ask.flag, shared.named.get(EVERY, ()))
    held = [entry for entry in may if speaks_of(entry, ask)]
    within = tuple(entry for entry in held if ask.window.holds(instant(entry, "date", named(ask))))
    if _modified(ask, flag) > shared.at or not _are_all(within, ask, flag):
        return None
    return AuditLog(within, shared.log.pages), shared


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
