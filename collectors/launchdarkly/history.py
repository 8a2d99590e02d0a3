"""launchdarkly.flag_history: the proven on/off changes of one flag in one environment, and who made them.

What an entry says in words proves nothing. Each entry that may have switched the flag is asked for by id, and the two
versions it holds are compared; an entry that may have and does not show it leaves the whole history malformed. Lists
hold no versions, so that call stays, one a change. Many flags of one environment are read from one log (`shared`).

How long entries are kept, and whether a reader is shown all of them, hangs on plan and role and is not told. So a
history lacks an entry, and is truncated, that contradicts itself (twice off in a row), that ends otherwise than the
flag stands now, or that holds no turn at all and not even the edit that the flag itself dates into the window. Out of
scope: `delta` (only of edits by JSON patch), the POST form of the log (it writes nothing, and GET is enough), and which
trigger or schedule acted where no person did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import pairwise

from collectors.connections import Connections
from collectors.errors import Malformed, Truncated, resting_on
from collectors.evidence import Answer, Completeness, Number, Origin, Person, Resource, State, Time, pointer
from collectors.launchdarkly.auditlog import AuditLog, entry_id, read_log
from collectors.launchdarkly.client import Rest, ask_all, page_of, sealed
from collectors.launchdarkly.facts import FlagChange, FlagHistoryAsk, FlagHistoryFacts
from collectors.launchdarkly.flag import read_flag
from collectors.launchdarkly.reading import Json, instant, named, object_at, on_off, true_or_false
from collectors.launchdarkly.redaction import Redactor
from collectors.launchdarkly.resources import check_placed, may_switch
from collectors.launchdarkly.shared import Environment, Shared, has_the_last_edit, shared_logs, taken

SEE_ALL = "Check the item again; if it stays, see whether the token's role shows every entry of the audit log."


def flag_history(conn: Connections, asks: Sequence[FlagHistoryAsk]) -> Iterable[Answer]:
    """Read the flag, then its audit log to the end, then every entry that may have turned it on or off."""
    return ask_all(conn, asks, lambda rest: partial(_answer, rest, shared_logs(rest, asks)))


@dataclass(frozen=True)
class Flip:
    """One change of `on`. `index` is the entry's place in the body, `order` parts entries of one millisecond."""

    index: int
    entry: Json
    on: bool
    order: int


def _answer(rest: Rest, logs: Mapping[Environment, Shared], ask: FlagHistoryAsk) -> Answer:
    mark, redactor = len(rest.log.calls), rest.redactor()
    held = redactor.object(read_flag(rest, ask))
    read, shared = taken(logs, ask, held) or (read_log(rest, ask), None)
    with resting_on(shared.calls if shared else ()):
        return _sealed(rest, ask, mark, redactor, held, read, shared)


def _sealed(
    rest: Rest, ask: FlagHistoryAsk, mark: int, redactor: Redactor, held: Json, read: AuditLog, shared: Shared | None
) -> Answer:  # fmt: skip
    log = AuditLog(tuple(redactor.object(entry) for entry in read.entries), read.pages)
    details = {entry_id(entry, ask): _detail(rest, ask, entry) for entry in log.entries if may_switch(entry, ask)}
    facts = _facts(log, details, ask)
    _agrees(facts, held, ask, now=rest.clock())
    _is_not_hidden(facts, log, held, ask)
    body: Json = {"flag": held, "entries": [*log.entries], "details": redactor.clean({**details})}
    calls = rest.calls_for(ask, mark, shared.calls if shared else ())
    return sealed(
        ask, rest.source, rest.collected(calls), facts, body, calls=calls,
        link=page_of(rest.source, ask), redacted=redactor.removed, completeness=_completeness(log),
    )  # fmt: skip


def _completeness(log: AuditLog) -> Completeness:
    note = "read until a page held nothing new; every entry that may have switched the flag was asked for by id"
    return Completeness(pages=log.pages, items=len(log.entries), note=note)


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
            check_placed(entry, ask)
            version = after.get("version")
            order = version if isinstance(version, int) else 0
            found.append(Flip(index, entry, after["on"] is True, order))
    return sorted(found, key=lambda flip: (instant(flip.entry, "date", named(ask)), flip.order))


def _environment(detail: Json, name: str, ask: FlagHistoryAsk) -> Json:
    what = named(ask)
    return object_at(object_at(object_at(detail, name, what), "environments", what), ask.environment, what)


# --- what is known ---------------------------------------------------------------------------------------------------


def _facts(log: AuditLog, details: dict[str, Json], ask: FlagHistoryAsk) -> FlagHistoryFacts:
    return FlagHistoryFacts(
        flag=Resource(value=ask.flag, pointer="/flag/key"),
        changes=tuple(_change(flip, ask) for flip in _flips(log, details, ask)),
        read=Number(value=len(log.entries), unit="entries", origin=Origin.CODE),
    )


def _agrees(facts: FlagHistoryFacts, flag: Json, ask: FlagHistoryAsk, now: datetime) -> None:
    """Raise Truncated where what was read cannot be every change: each turns back the one before, the last one stands.

    The last one can be compared with the flag only where the window reaches to `now`.
    """
    told, turned = f"LaunchDarkly's audit log of {named(ask)}", [change.turned.value for change in facts.changes]
    lacks = "so it lacks a change"
    twice = next((now for before, now in pairwise(turned) if before == now), None)
    if twice:
        raise Truncated(f"{told} shows it turned {twice} twice in a row, {lacks}", advice=SEE_ALL)
    stands = on_off(true_or_false(object_at(flag["environments"], ask.environment, named(ask)), "on", named(ask)))
    if turned and ask.window.holds(now) and turned[-1] != stands:
        raise Truncated(f"{told} ends with {turned[-1]} while the flag is {stands}, {lacks}", advice=SEE_ALL)


def _is_not_hidden(facts: FlagHistoryFacts, log: AuditLog, flag: Json, ask: FlagHistoryAsk) -> None:
    """Raise Truncated where "never turned" would rest on a log that does not show the flag's own last edit either."""
    if not facts.changes and not has_the_last_edit(log.entries, ask, flag):
        told = f"LaunchDarkly's audit log of {named(ask)} lacks the edit that the flag itself dates into the window"
        raise Truncated(told, advice=SEE_ALL)


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
