"""What people write in their own words when they sign: it says something, others can read it, nobody gave it to them.
Pure.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

FEWEST, LONGEST = 3, 2000  # words; characters
_NO_SPACES = 2  # letters of a script without spaces between words that count as one of ours
_UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})


def words(text: str) -> int:
    """How many different words there are; numbers, marks and what cannot be seen are none.

    Scripts without spaces count by letters.
    """
    return sum(_words(one) for one in {word for word in plain(text).split() if not word.isdigit()})


def _words(word: str) -> int:
    joined = sum(unicodedata.category(c) == "Lo" and not _spaced(c) for c in word)
    return max(joined // _NO_SPACES, 1)


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
    """Its words alone: the same whatever signs, unseen characters and wide or small letters stand around them."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(c if c.isalnum() or _is_mark(c) else " " for c in seen).split()).casefold()


def _is_mark(character: str) -> bool:
    """A vowel or an accent that stands over, under or beside its letter."""
    return unicodedata.category(character).startswith("M")


def repeats(text: str, shown: Iterable[str]) -> bool:
    """Is it a part of what the page says already, or little besides that?"""
    said = [plain(one) for one in shown]
    own = f" {plain(text)} "
    if any(own in f" {one} " for one in said):
        return True
    for one in sorted(filter(None, said), key=len, reverse=True):
        own = own.replace(f" {one} ", " ")
    return words(own) < FEWEST
