"""The raw value in its place: what the pointer leads to is marked, its neighbours stand around it."""

from __future__ import annotations

from agent.outputs.html_place import Line, place, raw

BODY = {"rows": [{"name": "a", "n": 1}, {"name": "b/c", "n": 2}], "odd~key": {"x/y": None}}


def test_a_value_stands_among_its_neighbours():
    assert place(BODY, "/rows/1/n") == (
        Line("/rows/1", False), Line('  "name": "b/c"', False), Line('  "n": 2', True),
    )  # fmt: skip


def test_an_element_of_a_list_stands_by_its_index():
    assert [line.text for line in place(BODY, "/rows/0") if line.marked] == ['  [0] {"name": "a", "n": 1}']


def test_escaped_keys_are_followed():
    assert [line.text for line in place(BODY, "/odd~0key/x~1y") if line.marked] == ['  "x/y": null']


def test_a_pointer_that_leads_nowhere_shows_nothing():
    """Nothing is made up for it."""
    assert place(BODY, "/rows/7/n") == ()
    assert place("text", "/rows") == ()


def test_long_lists_show_what_is_near():
    """Four lines on each side, and that there are more."""
    lines = place([*range(20)], "/10")

    assert [line.text.strip() for line in lines] == ["…", *(f"[{n}] {n}" for n in range(6, 15)), "…"]


def test_what_cannot_be_seen_is_written_as_its_escape_and_long_values_are_cut():
    assert raw("a\u202eb\u200b") == '"a\\u202eb\\u200b"'
    assert raw("x" * 400).endswith("…")
    assert len(raw("x" * 400)) == 300


def test_the_whole_body_is_one_line():
    assert place({"a": 1}, "") == (Line('{"a": 1}', True),)
