"""Event searches that ask the same of different subjects, and the one search that asks them all.

Two searches are the same question when they differ in the value of one attribute, or of the service, and in nothing
else. What is not plainly so is asked as it stands: words, wildcards, quotes, `-`, OR, a name that stands twice. Each
event that comes back shows whose it is; one that is nobody's leaves everyone to be asked alone. So does a search that
goes on for more pages than asking each alone would take, and so is whoever has no event in it: the shared answer proves
that something happened, never that nothing did.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from collectors.datadog.events import LONGEST, Read
from collectors.datadog.grouping import Group, Shape, Wanted, apart
from collectors.datadog.reading import at
from collectors.errors import Truncated

TERM = re.compile(r"(service|@[A-Za-z][\w.-]*):((?!(?:AND|OR|NOT)$)[A-Za-z0-9/][\w./-]*)")
ANY_TERM = re.compile(r"@?[A-Za-z][\w.-]*:(?!(?:AND|OR|NOT)$)[A-Za-z0-9/][\w./-]*")
LARGEST = 100  # values in one search, which the vendor does not bound in its documents
FEW = 4  # so many searches are made one by one

Event = dict[str, JsonValue]


@dataclass(frozen=True)
class _Shape:
    """A search less the value of one of its terms."""

    rest: tuple[str, ...]
    name: str

    def over(self, members: Mapping[str, Wanted]) -> Group:
        query = " ".join((*self.rest, f"{self.name}:({' OR '.join(sorted(members))})"))
        return Group(query, "", self.name, members)


def groups(wanted: Sequence[Wanted]) -> tuple[list[Group], list[Wanted]]:
    """The searches to be made together, and those to be made as they stand."""
    return apart(wanted, FEW + 1, _shapes, LARGEST)


def _shapes(one: Wanted) -> list[tuple[Shape, str]]:
    """Each way to leave the value of one term open."""
    terms = one[0].split()
    names = [term.partition(":")[0] for term in terms]
    if len(set(names)) < len(names) or not all(ANY_TERM.fullmatch(term) for term in terms):
        return []
    open_ = [found for term in terms if (found := TERM.fullmatch(term))]
    return [(_Shape(tuple(sorted(t for t in terms if t != found[0])), found[1]), found[2]) for found in open_]


def parted(group: Group, read: Callable[[str, int], Read]) -> dict[str, Read]:
    """The events of each value of the group's term that has any; nothing where they cannot be told apart.

    `read` makes one search of at most so many pages.
    """
    try:
        found = read(group.query, min(LONGEST, len(group.members)))
    except Truncated:
        return {}
    of: dict[str, list[Event]] = defaultdict(list)
    for event in found.events:
        value = value_of(event, group.tag)
        if not isinstance(value, str) or value not in group.members:
            return {}
        of[value].append(event)
    return {value: Read(tuple(events), found.pages) for value, events in of.items()}


def value_of(event: Event, name: str) -> JsonValue:
    """What an event says under the name of a term; None where it says nothing, or says it twice."""
    if not name.startswith("@"):
        return at(event, "attributes", name)
    inner, path = at(event, "attributes", "attributes"), name[1:].split(".")
    told = [found for found in (at(inner, *path), at(inner, name[1:])) if found is not None]
    return told[0] if len(told) == 1 or (len(path) == 1 and told) else None
