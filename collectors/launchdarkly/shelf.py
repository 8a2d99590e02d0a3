"""Many flags of one environment are picked from the project's list; what it does not show whole is asked for by key.

Lists hold no archived flag, and leave environments out unless they are filtered for one. So a row that is missing, or
lacks what a flag asked for by key has, says nothing. No more calls are made than there are flags, and one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil

from pydantic import JsonValue

from collectors.errors import Malformed, SourceError
from collectors.evidence import Call
from collectors.http import CallLog
from collectors.launchdarkly.reading import FlagNamed, Json, Place, check_keys, object_at, place_of

FEW = 4  # up to so many are asked for one by one
PAGE = 100
Get = Callable[[str, str, Mapping[str, str | int]], Json]
NEEDED = frozenset({"on", "version", "lastModified", "offVariation", "fallthrough", "rules", "targets"})


@dataclass(frozen=True)
class Listed:
    """One flag as a list shows it, or why the list could not be read; and the calls it took."""

    calls: tuple[Call, ...]
    body: Json | None = None
    failure: SourceError | None = None


def listed(get: Get, log: CallLog, asks: Iterable[FlagNamed]) -> dict[Place, Listed]:
    """What lists show of the flags that are asked for, by place; nothing of an environment with a few of them."""
    wanted: dict[tuple[str, str], dict[str, None]] = {}
    for project, environment, flag in filter(None, map(_place, asks)):
        wanted.setdefault((project, environment), {})[flag] = None
    found: dict[Place, Listed] = {}
    for (project, environment), flags in wanted.items():
        if len(flags) > FEW:
            of = _environment(get, log, project, environment, flags)
            found |= {(project, environment, flag): held for flag, held in of.items()}
    return found


def _place(ask: FlagNamed) -> Place | None:
    try:
        check_keys(ask)
    except SourceError:
        return None
    return place_of(ask)


def _environment(
    get: Get, log: CallLog, project: str, environment: str, flags: Mapping[str, None]
) -> dict[str, Listed]:
    """The flags of one environment; a failure is everyone's who was not found before it."""
    found: dict[str, Listed] = {}
    offset, total = 0, 1
    while offset < total and (not offset or ceil((total - offset) / PAGE) <= len(flags) - len(found)):
        mark = len(log.calls)
        try:
            items, total = _page(get, project, environment, offset)
        except SourceError as failure:
            failed = Listed(tuple(log.calls[mark:]), failure=failure)
            return {**dict.fromkeys(flags, failed), **found}
        calls = tuple(log.calls[mark:])
        found |= {str(row["key"]): Listed(calls, row) for row in items if _is_whole(row, environment, flags)}
        if not items:
            break
        offset += len(items)
    return found


def _page(get: Get, project: str, environment: str, offset: int) -> tuple[list[Json], int]:
    """One page of flags with their configuration in the environment, and how many there are in all."""
    what = f"the flags of {project}/{environment}"
    asked: dict[str, str | int] = {"filter": f"filterEnv:{environment}", "env": environment, "summary": 0}
    body = get(f"/api/v2/flags/{project}", what, {**asked, "limit": PAGE, "offset": offset})
    items, total = body.get("items"), body.get("totalCount", 0)
    if not isinstance(items, list) or not isinstance(total, int) or isinstance(total, bool):
        raise Malformed(f"LaunchDarkly's answer about {what} holds no list `items` with its `totalCount`", status=200)
    return [item for item in items if isinstance(item, dict)], total


def _is_whole(row: Json, environment: str, flags: Mapping[str, None]) -> bool:
    key: JsonValue = row.get("key")
    if not isinstance(key, str) or key not in flags or not isinstance(row.get("variations"), list):
        return False
    try:
        held = object_at(object_at(row, "environments", key), environment, key)
    except Malformed:
        return False
    return held.keys() >= NEEDED
