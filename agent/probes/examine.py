"""Items that a document answers: met only when a person confirms the sentences that say so."""

from __future__ import annotations

from agent.domain import Finding
from agent.probes.findings import failed, number, passed, unknown
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from collectors.documents import FileFacts
from collectors.statements import QuotesFacts


@probe
def quotes_are_confirmed(document: FileFacts, confirmed: QuotesFacts, *, by: tuple[str, ...] | None = None) -> Finding:
    """A named person confirmed whole sentences of this very document, each found again at its place."""
    statement, path = confirmed.statement, document.path
    if not statement.proven:
        return only_reported(statement, "What {document} says", document=path)
    if by is not None and statement.author.id not in by:
        return unknown(
            "{author} confirmed what {document} says, and the card asks somebody else to", author=statement.author,
            document=path,
        )  # fmt: skip
    if confirmed.digest.value != document.digest.value:
        sentence = "{author} confirmed sentences of another version of {document}, which has changed since"
        return failed(sentence, author=statement.author, document=path)
    absent = [one for one in confirmed.quotes if one.passage not in document.passages]
    if absent:
        return failed(
            "Of what {author} quotes, {count} cannot be found in {document}, whole and at its place",
            author=statement.author, count=number(len(absent), "sentences"), document=path,
        )  # fmt: skip
    return passed(
        "{author} confirmed {count} of {document}, each found at its place", author=statement.author,
        count=number(len(confirmed.quotes), "sentences"), document=path, valid_until=ends(statement),
    )  # fmt: skip
