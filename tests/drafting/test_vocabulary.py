"""The vocabulary holds harmless words only; this is the list it is held against."""

from __future__ import annotations

import re

import pytest

from agent.drafting import vocabulary


@pytest.mark.parametrize("kind", sorted(vocabulary.DENIED))
def test_no_word_of_a_denied_kind_is_in_the_vocabulary(kind: str):
    """Numbers, comparisons, standing, success, sufficiency, multiplication, calendar and names stay out."""
    assert vocabulary.words() & vocabulary.DENIED[kind] == set()


def test_no_hyphenated_word_smuggles_a_denied_part_in():
    """A word is as bad as its parts."""
    assert [word for word in vocabulary.words() if vocabulary.denied(word)] == []


def test_no_unit_word_is_in_the_vocabulary_but_day_and_time():
    """A slot brings its own unit; day and time are nouns as well, and are refused behind a slot."""
    assert vocabulary.words() & vocabulary.UNITS == {"day", "time"}


def test_no_comparative_or_superlative_is_in_the_vocabulary():
    """Words made of an adjective and -er or -est compare, whatever the adjective."""
    adjectives = "high low long short fast slow great small large big new old early late strong weak clear safe few"
    bases = adjectives.split()
    made = {base + end for base in bases for end in ("er", "est")} | {base + "r" for base in bases}

    assert vocabulary.words() & made == set()


def test_every_word_is_lower_case_ascii():
    """What looks like a letter and is none cannot be spelled with this list."""
    assert [word for word in vocabulary.words() if not re.fullmatch(r"[a-z]+(-[a-z]+)*", word)] == []


def test_single_letters_are_only_the_article():
    """Nothing can be spelled out letter by letter."""
    assert {word for word in vocabulary.words() if len(word) == 1} == {"a"}


def test_terms_are_what_they_say():
    """A term slot holds a name of a tool or of the checklist, and never a value of its own."""
    assert all(term.replace("-", " ") == text.replace("-", " ") for term, text in vocabulary.TERMS.items())
