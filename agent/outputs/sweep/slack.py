"""A digest as a message for Slack's chat.postMessage: every text is plain text there, so nothing is read as markup."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agent.digests import Digest
from agent.outputs.chat.blocks import Block, context, fallback, header, packed
from agent.outputs.chat.told import Message
from agent.outputs.sweep import text


def message(digest: Digest) -> Message:
    """Its line for notifications, and its blocks."""
    return Message(fallback(text.headline(digest)), tuple(_blocks(digest)))


def render(digest: Digest) -> str:
    """The body of the call, without the channel."""
    made = message(digest)
    return json.dumps({"text": made.text, "blocks": list(made.blocks)}, indent=2) + "\n"


def _blocks(digest: Digest) -> Iterator[Block]:
    yield header(text.headline(digest))
    for title, rows in text.sections(digest):
        yield from packed([title, *(f"• {row}" for row in rows)])
    yield context(text.foot(digest))
