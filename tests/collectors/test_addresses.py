"""Addresses are found as a pattern for one alone finds them, and a text of any length in one walk."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import addresses, wire
from collectors.datadog.reading import without_people
from collectors.evidence import fingerprint
from collectors.pagerduty.redaction import redact

STRICT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
WIDE = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[A-Za-z]{2,}")
TEXTS = st.text(alphabet="ab.@+-_ <é1\n", max_size=40)


@given(TEXTS)
def test_what_is_found_is_what_a_pattern_for_one_address_finds(text: str):
    named = STRICT.sub(lambda found: f"person-{fingerprint(found[0].lower())}", text)
    assert addresses.under_names(text) == named
    assert addresses.without(text, "[removed]") == WIDE.sub("[removed]", text)


@pytest.mark.parametrize("text", ["a" * 400_000 + " @", "@" + "a" * 400_000, "a@" * 50_000, "a@b." * 5_000 + "@"])
def test_a_long_word_is_walked_through_once(text: str):
    """Begun anew at each character these would take hours."""
    assert len(wire.clean(text, 100)) <= 100
    assert without_people([text])
    assert redact({"text": text})
