"""Monitors: state, muted or not, draft or not, and whom their message tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from datadog_api_client.v1.api.monitors_api import MonitorsApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import Monitor, MonitorsAsk, MonitorsFacts
from collectors.datadog.reading import Shape, at, capped, mapping, number, pick, text, without_people
from collectors.errors import Malformed
from collectors.evidence import (
    Answer,
    Completeness,
    Evidence,
    Origin,
    Resource,
    State,
    pointer,
)

SCOPE = "monitors_read"
KEPT: Shape = {
    "id": None, "name": None, "type": None, "query": None, "message": None, "tags": None, "draft_status": None,
    "overall_state": None, "overall_state_modified": None, "matching_downtimes": None,
    "options": {"silenced": None, "on_missing_data": None, "notify_no_data": None},
}  # fmt: skip
HANDLE = re.compile(r"(?<![\w.+-])@([A-Za-z0-9][\w.+-]*)(\{\{)?")
TAG = re.compile(r"\{\{\{?\s*(?:!--.*?--|([#^/]?)\s*(\w*)[^{}]*)\}?\}\}", re.DOTALL)


def monitors(conn: Connections, asks: Sequence[MonitorsAsk]) -> list[Answer]:
    """State, muting, draft status, missing-data behaviour and handles of the monitors with the asked ids."""
    return answer_batch(conn, asks, lambda dd: lambda ask: _answer(dd, ask))


def _answer(dd: Session, ask: MonitorsAsk) -> Evidence:
    before = len(dd.log.calls)
    found = [_fetch(dd, wanted) for wanted in ask.ids]
    now = dd.conn.clock()
    facts = MonitorsFacts(monitors=tuple(_monitor(monitor, i, now) for i, monitor in enumerate(found)))
    return dd.evidence(
        ask, facts, {"monitors": list(found)}, link=f"/monitors/{ask.ids[0]}" if ask.ids else "/monitors/manage",
        calls=dd.log.calls[before:], completeness=Completeness(pages=len(found), items=len(found)),
        redacted=("creator", "people's addresses"),
    )  # fmt: skip


def _fetch(dd: Session, wanted: int) -> dict[str, JsonValue]:
    told = f"monitor {wanted}"
    body = dd.ask(
        told, SCOPE,
        lambda: dd.api(MonitorsApi).get_monitor(monitor_id=wanted, with_downtimes=True, group_states="all"),
    )  # fmt: skip
    if number(at(mapping(body, f"Datadog's {told}"), "id")) != wanted:
        raise Malformed(f"Datadog answered the question about {told} with another monitor")
    return mapping(without_people(pick(body, KEPT)), told)


def _monitor(monitor: dict[str, JsonValue], i: int, now: datetime) -> Monitor:
    here = pointer("monitors", i)
    name, state = text(monitor.get("name")), text(monitor.get("overall_state"))
    if state is None:
        raise Malformed(f"Datadog's monitor {monitor['id']} does not say its state")
    return Monitor(
        monitor=Resource(value=capped(name or str(monitor["id"]), 200), pointer=here + ("/name" if name else "/id")),
        state=State(value=capped(state, 80), pointer=here + "/overall_state"),
        muted=_muted(monitor, here, now),
        draft=_draft(monitor, here),
        missing_data=_missing_data(monitor, here),
        tells=tuple(Resource(value=handle, pointer=here + "/message") for handle in _handles(monitor)),
    )


def _muted(monitor: dict[str, JsonValue], here: str, now: datetime) -> State:
    """Muted by a downtime in force, whatever part of the monitor it covers, or by the older `silenced`."""
    downtimes, silenced = monitor.get("matching_downtimes"), at(monitor, "options", "silenced")
    if not isinstance(downtimes, list):
        raise Malformed(f"Datadog's monitor {monitor['id']} does not say which downtimes match it")
    for i, downtime in enumerate(downtimes):
        start, end = number(at(downtime, "start")), number(at(downtime, "end"))
        if (start is None or start <= now.timestamp()) and (end is None or end > now.timestamp()):
            return State(value="muted", pointer=here + pointer("matching_downtimes", i))
    for scope, until in silenced.items() if isinstance(silenced, dict) else ():
        end = number(until)
        if end is None or end > now.timestamp():
            return State(value="muted", pointer=here + pointer("options", "silenced", scope))
    return State(value="not muted", pointer=here + "/matching_downtimes")


def _draft(monitor: dict[str, JsonValue], here: str) -> State:
    status = text(monitor.get("draft_status"))
    if status is None:  # the vendor leaves it out of monitors that were never drafts
        return State(value="published", origin=Origin.CODE)
    return State(value=capped(status, 80), pointer=here + "/draft_status")


def _missing_data(monitor: dict[str, JsonValue], here: str) -> State:
    """`on_missing_data` as it stands, or "notify_no_data" from the older switch; "default" where neither is set."""
    behaviour = text(at(monitor, "options", "on_missing_data"))
    if behaviour is not None:
        return State(value=capped(behaviour, 80), pointer=here + "/options/on_missing_data")
    if at(monitor, "options", "notify_no_data") is True:
        return State(value="notify_no_data", pointer=here + "/options/notify_no_data")
    return State(value="default", origin=Origin.CODE)


def _handles(monitor: dict[str, JsonValue]) -> list[str]:
    """Whom the message tells when something is wrong; a handle that is put together at run time proves nobody."""
    shown = shown_when_wrong(text(monitor.get("message")) or "")
    found = (match[1].rstrip(".-") for match in HANDLE.finditer(shown) if not match[2])
    return list(dict.fromkeys(f"@{capped(handle, 150)}" for handle in found))


def shown_when_wrong(message: str) -> str:
    """The message less everything inside blocks that are shown on recovery only. Variables stay as "{{"."""
    shown: list[str] = []
    hidden: list[bool] = []
    read = 0
    for tag in TAG.finditer(message):
        if not any(hidden):
            shown.append(message[read : tag.start()] + (" " if tag[1] else "{{"))
        if tag[1] in ("#", "^"):
            hidden.append(tag[1] == "#" and tag[2].endswith("recovery"))
        elif tag[1] == "/" and hidden:
            hidden.pop()
        read = tag.end()
    return "".join(shown) + ("" if any(hidden) else message[read:])
