"""One batch's conversation with a source that is asked over plain HTTP: sends, names failures, seals answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from collectors.connections import Connections, R, answer_each, handed_on
from collectors.evidence import Answer, Completeness, Evidence, Facts, Request, Source
from collectors.http import Allowed, CallLog, Client, Response, client, named_failures
from collectors.several import ahead


@dataclass(frozen=True)
class Access:
    """How one source is reached: its name for people, its allow-list and the headers that carry the credential."""

    name: str
    source: Source
    allowed: tuple[Allowed, ...]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Asking:
    """An open conversation. Every failure that it raises is a SourceError that names source and question."""

    access: Access
    http: Client
    log: CallLog
    clock: Callable[[], datetime]

    @property
    def source(self) -> Source:
        return self.access.source

    def told(self, what: str, method: str, path: str) -> str:
        """How error sentences begin."""
        return f"{self.access.name}, asked for {what}: {method} {path}"

    def get(
        self, path: str, what: str, params: Mapping[str, str | int] | None = None, *, accept: str | None = None
    ) -> Response:
        headers = {"accept": accept} if accept else None
        with named_failures(self.told(what, "GET", path)):
            return self.http.get(path, params=params, headers=headers)

    def post(self, path: str, what: str, body: Mapping[str, JsonValue]) -> Response:
        """For questions that a source takes as a POST; the allow-list says which."""
        with named_failures(self.told(what, "POST", path)):
            return self.http.post(path, json=dict(body))

    def sealed(
        self, ask: Request, facts: Facts, body: dict[str, JsonValue], *, since: int, link: str,
        completeness: Completeness | None = None, redacted: Sequence[str] = (),
    ) -> Evidence:  # fmt: skip
        """The evidence, with the calls that were made after the first `since`; as old as the oldest that is shared."""
        calls = tuple(self.log.calls[since:])
        return Evidence(
            request_type=ask.type, params=ask.params(), source=self.source, link=link, facts=facts, calls=calls,
            collected_at=self.log.collected(calls, self.clock()), completeness=completeness or Completeness(items=1),
            body=body, redacted=tuple(redacted),
        )  # fmt: skip


@contextmanager
def conversation(conn: Connections, access: Access) -> Iterator[Asking]:
    """A conversation over one guarded client, closed at the end."""
    log = conn.log(access.source.vendor)
    with client(
        access.source.base_url, access.allowed, log, headers=access.headers, timeout=conn.timeout,
        way=conn.way(access.source.vendor, access.source.credential),
    ) as http:  # fmt: skip
        yield Asking(access, http, log, conn.clock)


@handed_on
def ask_all(
    conn: Connections, access: Access, asks: Sequence[R], answering: Callable[[Asking], Callable[[R], Answer]],
    at_once: int = 1,
) -> Iterator[Answer]:  # fmt: skip
    """One answer a question. `answering` is called once a batch, so that it can hold what the questions share.

    What it gives is called by several threads where `at_once` is more than one.
    """
    with conversation(conn, access) as asking, ahead(asking.log, asks, answering(asking), at_once) as answer:
        yield from answer_each(asks, conn, asking.source, asking.log, answer)
