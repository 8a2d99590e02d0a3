"""Blocks of Slack's Block Kit. Text from outside goes into plain text, where nothing is read as markup.

Limits: https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from agent.drafting.values import clean
from agent.outputs.telling.slack import escape

Block = dict[str, JsonValue]
SECTION, HEADER, LABEL, FALLBACK = 3000, 150, 2000, 3000  # characters
MESSAGE, VIEW = 50, 100  # blocks


def plain(text: str, cap: int = SECTION) -> Block:
    """A text object in which `*`, `<!channel>` and `:emoji:` mean nothing."""
    return {"type": "plain_text", "text": _capped(text, cap) or " ", "emoji": False}


def _capped(text: str, cap: int) -> str:
    lines = "\n".join(clean(line, cap) for line in text.split("\n"))
    return lines if len(lines) <= cap else lines[: cap - 1] + "…"


def section(text: str) -> Block:
    return {"type": "section", "text": plain(text)}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(clean(text, HEADER), HEADER)}


def context(text: str) -> Block:
    return {"type": "context", "elements": [plain(text, 2000)]}


def divider() -> Block:
    return {"type": "divider"}


def button(label: str, *, action: str, value: str = "", url: str = "") -> Block:
    made: Block = {"type": "button", "text": plain(label, 75), "action_id": action}
    return made | ({"url": url} if url else {}) | ({"value": value} if value else {})


def actions(buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(buttons)}


def packed(lines: Iterable[str]) -> Iterator[Block]:
    """Lines in as few sections as hold them; a line that is longer than a section goes on in the next one, whole."""
    held = ""
    for line in (part for whole in lines for part in _split(whole)):
        if held and len(held) + 1 + len(line) > SECTION:
            yield section(held)
            held = ""
        held = f"{held}\n{line}" if held else line
    if held:
        yield section(held)


def _split(text: str) -> Iterator[str]:
    seen = clean(text, len(text) + 1)
    yield from (seen[at : at + SECTION] for at in range(0, max(len(seen), 1), SECTION))


def fallback(text: str) -> str:
    """What notifications show. There the three characters that Slack reads are replaced."""
    return escape(clean(text, FALLBACK))
