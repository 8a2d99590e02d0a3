"""Clearance's own switch as the store has it: what a person set, and what the flag last said. Changes are logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from agent.store import log
from agent.store.database import instant, locked_log, stamp, writing
from agent.store.schema import switch

FLAG, PERSON = "flag", "person"
ON, OFF, NEVER = "on", "off", ""
CHAIN = "switch"  # what its entries in the log stand under, in place of a review
STALE = timedelta(minutes=2)  # whoever listens confirms several times in this; after it nobody does


ALL = select(switch)


@dataclass(frozen=True)
class Position:
    """`position` "on", "off", or "" where it was never heard; `seen_at`: when it was last known to be so."""

    hand: str
    position: str
    since: datetime
    seen_at: datetime
    by: str
    reason: str
    trouble: str


def positions(engine: Engine) -> Mapping[str, Position]:
    """By hand: "person" and "flag", as far as either was ever on the switch."""
    with engine.connect() as connection:
        return {row.hand: _position(row) for row in connection.execute(ALL).all()}


def set_by_person(engine: Engine, position: str, by: str, reason: str, at: datetime) -> None:
    """`by`: a name, or "" for whoever has no key; the log keeps every one of these."""
    with locked_log(engine) as connection:
        _put(connection, PERSON, position, by, reason, at)


def heard(engine: Engine, position: str, reason: str, at: datetime, *, fresh: bool) -> None:
    """What LaunchDarkly serves now. `fresh`: it has just said so, and not only not said otherwise since.

    Several processes listen, and one may lag: what is only confirmed never switches on what another has just heard off.
    """
    same = update(switch).where(switch.c.hand == FLAG, switch.c.position == position)
    with writing(engine) as connection:
        confirmed = connection.execute(same.values(seen_at=stamp(at), trouble="", reason=reason))
    if confirmed.rowcount:
        return
    with locked_log(engine) as connection:
        held = _get(connection, FLAG)
        lags = held is not None and held.position == OFF and position == ON and at - held.seen_at < STALE
        if fresh or not lags:
            _put(connection, FLAG, position, "LaunchDarkly", reason, at)


def not_heard(engine: Engine, trouble: str, at: datetime) -> None:
    """The flag cannot be heard: its last value stays, and so does the time at which that was known."""
    with writing(engine) as connection:
        known = connection.execute(update(switch).where(switch.c.hand == FLAG).values(trouble=trouble))
        if not known.rowcount:
            row = {"hand": FLAG, "position": NEVER, "since": stamp(at), "seen_at": stamp(at), "trouble": trouble}
            connection.execute(insert(switch).values(row))


def forget_flag(engine: Engine, by: str, reason: str, at: datetime) -> None:
    """The flag has no hand on this switch any more, until somebody listens to it again."""
    with locked_log(engine) as connection:
        connection.execute(delete(switch).where(switch.c.hand == FLAG))
        log.append(connection, CHAIN, "flag_forgotten", {"by": by, "reason": reason}, at)


def _put(connection: Connection, hand: str, position: str, by: str, reason: str, at: datetime) -> None:
    row = {
        "hand": hand, "position": position, "since": stamp(at), "seen_at": stamp(at), "by": by, "reason": reason,
        "trouble": "",
    }  # fmt: skip
    connection.execute(delete(switch).where(switch.c.hand == hand))
    connection.execute(insert(switch).values(row))
    log.append(connection, CHAIN, "switched", {"hand": hand, "to": position, "by": by, "reason": reason}, at)


def _get(connection: Connection, hand: str) -> Position | None:
    row = connection.execute(select(switch).where(switch.c.hand == hand)).first()
    return None if row is None else _position(row)


def _position(row: Row[tuple[object, ...]]) -> Position:
    given = dict(row._mapping)
    return Position(**{**given, "since": instant(given["since"]), "seen_at": instant(given["seen_at"])})
