"""Text that somebody else wrote, as it may be printed: control characters go nowhere."""

from __future__ import annotations

import re
import unicodedata

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def plain(text: str) -> str:
    """The text without escape sequences, control, bidirectional and zero-width characters; new lines and tabs stay."""
    return "".join(c for c in _ESCAPES.sub("", text) if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
