"""What counts as words of one's own."""

from __future__ import annotations

import pytest

from agent.signing.own_words import LONGEST, repeats, unreadable, words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0), ("ok", 1), ("Saw all three events", 4), ("a b c", 3),
        (". . .", 0), ("👍 👍 👍", 0), ("\u200b \u200b \u200b", 0), ("\u202e \u202e abc", 1),
        ("رأيت كل الأحداث", 3), ("ראיתי את היומן", 3), ("看到了三个护栏事件", 4), ("記録を確認しました", 4),
        ("ฉันเห็นบันทึกแล้ว", 6), ("ខ្ញុំបានឃើញ", 3), ("우리가 직접 보았다", 3),
    ],
)  # fmt: skip
def test_only_what_says_something_counts(text: str, count: int):
    """Marks, emoji and what cannot be seen are no words; scripts without spaces between words are not at a loss."""
    assert words(text) == count


def test_others_have_to_be_able_to_read_all_of_it():
    assert unreadable("Seen,\n\ton both days 👍 \u202eabc") == ""
    assert unreadable("x" * LONGEST) == ""
    assert unreadable("x" * (LONGEST + 1)) == "is longer than 2,000 characters"
    assert unreadable("a\x00b") == "holds U+0000, which no screen shows"
    assert unreadable("a\ud83db") == "holds U+D83D, which no screen shows"


def test_what_the_page_says_is_not_ones_own():
    shown = ("The drill ran from two until three.",)
    assert repeats("the drill  ran from two until THREE", shown)
    assert not repeats("I was there when the drill ran", shown)
