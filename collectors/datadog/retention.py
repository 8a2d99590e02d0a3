"""How long logs are kept at Datadog, and where its archives write.

Asked for: one index by its name (of several questions, the list of all), and the list of archives, once for all
questions. Handled: the flex figure as the total of both tiers, exclusion filters that are on, a reached daily limit,
archives that fail. Out of scope: the order of indexes and of archives, by which a log may have gone into another one
first (that the first archive takes a log is only believed); which logs an index's filter or an archive's query lets
through; where under its path an archive writes (believed, not confirmed).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from datadog_api_client.v1.api.logs_indexes_api import LogsIndexesApi
from datadog_api_client.v2.api.logs_archives_api import LogsArchivesApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import LogArchive, LogArchivesAsk, LogArchivesFacts, LogIndexAsk, LogIndexFacts
from collectors.datadog.patience import out_of_patience
from collectors.datadog.reading import Shape, at, capped, listing, mapping, number, pick, text, without_people
from collectors.errors import Malformed, SourceError
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

INDEX_SCOPE, ARCHIVE_SCOPE = "logs_read_config", "logs_read_archives"
INDEX: Shape = {
    "name": None, "filter": None, "num_retention_days": None, "num_flex_logs_retention_days": None,
    "exclusion_filters": None, "daily_limit": None, "is_rate_limited": None,
}  # fmt: skip
ARCHIVE: Shape = {
    "id": None,
    "attributes": {
        "name": None, "query": None, "state": None, "include_tags": None,
        "destination": {"type": None, "bucket": None, "path": None, "storage_class": None},
    },
}  # fmt: skip


def log_indexes(conn: Connections, asks: Sequence[LogIndexAsk]) -> list[Answer]:
    """How long one log index keeps its logs, how many exclusion filters are on, and whether it is cut off for today."""
    return answer_batch(conn, asks, lambda dd: partial(_index, dd, Lists(dd, len({ask.index for ask in asks}))))


def log_archives(conn: Connections, asks: Sequence[LogArchivesAsk]) -> list[Answer]:
    """The S3 archives that write to one bucket, of all archives of the account."""
    return answer_batch(conn, asks, lambda dd: partial(_archives, dd, Lists(dd, 0)))


@dataclass
class Lists:
    """What the questions of one batch share: every index by its name, or every archive, each read once."""

    dd: Session
    indexes_wanted: int
    calls: tuple[Call, ...] = ()
    _indexes: dict[str, JsonValue] | None = None
    _unlisted: SourceError | None = None
    _archives: list[JsonValue] | SourceError | None = None

    def index(self, name: str) -> JsonValue:
        """The index as the list shows it; None = to be asked for alone, as where the list cannot be read."""
        if self._indexes is None:
            self._indexes = self._read_indexes() if self.indexes_wanted > 1 else {}
        if self._unlisted and not self.dd.patience.lasts:
            raise out_of_patience(self._unlisted)
        return self._indexes.get(name)

    def _read_indexes(self) -> dict[str, JsonValue]:
        before = len(self.dd.log.calls)
        try:
            body = self.dd.ask("list of log indexes", INDEX_SCOPE, self.dd.api(LogsIndexesApi).list_log_indexes)
            rows = listing(at(body, "indexes"), "Datadog's list of log indexes")
        except SourceError as failure:
            if not self.dd.patience.less(failure):
                raise
            self._unlisted = failure
            return {}
        self.calls = tuple(self.dd.log.calls[before:])
        return {name: row for row in rows if (name := text(at(row, "name")))}

    def archives(self) -> list[JsonValue]:
        if self._archives is None:
            told = "list of log archives"
            try:
                raw = self.dd.ask(told, ARCHIVE_SCOPE, self.dd.api(LogsArchivesApi).list_logs_archives)
                self._archives = listing(at(raw, "data"), f"Datadog's {told}")
            except SourceError as failure:
                self._archives = failure
            self.calls = tuple(self.dd.log.calls)
        if isinstance(self._archives, SourceError):
            raise self._archives
        return self._archives


def _index(dd: Session, lists: Lists, ask: LogIndexAsk) -> Evidence:
    told = f"log index {ask.index}"
    raw, calls = lists.index(ask.index), lists.calls
    if raw is None:
        before = len(dd.log.calls)
        raw = dd.ask(told, INDEX_SCOPE, lambda: dd.api(LogsIndexesApi).get_logs_index(name=ask.index))
        calls = tuple(dd.log.calls[before:])
    if text(at(mapping(raw, f"Datadog's {told}"), "name")) != ask.index:
        raise Malformed(f"Datadog answered the question about {told} with another index")
    index = mapping(without_people(pick(raw, INDEX)), told)
    facts = LogIndexFacts(
        index=Resource(value=capped(ask.index, 200), pointer="/index/name"), retention=_retention(index, told),
        excluded=_excluded(index, told), limited=_limited(index, told),
    )  # fmt: skip
    return dd.evidence(
        ask, facts, {"index": index}, link="/logs/pipelines/indexes", calls=calls,
        completeness=Completeness(items=1), redacted=("people's addresses",),
    )  # fmt: skip


def _retention(index: dict[str, JsonValue], told: str) -> Number:
    """Days in all: the flex figure is the total of both tiers and counts where there is one."""
    for field in ("num_flex_logs_retention_days", "num_retention_days"):
        days = number(index.get(field))
        if days:
            return Number(value=days, unit="days", pointer=f"/index/{field}")
    raise Malformed(f"Datadog's {told} does not say how long it keeps logs")


def _excluded(index: dict[str, JsonValue], told: str) -> Number:
    """A filter that does not say whether it is on counts as on."""
    given = index.get("exclusion_filters")
    filters = [] if given is None else listing(given, f"Datadog's {told}: exclusion filters")
    on = [one for one in filters if at(one, "is_enabled") is not False]
    return Number(value=len(on), unit="filters", origin=Origin.CODE)


def _limited(index: dict[str, JsonValue], told: str) -> State:
    """ "limited" while the index drops logs because its daily limit is reached."""
    limited = index.get("is_rate_limited")
    if not isinstance(limited, bool):
        raise Malformed(f"Datadog's {told} does not say whether its daily limit is reached")
    return State(value="limited" if limited else "not limited", pointer="/index/is_rate_limited")


def _archives(dd: Session, lists: Lists, ask: LogArchivesAsk) -> Evidence:
    every = lists.archives()
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
        ask, facts, {"archives": list(kept)}, link="/logs/pipelines/archives", calls=lists.calls,
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
