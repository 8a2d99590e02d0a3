"""Whole sentences and list lines, each on its line: what may be quoted."""

from __future__ import annotations

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from collectors.passages import Passage, collapsed, passage_key, passage_keys, passages


def cut(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in passages(text)]


def test_sentences_across_lines_begin_where_they_begin():
    assert cut("One is here. Two goes\non here! Three?\n\nFour (e.g. five) stands.") == [
        (1, "One is here."), (1, "Two goes on here!"), (2, "Three?"), (4, "Four (e.g. five) stands."),
    ]  # fmt: skip


def test_a_list_entry_is_one_passage_with_the_lines_that_belong_to_it():
    assert cut("Do:\n1. Turn it off. Then wait\n   a minute.\n2. Tell them.\n- So.") == [
        (1, "Do:"), (2, "1. Turn it off. Then wait a minute."), (4, "2. Tell them."), (5, "- So."),
    ]  # fmt: skip


def test_headings_table_rows_and_fences_stand_alone():
    assert cut("# Kill it\nAt once.\n| a | b |\n| c. d | e |\n```\nrun. it\n```") == [
        (1, "# Kill it"), (2, "At once."), (3, "| a | b |"), (4, "| c. d | e |"), (5, "```"), (6, "run."), (6, "it"),
        (7, "```"),
    ]  # fmt: skip


def test_a_key_names_text_and_place():
    (one,) = passages("\nTurn  it\toff.")
    assert passage_keys("\nTurn  it\toff.") == (passage_key(2, "Turn it off."),)
    assert passage_key(one.line, "Turn   it off.") == passage_key(2, "Turn it off.")
    assert len({passage_key(2, "Turn it off."), passage_key(3, "Turn it off."), passage_key(2, "Turn it on.")}) == 3


@given(st.text(max_size=400))
def test_nothing_is_lost_or_made_up(text: str):
    """All passages together are the text, white space aside, and lines never run backwards."""
    found = passages(text)
    assert "".join("".join(one.text.split()) for one in found) == "".join(text.split())
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert all(one == Passage(line=one.line, text=collapsed(one.text)) for one in found)


def test_a_long_text_takes_no_long_time():
    began = process_time()
    assert len(passages("a. " * 60_000)) == 60_000
    assert len(passages("e.g. " * 60_000)) == 1
    assert process_time() - began < 5
