"""E-mail addresses in others' texts, found in one walk through them.

A pattern that begins anew at each character of a long word takes minutes for a hundred thousand of them, and whoever
writes a message at a source would choose how long a review takes. So each word is taken as a whole, with what makes an
address of it if that follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from collectors.evidence import fingerprint

_STRICT = re.compile(r"[\w.+-]+(@[\w-]+(?:\.[\w-]+)+)?")
_WIDE = re.compile(r"[^\s@<>\"']+(@[^\s@<>\"']+\.[A-Za-z]{2,})?")


def under_names(text: str) -> str:
    """The text with each address replaced by a one-way name that stays the same for the same person."""
    return _each(_STRICT, text, lambda address: f"person-{fingerprint(address.lower())}")


def without(text: str, removed: str) -> str:
    """The text with `removed` in place of whatever may be an address, unusual ones too."""
    return _each(_WIDE, text, lambda address: removed)


def _each(words: re.Pattern[str], text: str, put: Callable[[str], str]) -> str:
    if "@" not in text:
        return text
    return words.sub(lambda found: put(found[0]) if found[1] else found[0], text)
