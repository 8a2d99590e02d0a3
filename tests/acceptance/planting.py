"""Injections in every field of every source that holds somebody's words: nothing but text changes on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import yaml

from agent.yaml_lines import FastLoader
from collectors.sandbox.server import Asked, Reply
from tests import plain_yaml
from tests.acceptance.between import between
from tests.injections import INJECTIONS, LONGEST_SHORT

WORDS = frozenset({
    "name", "title", "summary", "description", "comment", "message", "text", "display_name", "displayName", "real_name",
    "notes", "job_title", "author_name", "label", "Description", "login", "creator", "body",
})  # fmt: skip
# Not somebody's words: what a collector joins, parses or compares by.
NEVER = frozenset({
    "query", "q", "filter", "type", "id", "email", "self", "html_url", "encoding", "sha", "path", "kind", "content",
    "requests", "queries", "formulas", "columns", "series", "unit", "priority", "priorities",
    "template_variables",
})  # fmt: skip
_TIME = re.compile(r"\d{4}-\d\d-\d\d")
_XML = re.compile(rb"(<(?:ID|Description|DisplayName)>)([^<]*)(</)")
URLS = {
    "CLEARANCE_PAGERDUTY_URL", "CLEARANCE_LAUNCHDARKLY_URL", "CLEARANCE_DATADOG_URL", "AWS_ENDPOINT_URL",
    "CLEARANCE_LANGSMITH_URL", "CLEARANCE_GITHUB_URL", "CLEARANCE_SLACK_URL", "CLEARANCE_OKTA_URL",
}  # fmt: skip


class Planter:
    """Adds the next of `texts` to each text; `kept` are names that the card refers to, which are no free text."""

    def __init__(self, kept: set[str], texts: Mapping[str, str] = INJECTIONS) -> None:
        self.kept, self.turn, self.planted = kept, count(), set[str]()
        self.texts = dict(sorted(texts.items()))
        self.short = {name: text for name, text in self.texts.items() if len(text) <= LONGEST_SHORT} or {
            name: text[:LONGEST_SHORT] for name, text in self.texts.items()
        }

    def text(self, old: str, among: dict[str, str] | None = None) -> str:
        found = among or self.texts
        name = list(found)[next(self.turn) % len(found)]
        self.planted.add(name)
        return f"{old} {found[name]}"

    def into(self, value: Any, key: str = "") -> Any:
        if key in NEVER:
            return value
        if isinstance(value, dict):
            return {name: self.into(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.into(inner, key) for inner in value]
        free = isinstance(value, str) and (key in WORDS or " " in value)
        return self.text(value) if free and value not in self.kept and not _TIME.match(value) else value

    def reply(self, asked: Asked, whole: Callable[[], Reply]) -> Reply:
        """The same answer with every text in it extended."""
        reply = whole()
        if reply.stream is not None or reply.status >= 400 or "sdk" in asked.path:
            return reply
        if reply.body[:1] == b"<":
            return replace(reply, body=_XML.sub(self._element, reply.body))
        try:
            return replace(reply, body=json.dumps(self.into(json.loads(reply.body))).encode())
        except ValueError:
            return reply

    def _element(self, found: re.Match[bytes]) -> bytes:
        if found[2].decode() in self.kept:
            return found[0]
        return found[1] + escape(self.text(found[2].decode(), self.short)).encode() + found[3]


def kept_words(overlay: Path) -> set[str]:
    """Every value of card and people: a source that calls them otherwise would be another source."""
    files = [*overlay.glob("cards/*/card.yaml"), overlay / "people.yaml"]
    return {leaf for path in files for leaf in leaves(yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader))}


def leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in (*value, *value.values()):
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


@contextmanager
def planted_sources(settings: dict[str, str], planter: Planter) -> Iterator[dict[str, str]]:
    """Every source of a world behind a planter: the settings that lead there."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(between(settings[name], planter.reply)) for name in sorted(URLS & set(settings))
        }


LINES = ("in_flight_outcome", "new_work", "where", "when", "audience", "answer")  # of statements, each somebody's words


def plant_overlay(overlay: Path, *, runbook: bool = True, texts: Mapping[str, str] = INJECTIONS) -> None:
    """The same in every statement, and in the runbook where it is the one that was answered about."""
    planter = Planter(set(), texts)
    for path in sorted((overlay / "statements").glob("*.yaml")):
        said = yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader)
        said["fields"] = _said(said["fields"], planter)
        path.write_text(plain_yaml.dump(said, sort_keys=False, allow_unicode=True), encoding="utf-8")
    text, orders = overlay / "documents" / "runbook.md", "\n\n".join(texts.values())
    if runbook:
        text.write_text(f"{text.read_text(encoding='utf-8')}\n{orders}\n", encoding="utf-8")


def _said(value: Any, planter: Planter, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _said(inner, planter, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_said(inner, planter, key) for inner in value]
    return planter.text(value[:40], planter.short)[:200] if isinstance(value, str) and key in LINES else value
