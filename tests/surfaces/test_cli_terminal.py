"""On a terminal: colour and words, and nothing that evidence holds is read as a command, as markup or as a link."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from agent.surfaces.terminal import Screen, plain

HOSTILE = "\x1b]8;;http://evil\x07click\x1b]8;;\x07 \x1b[2J[bold red]met[/] \x9b31m \u202egnp \u200bok :warning:"


def screen() -> Screen:
    console = Console(file=io.StringIO(), force_terminal=True, width=100, color_system="standard", no_color=False)
    return Screen(console, console, live=True)


def printed(view: Screen) -> str:
    assert isinstance(view.out.file, io.StringIO)
    return view.out.file.getvalue()


def test_hostile_text_shows_as_itself_in_a_sentence_and_in_a_table():
    """No escape sequence of its own, no markup read, no emoji name replaced, no direction turned."""
    view = screen()
    view.say(HOSTILE)
    view.table(("What",), [(HOSTILE,)])

    shown = printed(view)
    assert "[bold red]met[/]" in shown
    assert ":warning:" in shown
    for bad in ("\x1b]8", "\x1b[2J", "\x9b", "\u202e", "\u200b", "\x07"):
        assert bad not in shown


@given(st.text())
def test_no_control_character_but_new_line_and_tab_is_ever_left(text: str):
    assert not [c for c in plain(text) if (ord(c) < 32 and c not in "\n\t") or 127 <= ord(c) < 160]


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str):
    """What is left of one sequence is not the beginning of another."""
    assert plain(plain(text)) == plain(text)


def test_a_standing_is_coloured_and_is_a_word_as_well():
    view = screen()
    view.table(("Standing",), [("❌ not met",)])

    assert "\x1b[31m❌ not met" in printed(view)


def test_an_error_is_the_red_word_error_and_the_sentence():
    view = screen()
    view.error("there is no gate [x]")

    assert "\x1b[1;31merror\x1b[0m" in printed(view)
    assert "there is no gate [x]" in printed(view)


def test_json_holds_nothing_that_a_terminal_could_read_as_a_command(capsys):
    screen().json({"text": HOSTILE})

    told = capsys.readouterr().out
    assert told.isascii()
    assert "\x1b" not in told
