"""What people write in their own words when they sign: it says something, others can read it, nobody gave it to them.
Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from collectors.passages import collapsed

FEWEST, LONGEST = 3, 2000  # words; characters
_NO_SPACES = 2  # letters of a script without spaces between words that count as one of ours


def words(text: str) -> int:
    """How many words there are; marks and what cannot be seen are none. Scripts without spaces count by letters."""
    return sum(_words(one) for one in text.split())


def _words(piece: str) -> int:
    letters = [c for c in piece if c.isalnum()]
    joined = sum(unicodedata.category(c) == "Lo" and not _spaced(c) for c in letters)
    return max(joined // _NO_SPACES, min(len(letters), 1))


def _spaced(letter: str) -> bool:
    """Is this a letter of a script that puts spaces between words? Those of East Asia and Thai, Lao, Khmer do not."""
    wide = unicodedata.east_asian_width(letter) in ("W", "F")
    return not (wide or "\u0e00" <= letter < "\u0f00" or "\u1780" <= letter < "\u1800")


def unreadable(text: str) -> str:
    """Why others could not read it in full, or ""."""
    if len(text) > LONGEST:
        return f"is longer than {LONGEST:,} characters"
    hidden = [c for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cs")]
    return f"holds U+{ord(hidden[0]):04X}, which no screen shows" if hidden else ""


def plain(text: str) -> str:
    """For comparing: case and spaces make no words of one's own."""
    return collapsed(text).casefold().rstrip(".!?…")


def repeats(text: str, shown: Iterable[str]) -> bool:
    """Is it what the page says already?"""
    return plain(text) in {plain(one) for one in shown}
