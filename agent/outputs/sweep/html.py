"""A digest as one page that needs no network, no script and no other file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from agent.digests import Digest
from agent.outputs.html import TEMPLATES, environment, sheet_digest
from agent.outputs.sweep import words

OWN = Path(__file__).parent / "templates"


@lru_cache(maxsize=1)
def _own() -> Environment:
    return environment(OWN)


def render(digest: Digest) -> str:
    css = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return _own().get_template("sweep.html").render(
        digest=digest, say=words, css=Markup(css), css_digest=sheet_digest(css),
        nearness=list(words.due_by_nearness(digest)),
    )  # fmt: skip
