"""The audit log's filters: resource specifier, text, bounds in milliseconds, and one to twenty entries a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from collectors.sandbox.launchdarkly.bodies import Json, listed, resource
from collectors.sandbox.launchdarkly.state import Entry, LaunchDarklyWorld
from collectors.sandbox.server import Asked

LONGEST_PAGE = 20
SHORT_PAGE = 10  # what comes when no `limit` is sent


class Invalid(ValueError):
    """A parameter that the API answers with 400."""


class Log:
    """All entries, to be found by id, and newest first by the one resource that a specifier may name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._newest_first = sorted(entries, key=lambda entry: (entry.millis, entry.number), reverse=True)
        self._by_id = {entry.id: entry for entry in self._newest_first}
        self._by_name: dict[str, list[Entry]] = {}
        for entry in self._newest_first:
            self._by_name.setdefault(resource(entry).partition(";")[0], []).append(entry)

    def get(self, id: str) -> Entry | None:
        return self._by_id.get(id)

    def about(self, spec: str | None) -> list[Entry]:
        """Those that the specifier may cover, newest first."""
        name = (spec or "*").partition(";")[0]
        return self._newest_first if set("*?[") & set(name) else self._by_name.get(name, [])


@dataclass(frozen=True)
class Filter:
    """`before` and `after` are exclusive, in epoch milliseconds."""

    spec: str | None
    text: str
    before: int | None
    after: int | None
    limit: int

    @classmethod
    def of(cls, asked: Asked) -> Filter:
        limit = _number(asked, "limit")
        if limit is not None and not 1 <= limit <= LONGEST_PAGE:
            raise Invalid(f"limit must be between 1 and {LONGEST_PAGE}")
        return cls(
            asked.one("spec"), (asked.one("q") or "").lower(), _number(asked, "before"), _number(asked, "after"),
            limit or SHORT_PAGE,
        )  # fmt: skip

    def page(self, log: Log, world: LaunchDarklyWorld) -> list[Json]:
        """The newest entries that match, newest first."""
        matching = (entry for entry in log.about(self.spec) if self._holds(entry, world))
        return [listed(entry, world) for entry in islice(matching, self.limit)]

    def _holds(self, entry: Entry, world: LaunchDarklyWorld) -> bool:
        if self.before is not None and entry.millis >= self.before:
            return False
        if self.after is not None and entry.millis <= self.after:
            return False
        if self.spec and not matches(self.spec, resource(entry)):
            return False
        if not self.text:
            return True
        body = listed(entry, world)
        return any(self.text in str(body[name]).lower() for name in ("name", "title", "description", "comment"))


def matches(spec: str, name: str) -> bool:
    """Does a resource specifier (`*` in every part, tags after a semicolon) cover this resource?"""
    wanted, held = spec.split(":"), name.split(":")
    return len(wanted) == len(held) and all(_covers(w, h) for w, h in zip(wanted, held, strict=True))


def _covers(wanted: str, held: str) -> bool:
    (pattern, _, tags), (name, _, held_tags) = wanted.partition(";"), held.partition(";")
    asked_tags = {tag for tag in tags.split(",") if tag}
    return fnmatchcase(name, pattern) and asked_tags <= set(held_tags.split(","))


def _number(asked: Asked, name: str) -> int | None:
    text = asked.one(name)
    if text is None:
        return None
    if not text.isdigit():
        raise Invalid(f"{name} must be a number")
    return int(text)
