"""Every format of a digest by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent.digests import Digest
from agent.outputs.sweep import as_json, html, markdown, slack

FORMATS: Mapping[str, Callable[[Digest], str]] = {
    "md": markdown.render,
    "html": html.render,
    "json": as_json.render,
    "slack": slack.render,
}


def render(digest: Digest, form: str) -> str:
    """The digest as text that ends in a new line."""
    return FORMATS[form](digest)
