"""The statements about one subject and version: which counts, which were used, and how an answer is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pydantic import JsonValue

from collectors.attestation_files import Heard, Said, hear
from collectors.call_log import CallLog
from collectors.connections import AttestationAccess, Connections, handed_on, not_configured
from collectors.errors import Gone, Malformed, SourceError
from collectors.evidence import Answer, Completeness, Evidence, Facts, Person, Request, Source, Time, pointer
from collectors.sharing import Sharing
from collectors.statements import (
    AcceptanceAsk,
    AnswersAsk,
    CommsAsk,
    DebtAsk,
    DrillAsk,
    QuizAsk,
    QuotesAsk,
    StatedRetentionAsk,
    Statement,
    TestsAsk,
    WatchAsk,
)


@dataclass
class Desk:
    """`used` and `notes` grow while an answer is made."""

    access: AttestationAccess
    heard: Heard
    subject: str
    version: str
    used: dict[str, Said] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def of_kind(self, kind: str) -> list[Said]:
        return [one for one in self.heard.said if one.document.kind == kind]

    def latest(self, said: Iterable[Said]) -> Said | None:
        """The one that counts: the latest. None of none, and none where the latest has lapsed: an older and better one
        that was given for good would else come back on that day.

        Malformed where a proven one is followed by one that is not: were the later one passed over, taking its author's
        key away could bring an older and better statement back.
        """
        ranked = sorted(said, key=_rank)
        if not ranked:
            return None
        best = ranked[-1]
        self._refuse_tie([one.name for one in ranked if _rank(one) == _rank(best)])
        later = [one.name for one in ranked if one.document.made_at > best.document.made_at]
        if later:
            raise Malformed(
                f"the statement {later[-1]} is later than {best.name}, and no key of its author signed it",
                advice="Let its author state it again with their own key (`clearance attest`), or take the file away.",
            )
        if best.lapsed:
            return None
        self.used[best.name] = best
        return best

    def needed(self, said: Iterable[Said], what: str) -> Said:
        """The one that counts; Gone says that nobody stated `what`, and what to do."""
        found = self.latest(said)
        if found is not None:
            return found
        left_out = f"; left out: {'; '.join(self.heard.left_out)}" if self.heard.left_out else ""
        raise Gone(
            f"nobody has stated {what} for {self.subject} {self.version}{left_out}",
            advice=f"Let the person who knows state it: `clearance attest {self.subject}` and the number of this item.",
        )

    def person(self, one: Said, id: str, *at: str | int) -> Person:
        """A person named at `at` in the statement."""
        return Person(value=self.access.name_of(id), id=id, pointer=where(one, *at), at=one.document.made_at)

    def statement(self, one: Said) -> Statement:
        """What a statement says of itself."""
        document = one.document
        until = document.valid_until
        return Statement(
            author=self.person(one, document.author, "author"),
            proven=one.proven,
            roles=one.signer.roles if one.signer else (),
            made=Time(value=document.made_at, pointer=where(one, "made_at"), at=document.made_at),
            valid_until=Time(value=until, pointer=where(one, "valid_until")) if until else None,
            link=document.link,
            digest=one.digest,
        )

    def evidence(self, ask: Request, asked: Source, facts: Facts) -> Evidence:
        body: dict[str, JsonValue] = {
            one.name: {"document": one.raw, "digest": one.digest, "proven": one.proven} for one in self.used.values()
        }
        link = next((one.document.link for one in self.used.values() if one.document.link), "")
        note = "; ".join((*self.heard.left_out, *self.notes))
        return Evidence(
            request_type=ask.type, params=ask.params(), source=asked, collected_at=self.heard.at, link=link,
            facts=facts, completeness=Completeness(items=len(self.heard.said), note=note), body=body,
        )  # fmt: skip

    @staticmethod
    def _refuse_tie(names: list[str]) -> None:
        if len(names) > 1:
            raise Malformed(
                f"the statements {' and '.join(names)} bear the same time, so which of them counts cannot be told",
                advice="Let the author state it once more (`clearance attest`), then check this item again.",
            )


A = TypeVar(
    "A", WatchAsk, QuizAsk, DrillAsk, CommsAsk, StatedRetentionAsk, QuotesAsk, AnswersAsk, DebtAsk, TestsAsk,
    AcceptanceAsk,
)  # fmt: skip


def where(one: Said, *parts: str | int) -> str:
    """Pointer into the evidence body, to a part of this statement."""
    return pointer(one.name, "document", *parts)


@handed_on
def answer_all(conn: Connections, asks: Sequence[A], facts_of: Callable[[Desk, A], Facts]) -> Iterator[Answer]:
    """One answer a question, in order. An empty store is evidence where `facts_of` takes nothing for an answer."""
    if conn.attestations is None:
        yield from not_configured("attestations", asks, conn.clock(), "CLEARANCE_CONFIG")
        return
    known = conn.sharing or Sharing()
    for ask in asks:
        yield _answer(conn.attestations, known, ask, conn.clock, facts_of)


def _answer(
    access: AttestationAccess, known: Sharing, ask: A, clock: Callable[[], datetime],
    facts_of: Callable[[Desk, A], Facts],
) -> Answer:  # fmt: skip
    folder = access.folder(ask.subject)
    asked = Source(vendor="attestations", base_url=folder.absolute().as_uri() if folder else "overlay")
    try:
        key, log = ("heard", ask.subject, ask.version), CallLog(asked.vendor)
        heard = known.once(key, lambda: hear(access, ask.subject, ask.version, clock()), log, log.calls, clock())
    except SourceError as failure:
        return failure.gap(ask, asked, clock())
    desk = Desk(access, heard, ask.subject, ask.version)
    try:
        return desk.evidence(ask, asked, facts_of(desk, ask))
    except SourceError as failure:
        return failure.gap(ask, asked, heard.at)


def _rank(one: Said) -> tuple[bool, datetime]:
    return one.proven, one.document.made_at
