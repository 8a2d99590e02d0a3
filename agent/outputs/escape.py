"""Hostile text in Markdown: what others wrote shows as itself, and never as a table, link, heading, HTML or list."""

from __future__ import annotations

import re

from agent.drafting.values import clean

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_SPECIAL = re.compile(r"[&<>|]|[\\`*_{}\[\]#~$@^]")
_LINKED = re.compile(r"://|\bwww\.|\b(?:mailto|xmpp):", re.IGNORECASE)
_AT_START = re.compile(r"[-+=:]|\d{1,9}[.)]")


def md(text: str, cap: int = 1000) -> str:
    """One line of text for a paragraph, a list entry or a table cell."""
    line = _SPECIAL.sub(_escaped, clean(text, cap))
    line = _LINKED.sub(lambda found: re.sub(r"[:/.]", r"\\\g<0>", found[0]), line)
    return (
        _AT_START.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", line, count=1)
        if _AT_START.match(line)
        else line
    )


def code(text: str, cap: int = 300) -> str:
    """A code span; backticks in the text are left out, and a pipe cannot be written in one, so it is left out too."""
    return f"`{re.sub('[`|]', '', clean(text, cap)) or ' '}`"


def _escaped(found: re.Match[str]) -> str:
    return _ENTITIES.get(found[0], "\\" + found[0])
