"""What hostile text must not move: what was decided, and how a page is built."""

from __future__ import annotations

import unicodedata

from markdown_it import MarkdownIt

from agent.domain import ReviewDocument


def decided(document: ReviewDocument) -> tuple[object, ...]:
    """Everything that a verdict, a proposal, a role or a recipient is made of; texts aside."""
    items = [(i.number, i.verdict, [(f.probe, f.about, f.outcome) for f in i.findings]) for i in document.items]
    return (
        document.proposal, items, [(c.id, c.outcome) for c in document.checks],
        [(r.where, r.probe, r.outcome) for r in document.reasons], document.signers, document.notes_for, document.gaps,
        [(i.owner, i.remedy) for i in document.items], sorted(document.evidence.values()), document.sandbox,
    )  # fmt: skip


def structure(text: str) -> set[str]:
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return {inner.type for token in tokens for inner in (token, *(token.children or ()))}


def headings(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


def unseen(text: str) -> set[str]:
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn"}
    return {character for character in text if unicodedata.category(character) in hidden and character != "\n"}
