"""The monitors that an SLO of time rests on, and when each was last edited.

Such an SLO names its monitors by id: what counts as bad stands in them, so a monitor may be loosened without a change
to the SLO. Each is asked for alone, once a batch; the vendor takes twenty to an SLO. Out of scope: that somebody
resolved an alert by hand, which ends the bad time and is told by none of these answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from datadog_api_client.v1.api.monitors_api import MonitorsApi
from pydantic import JsonValue

from collectors.datadog.client import Session
from collectors.datadog.facts import SloMonitor
from collectors.datadog.reading import Shape, capped, instant, mapping, number, pick, text, without_people
from collectors.errors import Malformed
from collectors.evidence import Resource, State, Time, pointer
from collectors.several import Once

SCOPE = "monitors_read"
MOST = 20
KEPT: Shape = {"id": None, "name": None, "type": None, "query": None, "modified": None}

Read = dict[str, JsonValue]


@dataclass
class Beneath:
    """Monitors as one batch reads them, each once; a failure stands for all who rest on it."""

    dd: Session

    def __post_init__(self) -> None:
        self._known = Once(self.dd.log, partial(_read, self.dd), self.dd.conn.clock)

    def of(self, slo: Read, history: Read) -> list[Read]:
        """The monitors of an SLO of this kind; none where it does not say which. `history` is one of its own."""
        if slo["type"] != "monitor":
            return []
        ids, counted = _ids(slo), history.get("monitors")
        if isinstance(counted, list) and len(counted) > len(ids):
            told = f"Datadog's SLO {slo['id']} names {len(ids)} monitors, and its history is of {len(counted)}"
            raise Malformed(told, status=200)
        found = [self._known.of(id) for id in ids]
        return [one.get() for one in found]


def _ids(slo: Read) -> list[int]:
    told, given = f"Datadog's SLO {slo['id']}", slo.get("monitor_ids")
    ids = given if isinstance(given, list) else []
    whole = [id for id in ids if isinstance(id, int) and not isinstance(id, bool)]
    if len(whole) < len(ids) or len(ids) > MOST:
        raise Malformed(f"{told} names its monitors by something else than up to {MOST} ids", status=200)
    return list(dict.fromkeys(whole))


def _read(dd: Session, id: int) -> Read:
    told = f"monitor {id}, on which an SLO rests"
    body = dd.ask(told, SCOPE, lambda: dd.api(MonitorsApi).get_monitor(monitor_id=id))
    if number(mapping(body, f"Datadog's {told}").get("id")) != id:
        raise Malformed(f"Datadog answered the question about {told} with another monitor", status=200)
    return mapping(without_people(pick(body, KEPT)), told)


def facts_of(monitors: Sequence[Read]) -> tuple[SloMonitor, ...]:
    """Pointers lead to "/monitors" of the body."""
    return tuple(_facts(one, pointer("monitors", i)) for i, one in enumerate(monitors))


def _facts(one: Read, here: str) -> SloMonitor:
    name, kind, edited = text(one.get("name")), text(one.get("type")), instant(one.get("modified"))
    return SloMonitor(
        monitor=Resource(value=capped(name or str(one["id"]), 200), pointer=here + ("/name" if name else "/id")),
        kind=State(value=capped(kind or "not told", 80), pointer=here + ("/type" if kind else "")),
        modified=Time(value=edited, at=edited, pointer=here + "/modified") if edited else None,
    )
