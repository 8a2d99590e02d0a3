"""On-call cover is reckoned in instants; a reference that looks at every single minute must come to the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from agent.domain import Finding, Outcome
from agent.probes.on_call import primary_and_backup_at_every_instant
from collectors.evidence import Person, Time, Window
from collectors.pagerduty.facts import Shift
from tests.builders import ZONE, on_call

MINUTE, HOURS = timedelta(minutes=1), 30
PEOPLE = {name[0]: Person(value=name, id=f"P{name[0]}") for name in ("Ann", "Bob", "Cid")}
STARTS = (
    datetime(2026, 6, 12, 18, tzinfo=ZoneInfo(ZONE)),
    datetime(2026, 10, 31, 12, tzinfo=ZoneInfo(ZONE)),  # an hour that comes twice
    datetime(2026, 3, 7, 12, tzinfo=ZoneInfo(ZONE)),  # an hour that never comes
)


class Turn(NamedTuple):
    """One person on one level, in minutes since the window's start."""

    level: int
    who: str
    start: int
    end: int


def instant(start: datetime, minute: int) -> datetime:
    """So many minutes later, in the window's zone: local times that repeat and skip when clocks change."""
    return (start.astimezone(UTC) + minute * MINUTE).astimezone(start.tzinfo)


turns = some.builds(
    lambda level, who, start, length: Turn(level, who, start, start + length),
    some.sampled_from((1, 1, 2, 2, 3)), some.sampled_from("ABC"), some.integers(-120, HOURS * 60),
    some.integers(1, HOURS * 60 + 240),
)  # fmt: skip
whole = some.sampled_from(("AB", "BA", "AC")).map(
    lambda pair: [Turn(1, pair[0], 0, HOURS * 60), Turn(2, pair[1], 0, HOURS * 60)]
)
mended = some.tuples(whole, some.lists(turns, max_size=4)).map(lambda both: both[0] + both[1])
rotas = some.one_of(some.lists(turns, max_size=6), mended)


def judged(rota: list[Turn], start: datetime, hours: int = HOURS) -> Finding:
    shifts = [
        Shift(
            level=turn.level, person=PEOPLE[turn.who], start=Time(value=instant(start, turn.start)),
            end=Time(value=instant(start, turn.end)),
        )
        for turn in rota
    ]  # fmt: skip
    window = Window(start=start, end=instant(start, hours * 60))
    return primary_and_backup_at_every_instant(on_call(shifts), window=window, zone=ZONE)


def wrong_at(rota: list[Turn], minute: int) -> str:
    """What is wrong in one minute: nobody is primary or backup, or the one person there is both."""
    first, second = (
        {turn.who for turn in rota if turn.level == level and turn.start <= minute < turn.end} for level in (1, 2)
    )
    if not first:
        return "primary"
    if not second:
        return "backup"
    return "" if any(one != other for one in first for other in second) else "same"


def first_hole(rota: list[Turn]) -> tuple[int, int] | None:
    """The first minute that is wrong, and the first one after it in which that is no longer what is wrong."""
    told = [(wrong_at(rota, minute), _alone(rota, minute)) for minute in range(HOURS * 60)]
    begun = next((minute for minute, (wrong, _) in enumerate(told) if wrong), None)
    if begun is None:
        return None
    return begun, next((m for m in range(begun, HOURS * 60) if told[m] != told[begun]), HOURS * 60)


def _alone(rota: list[Turn], minute: int) -> str:
    """Who is both, where somebody is."""
    if wrong_at(rota, minute) != "same":
        return ""
    return next(turn.who for turn in rota if turn.level == 1 and turn.start <= minute < turn.end)


def fact(finding: Finding, role: str) -> object:
    return next((used.fact.value for used in finding.facts if used.role == role), None)


@settings(max_examples=150, deadline=None)
@given(rota=rotas, start=some.sampled_from(STARTS))
def test_cover_is_what_looking_at_every_minute_finds(rota: list[Turn], start: datetime):
    """Pass and fail agree, and the first hole begins and ends at the same minutes."""
    hole = first_hole(rota)

    finding = judged(rota, start)

    assert (finding.outcome is Outcome.PASS) == (hole is None)
    if hole:
        assert finding.outcome is Outcome.FAIL
        wrong = wrong_at(rota, hole[0])
        assert finding.sentence.startswith(f"Nobody is {wrong} " if wrong != "same" else "{F3 as person} is both ")
        # In UTC: an hour that comes twice never equals itself in another zone.
        told = (fact(finding, "hole_start"), fact(finding, "hole_end"))
        assert told == tuple(instant(start, minute).astimezone(UTC) for minute in hole)


@settings(max_examples=60, deadline=None)
@given(rota=rotas, start=some.sampled_from(STARTS), order=some.randoms(use_true_random=False))
def test_the_order_of_shifts_never_matters(rota: list[Turn], start: datetime, order):
    """A list in any order is the same rota."""
    mixed = list(rota)
    order.shuffle(mixed)

    assert judged(mixed, start).outcome is judged(rota, start).outcome


@settings(max_examples=60, deadline=None)
@given(rota=rotas, start=some.sampled_from(STARTS), cut=some.integers(0, 5))
def test_taking_a_turn_away_never_helps(rota: list[Turn], start: datetime, cut: int):
    """Somebody less on call never closes a gap."""
    if judged(rota[:cut] + rota[cut + 1 :], start).outcome is Outcome.PASS:
        assert judged(rota, start).outcome is Outcome.PASS


@settings(max_examples=60, deadline=None)
@given(rota=rotas, start=some.sampled_from(STARTS), hours=some.integers(1, HOURS))
def test_a_shorter_window_is_never_worse(rota: list[Turn], start: datetime, hours: int):
    """What covers the whole covers each beginning of it."""
    if judged(rota, start).outcome is Outcome.PASS:
        assert judged(rota, start, hours).outcome is Outcome.PASS


@pytest.mark.parametrize("start", STARTS)
def test_one_missing_minute_is_found_and_named(start: datetime):
    """Between Ann's turn and Bob's nobody is primary for a minute."""
    rota = [Turn(1, "A", 0, 700), Turn(1, "B", 701, 1800), Turn(2, "C", 0, 1800)]

    finding = judged(rota, start)

    assert finding.outcome is Outcome.FAIL
    assert (fact(finding, "hole_start"), fact(finding, "hole_end")) == (instant(start, 700), instant(start, 701))
