"""What of the evidence a reader is shown, and which of all evidence holds text that looks like instructions. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from pydantic import JsonValue

from agent.concerns import InstructionsFound
from agent.domain import ItemResult
from agent.drafting.instructions import looks_like, suspects
from agent.drafting.parts import sentence
from agent.drafting.reading import Finding, Source, cut, within_limits
from agent.drafting.values import clean
from agent.workflow.judging import Case
from collectors.evidence import Answer, Evidence, Gap, pointer

MOST_SOURCES, MOST_FINDINGS, MOST_LEAVES = 40, 60, 200
LONGEST_PLACE = 120
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
Texts = Iterator[tuple[str, list[tuple[str, str]]]]  # (title, its (place, text) pairs)


def sources(case: Case) -> tuple[Source, ...]:
    """Every document, statement and log excerpt, each once, within the reader's limits.

    Of those beyond MOST_SOURCES nothing is shown, and all that they hold counts as left out.
    """
    found: list[Source] = []
    for digest, evidence, items in _answered(case):
        if not isinstance(evidence, Evidence):
            continue
        how = _HOW.get(evidence.request_type) or (_stated if evidence.request_type.startswith("attestation.") else None)
        for title, texts in how(evidence.body) if how else ():
            passages = cut((clean(place, LONGEST_PLACE), text) for place, text in texts)
            source = Source(
                id=f"S{len(found) + 1}", title=clean(title, LONGEST_PLACE), request_type=evidence.request_type,
                evidence=digest, items=items, passages=passages,
            )  # fmt: skip
            if all((one.title, one.passages) != (source.title, source.passages) for one in found):
                found.append(source)
    beyond = (one.model_copy(update={"passages": (), "left_out": len(one.passages)}) for one in found[MOST_SOURCES:])
    return (*within_limits(found[:MOST_SOURCES]), *beyond)


def findings(items: Sequence[ItemResult], shown: Sequence[Source], zone: str) -> tuple[Finding, ...]:
    """What evidence says on the items that a source is about, in code's own sentences."""
    about = {number for source in shown for number in source.items}
    told = [(i.number, sentence(f, zone)) for i in items if i.number in about for f in i.findings]
    return tuple(
        Finding(id=f"E{n}", item=item, sentence=text) for n, (item, text) in enumerate(told[:MOST_FINDINGS], start=1)
    )


def instructions(case: Case) -> tuple[InstructionsFound, ...]:
    """All evidence, gaps too, whose text or names look like instructions; judged by code, and it moves no verdict."""
    found: list[InstructionsFound] = []
    read = [(digest, answer, items, _body(answer)) for digest, answer, items in _answered(case)]
    texts = [_texts(body) for *_, body in read]
    suspected = suspects(set[str]().union(*texts))
    for (digest, answer, items, body), own in zip(read, texts, strict=True):
        if not own.isdisjoint(suspected):  # where is asked only then
            hits = [(place, signs) for place, text in _strings(body) if (signs := looks_like(text))]
            signs = tuple(sorted({sign for _, signs in hits for sign in signs}))
            found.append(
                InstructionsFound(
                    evidence=digest, request_type=answer.request_type, items=items, pointer=clean(hits[0][0], 200),
                    places=len(hits), looks_like=signs,
                )
            )  # fmt: skip
    return tuple(found)


def _body(answer: Answer) -> JsonValue:
    """What somebody else wrote of it: of a gap, its sentences."""
    return answer.body if isinstance(answer, Evidence) else _words_of(answer)


def _words_of(gap: Gap) -> JsonValue:
    return {"what": gap.what, "next_step": gap.next_step, "params": gap.params}


def _answered(case: Case) -> Iterator[tuple[str, Answer, tuple[int, ...]]]:
    """(digest, answer, the items that asked for it) in the gate's order, each once."""
    items: dict[str, tuple[Answer, set[int]]] = {}
    for row in case.rows:
        items.setdefault(case.digests[row.key], (case.answers[row.key], set()))[1].add(row.item)
    return ((digest, answer, tuple(sorted(asked - {0}))) for digest, (answer, asked) in items.items())


def _texts(value: JsonValue) -> set[str]:
    """Every text in an answer once, names of fields too."""
    found, left = set[str](), [value]
    for one in left:  # which grows meanwhile
        if isinstance(one, str):
            found.add(one)
        elif isinstance(one, dict):
            found.update(one)
            left += one.values()
        elif isinstance(one, list):
            left += one
    return found


def _strings(value: JsonValue, at: str = "") -> Iterator[tuple[str, str]]:
    """Every text in an answer with its pointer, names of fields too."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield at + pointer(name), name
            yield from _strings(inner, at + pointer(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, f"{at}/{index}")


def _leaves(value: JsonValue, at: str = "") -> Iterator[tuple[str, str]]:
    """Every value that says something, as text; field names are in the pointer."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            yield from _leaves(inner, at + pointer(name))
    elif value is not None:
        yield at, value if isinstance(value, str) else str(value).lower()


def _document(body: Mapping[str, JsonValue]) -> Texts:
    """A document's text, wherever the source's answer holds it."""
    for part in (*body.values(), dict(body)):
        if isinstance(part, dict) and isinstance(text := part.get("text"), str):
            yield str(part.get("path", "the document")), [("", text)]


def _stated(body: Mapping[str, JsonValue]) -> Texts:
    """What each statement says: its author, its time and its fields; references by digest are nobody's words."""
    for name, part in body.items():
        said = part.get("document") if isinstance(part, dict) else None
        if isinstance(said, dict):
            kept = {"author": said.get("author"), "made_at": said.get("made_at"), "fields": said.get("fields")}
            yield name, [(at, text) for at, text in _leaves(kept) if not _DIGEST.fullmatch(text)]


def _excerpt(body: Mapping[str, JsonValue]) -> Texts:
    """The first values of a log's events, as they stand in the evidence."""
    yield "the first events", list(islice(_leaves({k: v for k, v in body.items() if isinstance(v, list)}), MOST_LEAVES))


_HOW: Mapping[str, Callable[[Mapping[str, JsonValue]], Texts]] = MappingProxyType({
    "documents.file": _document, "github.file": _document, "datadog.logs": _excerpt,
    "langsmith.guardrail_runs": _excerpt, "slack.scheduled_messages": _excerpt,
})  # fmt: skip
