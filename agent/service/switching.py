"""Use case: a person puts Clearance's own switch off or on, or looks at it. It needs a store and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from agent.errors import ClearanceError, Refused
from agent.service.own_switch import FLAG_KEY, KEY, Standing, standing
from agent.settings import Settings
from agent.signing import own_words
from agent.store import own_switch as store
from agent.store.own_switch import FLAG, OFF, ON


@dataclass(frozen=True)
class Hand:
    """`who` gives the name of the person whose key is at hand, or raises why there is none."""

    engine: Engine
    settings: Settings
    clock: Callable[[], datetime]
    who: Callable[[], str]


def look(hand: Hand) -> Standing:
    return standing(hand.engine, hand.settings, hand.clock())


def off(hand: Hand, reason: str) -> Standing:
    """By anybody at this machine: they could as well kill the processes. Without a key nobody is named."""
    seen = "".join(c for c in reason if c.isprintable())[: own_words.LONGEST]  # nothing is refused in a hurry
    store.set_by_person(hand.engine, OFF, _anybody(hand), seen, hand.clock())
    return look(hand)


def _anybody(hand: Hand) -> str:
    try:
        return hand.who()
    except ClearanceError:
        return ""


def on(hand: Hand, reason: str, *, without_flag: bool = False) -> Standing:
    """By a person whom people.yaml knows, with a reason; nobody switches on what LaunchDarkly's flag has off."""
    if own_words.words(reason) < own_words.FEWEST:
        how = f"in {own_words.FEWEST} words or more"
        raise Refused(f"say with --reason why it may work again, {how}; it was not switched on")
    if why := own_words.unreadable(reason):
        raise Refused(f"the reason {why}; it was not switched on")
    who = hand.who()
    if without_flag and hand.settings.get(KEY):
        raise Refused(f"{KEY} is set here, so flag {FLAG_KEY} decides; take the setting away everywhere first")
    if without_flag and FLAG in store.positions(hand.engine):
        store.forget_flag(hand.engine, who, reason, hand.clock())
    store.set_by_person(hand.engine, ON, who, reason, hand.clock())
    return look(hand)
