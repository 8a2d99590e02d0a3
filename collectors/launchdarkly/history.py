"""launchdarkly.flag_history: the proven on/off changes of one flag in one environment, and who made them.

What an entry says in words proves nothing. Each entry that may have switched the flag is asked for by id, and the two
versions it holds are compared; an entry that may have and does not show it leaves the whole history malformed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from collectors.connections import Connections
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Number, Origin, Person, Resource, State, Time, pointer
from collectors.launchdarkly.auditlog import AuditLog, entry_id, read_log
from collectors.launchdarkly.client import Rest, ask_all, page_of, sealed
from collectors.launchdarkly.facts import FlagChange, FlagHistoryAsk, FlagHistoryFacts
from collectors.launchdarkly.flag import read_flag
from collectors.launchdarkly.reading import Json, true_or_false, instant, named, object_at, on_off

SWITCHED = "updateOn"


def flag_history(conn: Connections, asks: Sequence[FlagHistoryAsk]) -> list[Answer]:
    """Read the flag, then its audit log to the end, then every entry that may have turned it on or off."""
    return ask_all(conn, asks, _answer)


@dataclass(frozen=True)
class Flip:
    """One change of `on`. `index` is the entry's place in the body, `order` parts entries of one millisecond."""

    index: int
    entry: Json
    on: bool
    order: int


def _answer(rest: Rest, ask: FlagHistoryAsk) -> Answer:
    mark, redactor = len(rest.log.calls), rest.redactor()
    held = redactor.object(read_flag(rest, ask))
    read = read_log(rest, ask)
    log = AuditLog(tuple(redactor.object(entry) for entry in read.entries), read.pages)
    details = {entry_id(entry, ask): _detail(rest, ask, entry) for entry in log.entries if _may_switch(entry, ask)}
    body: Json = {"flag": held, "entries": [*log.entries], "details": redactor.clean({**details})}
    return sealed(
        ask, rest.source, rest.clock(), _facts(log, details, ask), body, calls=rest.calls_since(mark),
        link=page_of(rest.source, ask), redacted=redactor.removed, completeness=_completeness(log),
    )  # fmt: skip


def _completeness(log: AuditLog) -> Completeness:
    note = "read until a page held nothing new; every entry that may have switched the flag was asked for by id"
    return Completeness(pages=log.pages, items=len(log.entries), note=note)


# --- which entries ---------------------------------------------------------------------------------------------------


def _may_switch(entry: Json, ask: FlagHistoryAsk) -> bool:
    """Does the entry say it switched this flag here, or leave open whether it did?"""
    accesses = entry.get("accesses")
    if _readable(accesses):
        return any(action == SWITCHED and covers(name, ask) for action, name in _accesses(accesses))
    resources = list(_resources(entry))
    return not resources or any(covers(name, ask) for name in resources)


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


# --- which way -------------------------------------------------------------------------------------------------------


def _detail(rest: Rest, ask: FlagHistoryAsk, entry: Json) -> Json:
    """The entry with the flag before and after it, cut to the asked environment."""
    key = entry_id(entry, ask)
    body = rest.get(f"/api/v2/auditlog/{key}", f"one change of {named(ask)}")
    if body.get("_id") != key:
        raise Malformed(f"LaunchDarkly, asked for audit entry {key}, answered with another", status=200)
    return {"_id": key, **{name: _version(body, name, ask, key) for name in ("previousVersion", "currentVersion")}}


def _version(body: Json, name: str, ask: FlagHistoryAsk, key: str) -> Json:
    what = f"audit entry {key} of {named(ask)}"
    version = object_at(body, name, what)
    if version.get("key") != ask.flag:
        raise Malformed(f"LaunchDarkly's {what} holds another flag in `{name}`", status=200)
    held = object_at(object_at(version, "environments", what), ask.environment, what)
    true_or_false(held, "on", what)
    return {"key": ask.flag, "_version": version.get("_version"), "environments": {ask.environment: held}}


def _flips(log: AuditLog, details: dict[str, Json], ask: FlagHistoryAsk) -> list[Flip]:
    """Each entry whose two versions differ in `on`, oldest first."""
    found = []
    for index, entry in enumerate(log.entries):
        detail = details.get(entry_id(entry, ask))
        if detail is None:
            continue
        before, after = (_environment(detail, name, ask) for name in ("previousVersion", "currentVersion"))
        if before["on"] != after["on"]:
            _placed(entry, ask)
            version = after.get("version")
            order = version if isinstance(version, int) else 0
            found.append(Flip(index, entry, after["on"] is True, order))
    return sorted(found, key=lambda flip: (instant(flip.entry, "date", named(ask)), flip.order))


def _environment(detail: Json, name: str, ask: FlagHistoryAsk) -> Json:
    what = named(ask)
    return object_at(object_at(object_at(detail, name, what), "environments", what), ask.environment, what)


def _placed(entry: Json, ask: FlagHistoryAsk) -> None:
    """A change whose project nobody names must not be taken for one of ours, nor be left out."""
    named_here = [name for _, name in _accesses(entry.get("accesses"))] + list(_resources(entry))
    if not any(covers(name, ask) for name in named_here):
        key = entry_id(entry, ask)
        raise Malformed(f"LaunchDarkly's audit entry {key} switched {named(ask)} but names no resource", status=200)


# --- what is known ---------------------------------------------------------------------------------------------------


def _facts(log: AuditLog, details: dict[str, Json], ask: FlagHistoryAsk) -> FlagHistoryFacts:
    return FlagHistoryFacts(
        flag=Resource(value=ask.flag, pointer="/flag/key"),
        changes=tuple(_change(flip, ask) for flip in _flips(log, details, ask)),
        read=Number(value=len(log.entries), unit="entries", origin=Origin.CODE),
    )


def _change(flip: Flip, ask: FlagHistoryAsk) -> FlagChange:
    at, key = instant(flip.entry, "date", named(ask)), entry_id(flip.entry, ask)
    turned = pointer("details", key, "currentVersion", "environments", ask.environment, "on")
    return FlagChange(
        turned=State(value=on_off(flip.on), pointer=turned, at=at),
        at=Time(value=at, pointer=pointer("entries", flip.index, "date"), at=at),
        by=_person(flip),
        entry=Resource(value=key, pointer=pointer("entries", flip.index, "_id")),
    )


def _person(flip: Flip) -> Person | None:
    """The member who did it; nobody where a service token or an integration acted, whoever those belong to."""
    member, token = flip.entry.get("member"), flip.entry.get("token")
    if not isinstance(member, dict) or flip.entry.get("app") is not None:
        return None
    if token is not None and not (isinstance(token, dict) and token.get("serviceToken") is False):
        return None
    key = member.get("_id")
    if not isinstance(key, str) or not key:
        return None
    names = [name for name in (member.get("firstName"), member.get("lastName")) if isinstance(name, str) and name]
    return Person(value=" ".join(names)[:200] or key, id=key, pointer=pointer("entries", flip.index, "member"))
