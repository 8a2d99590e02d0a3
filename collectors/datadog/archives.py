"""Where Datadog's log archives write.

Asked for: the list of archives, once for all questions. Handled: archives of other kinds, without a path, or failing.
Out of scope: the order of archives (that the first one that matches takes a log is only believed); which logs an
archive's query lets through; where under its path an archive writes (believed, not confirmed).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from datadog_api_client.v2.api.logs_archives_api import LogsArchivesApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import LogArchive, LogArchivesAsk, LogArchivesFacts
from collectors.datadog.reading import Shape, at, capped, listing, mapping, pick, text, without_people
from collectors.errors import Malformed, SourceError, resting_on
from collectors.evidence import (
    Answer,
    Call,
    Completeness,
    Evidence,
    Number,
    Origin,
    Resource,
    State,
    pointer,
)

SCOPE = "logs_read_archives"
ARCHIVE: Shape = {
    "id": None,
    "attributes": {
        "name": None, "query": None, "state": None, "include_tags": None,
        "destination": {"type": None, "bucket": None, "path": None, "storage_class": None},
    },
}  # fmt: skip


def log_archives(conn: Connections, asks: Sequence[LogArchivesAsk]) -> Iterable[Answer]:
    """The S3 archives that write to one bucket, of all archives of the account."""
    return answer_batch(conn, asks, lambda dd: partial(_archives, dd, Account(dd)))


@dataclass
class Account:
    """What the questions of one batch share: every archive, read once, or why the list could not be read."""

    dd: Session
    calls: tuple[Call, ...] = ()
    _archives: list[JsonValue] | SourceError | None = None

    def archives(self) -> list[JsonValue]:
        if self._archives is None:
            before = len(self.dd.log.calls)
            told = "list of log archives"
            try:
                raw = self.dd.ask(told, SCOPE, self.dd.api(LogsArchivesApi).list_logs_archives)
                self._archives = listing(at(raw, "data"), f"Datadog's {told}")
            except SourceError as failure:
                self._archives = failure
            self.calls = tuple(self.dd.log.calls[before:])
        if isinstance(self._archives, SourceError):
            raise self._archives.resting_on(self.calls)
        return self._archives


def _archives(dd: Session, account: Account, ask: LogArchivesAsk) -> Evidence:
    every = account.archives()
    with resting_on(account.calls):
        return _sealed(dd, account, ask, every)


def _sealed(dd: Session, account: Account, ask: LogArchivesAsk, every: list[JsonValue]) -> Evidence:
    kept = [
        mapping(without_people(pick(one, ARCHIVE)), "list of log archives")
        for one in every
        if _writes_to(one, ask.bucket)
    ]
    facts = LogArchivesFacts(
        archives=tuple(_archive(archive, i) for i, archive in enumerate(kept)),
        read=Number(value=len(every), unit="archives", origin=Origin.CODE),
    )
    return dd.evidence(
        ask, facts, {"archives": list(kept)}, link="/logs/pipelines/archives", calls=account.calls,
        completeness=Completeness(items=len(every)), redacted=("destination.integration", "destination.encryption"),
    )  # fmt: skip


def _writes_to(archive: JsonValue, bucket: str) -> bool:
    destination = at(archive, "attributes", "destination")
    return at(destination, "type") == "s3" and at(destination, "bucket") == bucket


def _archive(archive: dict[str, JsonValue], i: int) -> LogArchive:
    """One archive that writes to the bucket; without a path it writes to the bucket's root."""
    here = pointer("archives", i, "attributes")
    name, state = text(at(archive, "attributes", "name")), text(at(archive, "attributes", "state"))
    if state is None:
        raise Malformed(f"Datadog's log archive {name} does not say its state")
    destination = at(archive, "attributes", "destination")
    path = text(at(destination, "path"))
    return LogArchive(
        archive=Resource(value=capped(name or "", 200), pointer=here + ("/name" if name else "")),
        state=State(value=capped(state, 80), pointer=here + "/state"),
        bucket=Resource(value=capped(str(at(destination, "bucket")), 200), pointer=here + "/destination/bucket"),
        path=Resource(value=capped(path or "", 200), pointer=here + ("/destination/path" if path else "/destination")),
    )
