"""What a model read and doubted, and what people answered: the report's part and plain rows for screens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.concerns import Concern, InstructionsFound, Reading, ReadQuote
from agent.domain import ReviewDocument, SignOff
from agent.drafting.values import clean
from agent.outputs.escape import code, md, opening

SHORT = 12
LOOKS_LIKE = "this source contains text that looks like instructions"
BEFORE = "documents were not read by a model in this review"
_AROUND, _ANSWER = 200, 2000


@dataclass(frozen=True)
class ConcernRow:
    """One concern for a screen: plain text, escaped by whoever shows it."""

    id: str
    item: int
    question: str
    quotes: tuple[str, ...]
    against: str
    answers: tuple[tuple[str, str], ...]


def rows(document: ReviewDocument, signed: Sequence[SignOff]) -> list[ConcernRow]:
    """Every concern with its quotes, and who answered what."""
    return [
        ConcernRow(
            one.id, one.item, one.question,
            tuple(f"“{quote.text}” ({_where(document.reading, quote)})" for quote in one.quotes), one.against,
            tuple((signoff.name, clean(signoff.concerns[one.id], _ANSWER)) for signoff in signed
                  if one.id in signoff.concerns),
        )
        for one in document.concerns
    ]  # fmt: skip


def told_of_reading(reading: Reading | None) -> str:
    """In a sentence: who read how much, or why nobody did."""
    if reading is None:
        return _sentence(BEFORE)
    if reading.why_none:
        return _sentence(reading.why_none)
    left = sum(source.left_out for source in reading.sources)
    out = f"; {_count(left, 'passage')} too long, too many or partly hidden to be shown to it" if left else ""
    thrown = sum(reading.rejected.values())
    bad = (
        f"; {_count(thrown, 'part of its answer') if thrown == 1 else f'{thrown} parts of its answer were'} thrown away"
        if thrown
        else ""
    )
    count = len(reading.sources)
    what = f"{count} documents, statements and log excerpts were" if count != 1 else "1 document, statement or log was"
    return f"{what} read by a model{out}{bad}."


def hostile(document: ReviewDocument) -> Iterator[str]:
    """For each piece of evidence that looks like it gives orders: a plain sentence that says so."""
    for one in document.reading.instructions if document.reading else ():
        yield f"{one.request_type}{_of_items(one)}: {LOOKS_LIKE} ({', '.join(one.looks_like)}), first at {one.pointer}"


def hostile_lines(document: ReviewDocument) -> Iterator[str]:
    """The same for the report's head."""
    for one in document.reading.instructions if document.reading else ():
        where = f"{md(one.request_type)}{_of_items(one)}, evidence {code(one.evidence[:SHORT])}"
        more = f" and {one.places - 1} more" if one.places > 1 else ""
        yield (
            f"**INSTRUCTIONS IN EVIDENCE.** {where}: {LOOKS_LIKE}: {md(', '.join(one.looks_like))}, at"
            f" {code(one.pointer)}{more}. It changed no verdict; look at who wrote it."
        )


def section(document: ReviewDocument, signed: Sequence[SignOff]) -> Iterator[str]:
    """What a model read, what it asks, and the answers: lines of Markdown."""
    yield opening(told_of_reading(document.reading))
    yield ""
    for one in document.concerns:
        yield from _concern(one, document.reading, signed)
    if not document.concerns and document.reading and not document.reading.why_none:
        yield "It raised no concern."
        yield ""
    yield from _read(document.reading) if document.reading else ()


def _concern(one: Concern, reading: Reading | None, signed: Sequence[SignOff]) -> Iterator[str]:
    about = f", item {one.item}" if one.item else ""
    yield f"- **{md(one.id)}**{about}: {md(one.question)} The question is fixed text; a model chose the quotes."
    for quote in one.quotes:
        yield from _quote(quote, reading)
    if one.against:
        yield f"  - Evidence says: {md(one.against)}"
    answers = [(signoff.name, signoff.concerns[one.id]) for signoff in signed if one.id in signoff.concerns]
    yield from (f"  - {opening(name)} answered: {md(text, _ANSWER)}" for name, text in answers)
    if not answers:
        yield "  - Not answered: it stops every signature that would let the subject through."
    yield ""


def _quote(quote: ReadQuote, reading: Reading | None) -> Iterator[str]:
    around = [f"before it: {md(quote.before, _AROUND)}"] if quote.before else []
    around += [f"after it: {md(quote.after, _AROUND)}"] if quote.after else []
    yield f"  - “{md(quote.text, 2000)}” ({md(_where(reading, quote))}{'; ' if around else ''}{'; '.join(around)})"


def _read(reading: Reading) -> Iterator[str]:
    if reading.model:
        prompts = (f"{md(name)} {code(digest[:SHORT])}" for name, digest in sorted(reading.prompts.items()))
        yield f"Reader: {code(reading.model)}. Prompts: {', '.join(prompts) or 'none'}."
        yield ""
    for rule, count in reading.rejected.items():
        yield f"- Thrown away: {count} × {md(rule)}."
    for source in reading.sources if not reading.why_none else ():
        left = f", {source.left_out} not shown" if source.left_out else ""
        shown = f"evidence {code(source.evidence[:SHORT])}, {source.passages} passages{left}"
        yield f"- {md(source.id)}: {md(source.request_type)} {md(source.title)}, {shown}."
    for quote in reading.quotes:
        label, where = quote.label.replace("_", " "), _where(reading, quote)
        yield f"- Quoted as {md(label)}: “{md(quote.text, 2000)}” ({md(where)})"


def _where(reading: Reading | None, quote: ReadQuote) -> str:
    source = next((one for one in reading.sources if one.id == quote.source), None) if reading else None
    place = f", {quote.place}" if quote.place else ""
    return f"{source.title if source else quote.source}{place}, line {quote.line}"


def _of_items(one: InstructionsFound) -> str:
    numbers = ", ".join(map(str, one.items))
    return f" (item {numbers})" if len(one.items) == 1 else f" (items {numbers})" if numbers else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what} was" if number == 1 else f"{number} {what}s were"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
