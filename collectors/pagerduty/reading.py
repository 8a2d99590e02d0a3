"""Typed reading of PagerDuty's JSON: every value with the pointer to where it stands, every surprise a Malformed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import JsonValue

from collectors import evidence
from collectors.errors import Malformed
from collectors.evidence import Duration, Person, Resource, State, Time

LONGEST = 200  # characters of a name that a fact can hold
F = TypeVar("F", Resource, State)


@dataclass(frozen=True)
class Node:
    """One value of an answer and the JSON pointer to it. A missing field reads as null and is not `given`."""

    value: JsonValue
    at: str = ""
    given: bool = True

    def __getitem__(self, key: str) -> Node:
        if not isinstance(self.value, dict):
            raise self.surprise("an object")
        return Node(self.value.get(key), self.at + evidence.pointer(key), key in self.value)

    def __iter__(self) -> Iterator[Node]:
        if not isinstance(self.value, list):
            raise self.surprise("a list")
        return (Node(item, f"{self.at}/{i}") for i, item in enumerate(self.value))

    @property
    def absent(self) -> bool:
        return self.value is None

    def text(self) -> str:
        if not isinstance(self.value, str) or not 0 < len(self.value) <= LONGEST:
            raise self.surprise(f"a text of 1 to {LONGEST} characters")
        return self.value

    def count(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.surprise("a whole number from 0")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.surprise("true or false")
        return self.value

    def instant(self) -> datetime:
        try:
            read = datetime.fromisoformat(self.text())
        except ValueError as error:
            raise self.surprise("a time") from error
        if read.tzinfo is None:
            raise self.surprise("a time with its offset")
        return read

    def surprise(self, wanted: str) -> Malformed:
        """The failure to raise when this is not `wanted`; it never repeats the value, which is hostile text."""
        found = "nothing" if self.value is None else f"a {type(self.value).__name__}"
        return Malformed(f"PagerDuty's answer holds {found} at {self.at or '/'} where {wanted} is expected")


def resource(node: Node) -> Resource:
    return Resource(value=node.text(), pointer=node.at)


def state(node: Node) -> State:
    if len(node.text()) > 80:
        raise node.surprise("a word of a closed set")
    return State(value=node.text(), pointer=node.at)


def time(node: Node) -> Time:
    return Time(value=node.instant(), pointer=node.at)


def minutes(node: Node) -> Duration:
    """A number of minutes as a duration in seconds."""
    return Duration(value=node.count() * 60.0, pointer=node.at)


def person(name: Node, id: str) -> Person:
    return Person(value=name.text(), id=id, pointer=name.at)


def named(thing: Node) -> Node:
    """Where a thing's name stands: its summary, its name, or at worst its id."""
    return next((thing[key] for key in ("summary", "name") if not thing[key].absent), thing["id"])


def account_of(thing: Node) -> str:
    """The account's subdomain, as the page about a thing names it."""
    found = re.match(r"https://([a-z0-9-]+)\.", page_of(thing))
    return found[1] if found else ""


def page_of(thing: Node) -> str:
    """The vendor's page about a thing, "" when it gives none that is safe to follow."""
    url = thing["html_url"].value
    return url if isinstance(url, str) and url.startswith("https://") and len(url) < 500 else ""
