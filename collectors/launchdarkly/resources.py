"""Which audit entries speak of the asked flag: told by the resource they name, never by their words."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import JsonValue

from collectors.errors import Malformed
from collectors.launchdarkly.auditlog import entry_id
from collectors.launchdarkly.facts import FlagHistoryAsk
from collectors.launchdarkly.reading import EVERY, Json, named

SWITCHED = "updateOn"


def may_switch(entry: Json, ask: FlagHistoryAsk) -> bool:
    """Does the entry say it switched this flag here, or leave open whether it did?"""
    accesses = entry.get("accesses")
    if _readable(accesses):
        return any(action == SWITCHED and covers(name, ask) for action, name in _accesses(accesses))
    resources = list(_resources(entry))
    return not resources or any(covers(name, ask) for name in resources)


def speaks_of(entry: Json, ask: FlagHistoryAsk) -> bool:
    """Does the entry name the asked flag in its environment, or leave open whether it switched it?"""
    named_here = [name for _, name in _accesses(entry.get("accesses"))] + list(_resources(entry))
    return any(covers(name, ask) for name in named_here) or may_switch(entry, ask)


def names_no_resource(entry: Json) -> bool:
    """Of such an entry only the filter that found it tells which flag it may have switched."""
    return not _readable(entry.get("accesses")) and not any(_resources(entry))


def flags_of(entry: Json) -> set[str]:
    """The flags that the entry may speak of, `*` for any. `speaks_of` says for one of them whether it does."""
    names = [name for _, name in _accesses(entry.get("accesses"))] + list(_resources(entry))
    flags = {name.rpartition(":")[2].partition(";")[0].partition("/")[2] for name in names}
    return flags | {EVERY} if names_no_resource(entry) else flags


def _readable(accesses: JsonValue) -> bool:
    return isinstance(accesses, list) and bool(accesses) and len(list(_accesses(accesses))) == len(accesses)


def _accesses(accesses: JsonValue) -> Iterator[tuple[str, str]]:
    for access in accesses if isinstance(accesses, list) else []:
        if isinstance(access, dict):
            action, name = access.get("action"), access.get("resource")
            if isinstance(action, str) and isinstance(name, str):
                yield action, name


def _resources(entry: Json) -> Iterator[str]:
    """What the entry names as its target, where its accesses cannot be read."""
    target = entry.get("target")
    names = target.get("resources") if isinstance(target, dict) else None
    for name in names if isinstance(names, list) else []:
        if isinstance(name, str):
            yield name


def covers(resource: str, ask: FlagHistoryAsk) -> bool:
    """Is this resource the asked flag in the asked environment? Tags follow a semicolon; `*` names them all."""
    wanted = (("proj", ask.project), ("env", ask.environment), ("flag", ask.flag))
    parts = [part.partition(";")[0].partition("/") for part in resource.split(":")]
    if len(parts) != len(wanted):
        return False
    return all(kind == want and name in (key, "*") for (kind, _, name), (want, key) in zip(parts, wanted, strict=True))


def check_placed(entry: Json, ask: FlagHistoryAsk) -> None:
    """A change whose project nobody names must not be taken for one of ours, nor be left out."""
    named_here = [name for _, name in _accesses(entry.get("accesses"))] + list(_resources(entry))
    if not any(covers(name, ask) for name in named_here):
        key = entry_id(entry, ask)
        raise Malformed(f"LaunchDarkly's audit entry {key} switched {named(ask)} but names no resource", status=200)
