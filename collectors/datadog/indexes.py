"""How long a log index keeps its logs, and which indexes before it may take them first.

A log goes into the first index whose filter it matches, so the list of indexes and their order are read, once for all
questions. An index that stands earlier is told of unless its filter and the asked one's can be shown never to match the
same log. Handled: the flex figure as the total of both tiers, exclusion filters that are on, a reached daily limit. Out
of scope: which of the subject's logs match the asked index's own filter (the card says that they lie there), and what
an exclusion filter leaves out: one that is on counts, whatever it samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from datadog_api_client.v1.api.logs_indexes_api import LogsIndexesApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import EarlierIndex, LogIndexAsk, LogIndexFacts
from collectors.datadog.filters import surely_apart
from collectors.datadog.reading import Shape, at, capped, listing, mapping, number, pick, text, without_people
from collectors.errors import Malformed, SourceError, resting_on
from collectors.evidence import Answer, Call, Completeness, Evidence, Number, Origin, Resource, State, pointer

SCOPE = "logs_read_config"
INDEX: Shape = {
    "name": None, "filter": None, "num_retention_days": None, "num_flex_logs_retention_days": None,
    "exclusion_filters": None, "daily_limit": None, "is_rate_limited": None,
}  # fmt: skip

Index = dict[str, JsonValue]


@dataclass(frozen=True)
class Listed:
    """Every index in the order in which a log is tried against them, and the calls that told it."""

    indexes: tuple[Index, ...]
    calls: tuple[Call, ...]

    def names(self) -> list[str]:
        return [str(index["name"]) for index in self.indexes]


@dataclass
class Account:
    """What the questions of one batch share: the list and the order, read once, or why they could not be."""

    dd: Session
    _listed: Listed | SourceError | None = None

    def listed(self) -> Listed:
        if self._listed is None:
            before = len(self.dd.log.calls)
            try:
                self._listed = _in_order(self.dd)
            except SourceError as failure:
                self._listed = failure.resting_on(self.dd.log.calls[before:])
        if isinstance(self._listed, SourceError):
            raise self._listed
        return self._listed


def log_indexes(conn: Connections, asks: Sequence[LogIndexAsk]) -> Iterable[Answer]:
    """How long one log index keeps its logs, what never enters it, and which indexes may take its logs first."""
    return answer_batch(conn, asks, lambda dd: partial(_index, dd, Account(dd)))


def _in_order(dd: Session) -> Listed:
    before, api = len(dd.log.calls), dd.api(LogsIndexesApi)
    told = "order of log indexes"
    rows = listing(at(dd.ask("list of log indexes", SCOPE, api.list_log_indexes), "indexes"), "Datadog's log indexes")
    names = listing(at(dd.ask(told, SCOPE, api.get_logs_index_order), "index_names"), f"Datadog's {told}")
    known = {text(at(row, "name")): _kept(row) for row in rows}
    if None in known or len(known) != len(rows) or sorted(map(str, names)) != sorted(map(str, known)):
        raise Malformed(f"Datadog's {told} does not name the {len(rows)} indexes of its list, each once", status=200)
    return Listed(tuple(known[str(name)] for name in names), tuple(dd.log.calls[before:]))


def _kept(row: JsonValue) -> Index:
    return mapping(without_people(pick(row, INDEX)), "Datadog's log index")


def _index(dd: Session, account: Account, ask: LogIndexAsk) -> Evidence:
    listed = account.listed()
    with resting_on(listed.calls):
        return _sealed(dd, listed, ask)


def _sealed(dd: Session, listed: Listed, ask: LogIndexAsk) -> Evidence:
    if ask.index not in listed.names():
        _must_be_gone(dd, ask.index)
    place = listed.names().index(ask.index)
    index = listed.indexes[place]
    earlier = [one for one in listed.indexes[:place] if not surely_apart(_filter(one), _filter(index))]
    facts = LogIndexFacts(
        index=Resource(value=capped(ask.index, 200), pointer="/index/name"), retention=_retention(index, "/index"),
        excluded=_excluded(index), limited=_limited(index, "/index"),
        earlier=tuple(_earlier(one, i) for i, one in enumerate(earlier)),
    )  # fmt: skip
    body: dict[str, JsonValue] = {"index": index, "earlier": list(earlier), "order": [*listed.names()]}
    return dd.evidence(
        ask, facts, body, link="/logs/pipelines/indexes", calls=listed.calls,
        completeness=Completeness(items=len(listed.indexes)), redacted=("people's addresses",),
    )  # fmt: skip


def _must_be_gone(dd: Session, name: str) -> None:
    """One that the list lacks is asked for by its name: only that answer says that it is not there."""
    told = f"log index {name}"
    dd.ask(told, SCOPE, lambda: dd.api(LogsIndexesApi).get_logs_index(name=name))
    raise Malformed(f"Datadog's {told} is there by its name and not in the list of log indexes", status=200)


def _filter(index: Index) -> str:
    """Without a query an index takes every log."""
    return text(at(index, "filter", "query")) or "*"


def _earlier(index: Index, i: int) -> EarlierIndex:
    here = pointer("earlier", i)
    return EarlierIndex(
        index=Resource(value=capped(str(index["name"]), 200), pointer=here + "/name"),
        retention=_retention(index, here), excluded=_excluded(index), limited=_limited(index, here),
    )  # fmt: skip


def _retention(index: Index, here: str) -> Number:
    """Days in all: the flex figure is the total of both tiers and counts where there is one."""
    for field in ("num_flex_logs_retention_days", "num_retention_days"):
        days = number(index.get(field))
        if days:
            return Number(value=days, unit="days", pointer=f"{here}/{field}")
    raise Malformed(f"Datadog's log index {index['name']} does not say how long it keeps logs")


def _excluded(index: Index) -> Number:
    """A filter that does not say whether it is on counts as on; a list that is not there may have been lost."""
    filters = listing(index.get("exclusion_filters"), f"Datadog's log index {index['name']}: exclusion filters")
    on = [one for one in filters if at(one, "is_enabled") is not False]
    return Number(value=len(on), unit="filters", origin=Origin.CODE)


def _limited(index: Index, here: str) -> State:
    """ "limited" while the index drops logs because its daily limit is reached."""
    limited = index.get("is_rate_limited")
    if not isinstance(limited, bool):
        raise Malformed(f"Datadog's log index {index['name']} does not say whether its daily limit is reached")
    return State(value="limited" if limited else "not limited", pointer=f"{here}/is_rate_limited")
