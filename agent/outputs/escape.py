"""Hostile text in Markdown: what others wrote shows as itself, and never as a table, link, heading, HTML or list."""

from __future__ import annotations

import re

from agent.drafting.values import clean

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_SPECIAL = re.compile(r"[&<>|]|[\\`*_{}\[\]#~$@^]")
_LINKED = re.compile(r"://|\bwww\.|\b(?:mailto|xmpp):", re.IGNORECASE)
_BLOCK = re.compile(r"\A([-+=:]|\d{1,9}[.)])")


def md(text: str, cap: int = 1000) -> str:
    """One line of text for a table cell or the middle of a line."""
    line = _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), clean(text, cap))
    return _LINKED.sub(lambda found: re.sub(r"([:/.])", r"\\\1", found[0]), line)


def opening(text: str, cap: int = 1000) -> str:
    """The same where it begins a line or list entry, so that it starts no list, heading or rule there."""
    return _BLOCK.sub(lambda found: found[1][:-1] + "\\" + found[1][-1], md(text, cap))


def code(text: str, cap: int = 300) -> str:
    """A code span; backticks in the text are left out, and a pipe cannot be written in one, so it is left out too."""
    return f"`{re.sub('[`|]', '', clean(text, cap)) or ' '}`"
