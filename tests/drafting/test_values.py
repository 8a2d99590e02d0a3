"""How facts read: every kind, in words a person would write, and nothing in them that cannot be seen."""

from __future__ import annotations

from datetime import date

import pytest

from agent.drafting.values import clean, say
from collectors.evidence import Day, Duration, Fact, Number, Person, Quote, Resource, State, Time
from tests.builders import ZONE, at


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Person(value="Mike Chen", id="mike.chen"), "Mike Chen"),
        (Time(value=at("2026-06-12T16:00")), "12 June 2026, 16:00 EDT"),
        (Time(value=at("2026-06-12T20:00:38+00:00")), "12 June 2026, 16:00:38 EDT"),
        (Time(value=at("2026-12-01T12:00+00:00")), "1 December 2026, 07:00 EST"),
        (Day(value=date(2026, 6, 13)), "Saturday, 13 June 2026"),
        (Duration(value=38), "38 seconds"),
        (Duration(value=1), "1 second"),
        (Duration(value=3600), "1 hour"),
        (Duration(value=5400), "1 hour 30 minutes"),
        (Duration(value=0), "0 seconds"),
        (Duration(value=0.25), "0.25 seconds"),
        (Duration(value=-5), "minus 5 seconds"),
        (Duration(value=2 * 86400), "2 days"),
        (Number(value=92, unit="percent"), "92 %"),
        (Number(value=13, unit="seconds"), "13 seconds"),
        (Number(value=1, unit="seconds"), "1 second"),
        (Number(value=0, unit="incidents"), "0 incidents"),
        (Number(value=2557, unit="days"), "2,557 days"),
        (Number(value=1, unit="entries"), "1 entry"),
        (Number(value=2, unit="entry"), "2 entries"),
        (Number(value=1, unit="processes"), "1 process"),
        (Number(value=1, unit="pass"), "1 pass"),
        (Number(value=1, unit="business days"), "1 business days"),
        (Number(value=250, unit="ms"), "250 ms"),
        (Number(value=-0.5, unit="hour"), "-0.5 hours"),
        (Number(value=92), "92"),
        (Number(value=1e-9, unit="s"), "1e-09 s"),
        (Number(value=91.99999999999999, unit="%"), "92 %"),
        (Number(value=89.99999999, unit="percent"), "89.99999999 %"),
        (Number(value=float("inf"), unit="seconds"), "no finite number of seconds"),
        (State(value="on"), "on"),
        (State(value=""), "(empty)"),
        (Resource(value="finance-ai-primary"), "finance-ai-primary"),
        (Resource(value="\u200b"), "(no name given)"),
        (Person(value="\u202e", id="x"), "(no name given)"),
        (Quote(value="said so"), "“said so”"),
    ],
)
def test_a_fact_reads_as_a_person_would_write_it(fact: Fact, words: str):
    """Names, local times, days, spans, and numbers with their unit in the right number."""
    assert say(fact, ZONE) == words


def test_zones_without_letters_show_their_offset():
    """Where a zone has no abbreviation, the offset from UTC stands."""
    assert say(Time(value=at("2026-06-12T12:00+00:00")), "America/Sao_Paulo") == "12 June 2026, 09:00 UTC-03:00"


@pytest.mark.parametrize(
    ("raw", "seen"),
    [
        ("Mi\u202eke\u200b Chen\u2066", "Mike Chen"),
        ("one\ntwo\u2028three\tfour", "one two three four"),
        ("\x1b[31mred\x00", "[31mred"),
        ("blank\u3164\u2800 and \ufe0fmarks", "blank and marks"),
        ("tag\U000e0041s", "tags"),
        ("z" + "\u0301" * 30, "z\u0301\u0301"),
    ],
)
def test_what_cannot_be_seen_is_taken_out(raw: str, seen: str):
    """Control, bidirectional, zero-width and filler characters never reach a reader."""
    assert clean(raw) == seen


def test_long_texts_are_cut_with_a_mark():
    """A name longer than its cap ends in an ellipsis."""
    told = say(Person(value="x" * 200, id="x"), ZONE)

    assert (len(told), told[-1]) == (80, "…")


def test_only_facts_have_words():
    """Something that is no fact is a bug, not an empty string."""
    with pytest.raises(TypeError, match="no words"):
        say("text", ZONE)  # type: ignore[arg-type]
