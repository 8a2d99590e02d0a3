"""What lies before a reader: passages of documents and statements, numbered, capped, and marked as data. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from collectors.evidence import Model, canonical, sha256
from collectors.passages import passages

MOST_CHARACTERS = 60_000  # of all sources together
MOST_OF_ONE = 24_000
LONGEST_PASSAGE = 2_000
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


class Passage(Model):
    """`number` counts from 1 in its source; `line` in the text at `place` (empty for a document)."""

    number: int
    line: int
    place: str
    text: str


class Source(Model):
    """One document, statement or log excerpt. `left_out`: passages that are too long, hidden in part, or too many."""

    id: str
    title: str
    request_type: str
    evidence: str
    items: tuple[int, ...]
    passages: tuple[Passage, ...]
    left_out: int = 0


class Finding(Model):
    """What evidence says, in code's own sentence."""

    id: str
    item: int
    sentence: str


def cut(texts: Iterable[tuple[str, str]]) -> tuple[Passage, ...]:
    """(place, text) pairs as numbered passages."""
    found = [(place, one) for place, text in texts for one in passages(text.removeprefix("\ufeff"))]
    return tuple(
        Passage(number=number, line=one.line, place=place, text=one.text)
        for number, (place, one) in enumerate(found, start=1)
    )


def within_limits(sources: Sequence[Source]) -> tuple[Source, ...]:
    """The sources with what a reader can be shown; what is left out is counted, never cut in the middle."""
    left, shown = MOST_CHARACTERS, list[Source]()
    for source in sources:
        kept, room = list[Passage](), min(left, MOST_OF_ONE)
        for passage in source.passages:
            if len(passage.text) <= min(room, LONGEST_PASSAGE) and not is_hidden(passage.text):
                kept.append(passage)
                room -= len(passage.text)
        left -= sum(len(passage.text) for passage in kept)
        more = {"passages": tuple(kept), "left_out": len(source.passages) - len(kept)}
        shown.append(source.model_copy(update=more))
    return tuple(shown)


def is_hidden(text: str) -> bool:
    """Is there a character in it that no reader of the page would see?"""
    if text.isascii() and text.isprintable():  # most texts; looking at each character takes time
        return False
    return any(unicodedata.category(character) in _HIDDEN for character in text)


def mark_of(sources: Sequence[Source]) -> str:
    """Stands before every line of data. Text that holds it would have to hold its own digest.

    Of what is shown alone: the same text, fetched again, makes the same prompt, which need not be asked again.
    """
    shown = [(source.id, [one.model_dump(mode="json") for one in source.passages]) for source in sources]
    return f"DATA-{sha256(canonical(shown))[:12]}"
