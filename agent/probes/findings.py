"""How a probe answers: an outcome and one sentence whose every value is a fact in a named role.

Every builder takes the facts by role, in one mapping or by name or both:
`failed("{launch_day} is a {weekday}", {"launch_day": day}, weekday=state)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType

from agent.domain import Finding, Outcome, Used
from collectors.evidence import Day, Duration, Fact, Number, Origin, Person, Resource, State, Time

_NONE: Mapping[str, Fact] = MappingProxyType({})
_ROLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def _finding(outcome: Outcome, sentence: str, facts: dict[str, Fact], **more: object) -> Finding:
    roles = set(_ROLE.findall(sentence))
    if roles - set(facts):
        raise ValueError(f"the sentence names {sorted(roles - set(facts))} and no such fact was given")
    slots = {role: f"F{i}" for i, role in enumerate(facts, start=1)}
    used = tuple(Used(slot=slots[role], role=role, fact=fact) for role, fact in facts.items())
    text = _ROLE.sub(lambda m: f"{{{slots[m[1]]} as {m[1]}}}", sentence)
    return Finding.model_validate({"probe": "", "outcome": outcome, "sentence": text, "facts": used, **more})


def passed(
    sentence: str, given: Mapping[str, Fact] = _NONE, /, *, valid_until: datetime | None = None, **facts: Fact
) -> Finding:
    """The statement is true."""
    return _finding(Outcome.PASS, sentence, {**given, **facts}, valid_until=valid_until)


def failed(sentence: str, given: Mapping[str, Fact] = _NONE, /, **facts: Fact) -> Finding:
    """The statement is false."""
    return _finding(Outcome.FAIL, sentence, {**given, **facts})


def warned(
    sentence: str, given: Mapping[str, Fact] = _NONE, /, *, valid_until: datetime | None = None, **facts: Fact
) -> Finding:
    """The statement is true but for something that a person has to take on."""
    return _finding(Outcome.WARN, sentence, {**given, **facts}, valid_until=valid_until)


def unknown(sentence: str, given: Mapping[str, Fact] = _NONE, /, **facts: Fact) -> Finding:
    """We looked and could not tell."""
    return _finding(Outcome.UNKNOWN, sentence, {**given, **facts})


def not_applicable(sentence: str, given: Mapping[str, Fact] = _NONE, /, **facts: Fact) -> Finding:
    return _finding(Outcome.NOT_APPLICABLE, sentence, {**given, **facts})


def noted(
    sentence: str, given: Mapping[str, Fact] = _NONE, /, *, valid_until: datetime | None = None, **facts: Fact
) -> Finding:
    """True, and worth a remark that decides nothing."""
    return _finding(Outcome.PASS, sentence, {**given, **facts}, note=True, valid_until=valid_until)


def listed(role: str, facts: Sequence[Fact]) -> tuple[str, dict[str, Fact]]:
    """A list of facts for a sentence: ("{person_1}, {person_2} and {person_3}", the facts by those roles)."""
    named = {f"{role}_{i}": fact for i, fact in enumerate(facts, start=1)}
    slots = [f"{{{name}}}" for name in named]
    text = " and ".join([", ".join(slots[:-1]), slots[-1]] if len(slots) > 1 else slots)
    return text, named


# --- facts that no source gave: the card's, the gate's and those that code works out ----------------------------------


def number(value: float, unit: str = "", *, origin: Origin = Origin.CODE, at: str = "") -> Number:
    """`at` is the JSON pointer into the card or gate for Origin.CARD and Origin.GATE."""
    return Number(value=value, unit=unit, origin=origin, pointer=at)


def duration(seconds: float, *, origin: Origin = Origin.CODE, at: str = "") -> Duration:
    return Duration(value=seconds, origin=origin, pointer=at)


def time(value: datetime, *, origin: Origin = Origin.CODE, at: str = "") -> Time:
    return Time(value=value, origin=origin, pointer=at)


def day(value: date, *, origin: Origin = Origin.CODE, at: str = "") -> Day:
    return Day(value=value, origin=origin, pointer=at)


def state(value: str, *, origin: Origin = Origin.CODE, at: str = "") -> State:
    return State(value=value, origin=origin, pointer=at)


def resource(value: str, *, origin: Origin = Origin.CARD, at: str = "") -> Resource:
    return Resource(value=value, origin=origin, pointer=at)


def person(name: str, id: str, *, origin: Origin = Origin.CARD, at: str = "") -> Person:
    return Person(value=name, id=id, origin=origin, pointer=at)
