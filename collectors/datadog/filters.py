"""Can one log match two filters, or this event that query? Pure; only what their own words show is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

# a log has one of each: the vendor's reserved attributes; a tag or a field of its own may have many
ONE_OF_EACH = frozenset({"service", "source", "status"})
TERM = re.compile(r"(-?)(@?[A-Za-z][\w.-]*):([\w.-]+)")
NOT_PLAIN = re.compile(r'[()"\\|]|\b(OR|NOT)\b', re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """`key:value`, or `-key:value` where it is `denied`."""

    denied: bool
    key: str
    value: str


def surely_apart(one: str, other: str) -> bool:
    """True only where no log can match both: one asks for what the other denies, or for another value of one field."""
    ours, theirs = _terms(one), _terms(other)
    return any(_excludes(a, b) for a in ours for b in theirs)


def denied(query: str, said: Callable[[str], JsonValue]) -> str:
    """The first plain term that an event contradicts; "" where it contradicts none. `said`: a field's value, or None.

    Only a field that is there with one other value contradicts: what is left out, or is a list, may still match.
    """
    for term in _terms(query):
        value = said(term.key)
        same = str(value).casefold() == term.value.casefold()
        if isinstance(value, str | int | float) and not isinstance(value, bool) and same is term.denied:
            return f"{'-' if term.denied else ''}{term.key}:{term.value}"
    return ""


def _terms(query: str) -> list[Term]:
    """The plain terms that must all hold; none of a query that is more than such a list."""
    return [] if NOT_PLAIN.search(query) else list(_plain(query))


def _plain(query: str) -> Iterator[Term]:
    """A word, a wildcard or a range only narrows, so it can be left out."""
    for word in query.split():
        if found := TERM.fullmatch(word):
            yield Term(bool(found[1]), found[2], found[3])


def _excludes(a: Term, b: Term) -> bool:
    if a.key != b.key:
        return False
    if a.denied != b.denied:
        return a.value == b.value
    return not a.denied and a.key in ONE_OF_EACH and a.value.casefold() != b.value.casefold()
