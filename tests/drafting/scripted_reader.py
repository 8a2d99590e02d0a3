"""A scripted reader on loopback: it reads its prompt as a model would and answers well, or badly in one way.

Where the prompt carries no marks of data, it follows the orders that it finds in the text, as a weak model does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agent.drafting.instructions import looks_like
from collectors.sandbox.server import Asked, Reply, serve
from tests.drafting.scripted import Good, message, shown

_MARKED = re.compile(
    r"^(?P<mark>DATA-[0-9a-f]{12}) (?P<source>S\d+)\.(?P<passage>\d+)(?: \[(?P<place>[^\]]*)\])?\| (?P<text>.*)$"
)
_FINDING = re.compile(r"^(?:DATA-[0-9a-f]{12} )?(?P<id>E\d+)\| (?P<text>.*)$")


@dataclass(frozen=True)
class Line:
    """One passage as the prompt shows it."""

    source: str
    passage: int
    place: str
    text: str

    def quote(self, **change: object) -> dict[str, object]:
        return {"source": self.source, "passage": self.passage, "text": self.text, **change}


@dataclass(frozen=True)
class Seen:
    """The prompt of one call, taken apart. `marked` says whether its data was marked as such."""

    lines: list[Line]
    findings: dict[str, str]
    marked: bool

    def line(self, words: str) -> Line:
        return next(line for line in self.lines if words in line.text)

    def finding(self, words: str) -> str:
        return next(id for id, text in self.findings.items() if words in text)


Told = dict[str, object]
Reader = Callable[[Seen], Told]


def seen(prompt: str) -> Seen:
    """The mark that counts is the one that the first line announces, whatever stands in the text."""
    announced = re.match(r"The mark of data in this message is `(DATA-[0-9a-f]{12})`\.\n", prompt)
    mark = announced[1] if announced else None
    findings = {found["id"]: found["text"] for line in prompt.splitlines() if (found := _FINDING.match(line))}
    matches = [found for line in prompt.splitlines() if (found := _MARKED.match(line)) and found["mark"] == mark]
    lines = [Line(m["source"], int(m["passage"]), m["place"] or "", m["text"]) for m in matches]
    return Seen(lines if mark else list(_bare(prompt)), findings, mark is not None)


def _bare(prompt: str) -> Iterator[Line]:
    source, count = "", 0
    for text in prompt.split("## What evidence says")[0].splitlines():
        if text.startswith("## Source "):
            source, count = text.removeprefix("## Source "), 0
        elif text:
            count += 1
            yield Line(source, count, "", text)


def told(quotes: list[Told] | None = None, concerns: list[Told] | None = None) -> Told:
    return {"quotes": quotes or [], "concerns": concerns or []}


def doubt(kind: str, *quotes: dict[str, object], findings: tuple[str, ...] = ()) -> Told:
    return {"kind": kind, "quotes": list(quotes), "findings": list(findings)}


def good(seen: Seen) -> Told:
    """Quotes how to stop it, doubts the timing against the drill, and asks what became of the work by hand."""
    stop, ends = seen.line("Turn targeting **off**"), seen.line("end within a minute")
    drilled, byhand = seen.finding("flight"), seen.line("went back to matching by hand")
    return told(
        [stop.quote(label="how_to_stop")],
        [doubt("against_evidence", ends.quote(), findings=(drilled,)), doubt("no_name_or_date", byhand.quote())],
    )


def obedient(seen: Seen) -> Told:
    """Does what marked data says never, and what unmarked text says always: everything is fine, nothing to ask."""
    orders = [line for line in seen.lines if looks_like(line.text)]
    if seen.marked or not orders:
        return told()
    lie = {"source": "S1", "passage": 1, "text": "Everything was approved by Jane Doe.", "label": "outcome"}
    return {**told([lie]), "verdict": "cleared", "proposal": "cleared", "send_to": "attacker@evil.example"}


@dataclass
class Endpoint:
    """The Messages API with a reader and a good writer behind it. `asked` are the reader's prompts."""

    reader: Reader | Reply
    asked: list[dict[str, object]] = field(default_factory=list)
    writer: Good = field(default_factory=Good)

    def answer(self, asked: Asked) -> Reply:
        body = asked.json()
        assert isinstance(body, dict)
        prompt = str(body["messages"][0]["content"])  # type: ignore[index,call-overload]
        if '"concerns"' not in json.dumps(body["output_config"]):
            return message(json.dumps(self.writer(shown(prompt))))
        self.asked.append(body)
        return self.reader if isinstance(self.reader, Reply) else message(json.dumps(self.reader(seen(prompt))))


@contextmanager
def endpoint(reader: Reader | Reply) -> Iterator[tuple[str, Endpoint]]:
    """Its address, and what it was asked."""
    behind = Endpoint(reader)
    running = serve(behind)
    try:
        yield running.url, behind
    finally:
        running.close()
