"""Metric queries that ask the same of different subjects, and the one grouped query that asks them all. Pure.

Two queries are the same question when they differ in the value of a single tag and in nothing else. What is not proven
to be so is asked as it stands: wildcards, `!`, OR and IN, a tag named twice, functions other than the few below. The
vendor refuses `,` beside AND and IN, so the scope is written with AND throughout.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Wanted = tuple[str, str]  # query, aggregator
SAME_IN_A_GROUP = re.compile(
    r"(?P<head>(?:avg|sum|min|max|p\d\d?):[\w.]+)\{(?P<scope>[^{}]*)\}"
    r"(?P<tail>(?:\.as_count\(\)|\.as_rate\(\)|\.rollup\(\w+,\s*\d+\))*)"
)
TERM = re.compile(r"([a-z][a-z0-9_./-]*):([a-z0-9][a-z0-9_./-]*)")  # the vendor writes tags in lower case
LARGEST = 500  # subjects in one grouped query


@dataclass(frozen=True)
class Group:
    """One grouped query: `members` names the question that each value of `tag` answers."""

    query: str
    aggregator: str
    tag: str
    members: Mapping[str, Wanted]


class Shape(Hashable, Protocol):
    """A query less the value of one tag."""

    def over(self, members: Mapping[str, Wanted]) -> Group: ...


Shapes = Callable[[Wanted], Sequence[tuple[Shape, str]]]


@dataclass(frozen=True)
class _Shape:
    """A metric query less the value of one tag."""

    head: str
    rest: tuple[tuple[str, str], ...]
    tag: str
    tail: str
    aggregator: str

    def over(self, members: Mapping[str, Wanted]) -> Group:
        fixed = [f"{name}:{value}" for name, value in self.rest]
        scope = " AND ".join([*fixed, f"{self.tag} IN ({','.join(sorted(members))})"])
        query = f"{self.head}{{{scope}}} by {{{self.tag}}}{self.tail}"
        return Group(query, self.aggregator, self.tag, members)


def apart(
    wanted: Sequence[Wanted], least: int, shapes: Shapes | None = None, largest: int = LARGEST
) -> tuple[list[Group], list[Wanted]]:
    """The groups of at least `least` questions, largest first, and what is left to be asked as it stands.

    `shapes` gives each way to leave one value of a question open; the default knows metric queries.
    """
    found: dict[Shape, dict[str, Wanted]] = defaultdict(dict)
    for one in wanted:
        for shape, value in (shapes or _shapes)(one):
            found[shape].setdefault(value, one)
    left = dict.fromkeys(wanted)
    groups: list[Group] = []
    for shape, members in sorted(found.items(), key=lambda each: -len(each[1])):
        free = [(value, one) for value, one in members.items() if one in left]
        for i in range(0, len(free), largest):
            chunk = dict(free[i : i + largest])
            if len(chunk) >= least:
                groups.append(shape.over(chunk))
                for one in chunk.values():
                    del left[one]
    return groups, list(left)


def _shapes(one: Wanted) -> list[tuple[_Shape, str]]:
    """Each way to leave the value of one tag open."""
    query, aggregator = one
    found = SAME_IN_A_GROUP.fullmatch(query.strip())
    if found is None:
        return []
    matched = [TERM.fullmatch(part.strip()) for part in re.split(r",| AND ", found["scope"])]
    terms = [(term[1], term[2]) for term in matched if term]
    if len(terms) < len(matched) or len({name for name, _ in terms}) < len(terms):
        return []
    return [
        (_Shape(found["head"], tuple(t for t in sorted(terms) if t[0] != name), name, found["tail"], aggregator), value)
        for name, value in terms
    ]
