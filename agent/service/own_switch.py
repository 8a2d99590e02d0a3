"""Use case: Clearance's own kill switch. Off, new work is queued; what runs ends, and people read, sign and verify.

Two hands are on it: LaunchDarkly's flag where one is configured, and a person's. Off counts from either of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from agent.deps import Deps
from agent.errors import Queued
from agent.settings import Settings
from agent.store import own_switch as store
from agent.store.own_switch import FLAG, NEVER, OFF, ON, PERSON, STALE, Position

if TYPE_CHECKING:
    from agent.service.orders import Order

KEY, URL = "CLEARANCE_SWITCH_SDK_KEY", "CLEARANCE_SWITCH_SDK_URL"
FLAG_KEY = "clearance-enabled"
TAKEN = "`clearance worker` takes it once it is on; what runs ends, and you can read, sign, state and verify"


@dataclass(frozen=True)
class Standing:
    """`told`: one sentence, why it is so and since when. `aloud`: on, and whoever starts new work has to hear why that
    is not sure; `sure`: it was heard from whoever has to say it.
    """

    on: bool
    told: str
    hands: Mapping[str, Position]
    aloud: bool = False
    sure: bool = True


def of(deps: Deps) -> Standing:
    """How the switch stands for new work, now."""
    return standing(deps.engine, deps.settings, deps.clock())


def begin(deps: Deps, order: Order) -> list[str]:
    """Every piece of new work passes here before it asks anybody anything: Queued, as a job, while the switch is off.

    Gives what has to be said aloud: that the last known value counts, since the flag cannot be heard.
    """
    from agent.service import jobs

    now = of(deps)
    if now.on:
        return [f"Clearance is {now.told}"] if now.aloud else []
    job = jobs.put(deps, order)
    there = ", as it was already" if job.joined else ""
    raise Queued(f"{order.about} is queued as job {job.id}{there}: Clearance is {now.told}. {TAKEN}")


def refuse(deps: Deps, what: str) -> None:
    """For new work that no worker could do later: Queued, and whoever wants it has to ask again."""
    now = of(deps)
    if not now.on:
        lost = Queued(f"{what} did not begin and is not queued: Clearance is {now.told}; repeat it once it is on")
        lost.kept = False
        raise lost


def standing(engine: Engine, settings: Settings, now: datetime) -> Standing:
    """How the switch stands for new work. A store in which nobody ever touched it, and no LaunchDarkly: on."""
    hands = store.positions(engine)
    person, flag = hands.get(PERSON), hands.get(FLAG)
    by_flag = _by_flag(hands, flag, now) if flag or settings.get(KEY) else None
    if person and person.position == OFF:
        also = f"; {by_flag.told}" if by_flag and not by_flag.on else ""
        return Standing(False, f"{_by_person(person)}{also}", hands)
    if by_flag:
        return by_flag
    if person:
        return Standing(True, _by_person(person), hands)
    return Standing(True, f"on, as nobody has switched it off; LaunchDarkly ({KEY}) is not configured", hands)


def _by_person(held: Position) -> str:
    reason = f": {held.reason}" if held.reason else "; no reason was given"
    return f"switched {held.position} by {held.by or 'somebody without a key'} at {_at(held.since)}{reason}"


def _by_flag(hands: Mapping[str, Position], flag: Position | None, now: datetime) -> Standing:
    """The flag's last value counts, however old; what was never heard is off."""
    if flag is None or flag.position == NEVER:
        why = flag.trouble if flag and flag.trouble else "no `clearance worker` or `clearance serve` has listened to it"
        return Standing(False, f"LaunchDarkly's flag {FLAG_KEY} was never heard here ({why})", hands, sure=False)
    told = f"{flag.position} by LaunchDarkly's flag {FLAG_KEY} since {_at(flag.since)} ({flag.reason})"
    silent = _silent(flag, now)
    if not silent:
        return Standing(flag.position == ON, told, hands)
    last = f"{told}, its last known value, of {age(now - flag.seen_at)} ago: {silent}"
    return Standing(flag.position == ON, last, hands, aloud=flag.position == ON, sure=False)


def _silent(flag: Position, now: datetime) -> str:
    """Why what the store holds may not be so any more; "" where somebody listens and confirms it."""
    if flag.trouble:
        return flag.trouble
    if flag.seen_at - now >= STALE:
        return "it was last heard by a clock that was ahead, so nobody knows how old that is"
    return "no worker or page listens to it now" if now - flag.seen_at >= STALE else ""


def age(span: timedelta) -> str:
    """12 seconds, 5 minutes, 3 hours, 2 days."""
    seconds = max(int(span.total_seconds()), 0)
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{seconds // size} {name}{'s' * (seconds // size != 1)}"
    return f"{seconds} second{'s' * (seconds != 1)}"


def _at(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
