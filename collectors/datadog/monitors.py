"""Monitors: state, muted or not, draft or not, and whom they tell.

Asked for: each monitor with its downtimes, and the account's notification rules, which tell people besides the message.
Many are read from the list, a thousand a page; one that is not on it, or all where it gives no answer, are asked for
alone. Out of scope: the routes of downtimes (their scope also lets one write them), the search (its answer leaves out
downtimes and drafts), the state of single groups, runbook links, and the integrations that stand behind a handle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v2.api.monitors_api import MonitorsApi as RulesApi
from pydantic import JsonValue

from collectors.connections import Connections
from collectors.datadog.client import Session, answer_batch
from collectors.datadog.facts import Monitor, MonitorsAsk, MonitorsFacts
from collectors.datadog.patience import out_of_patience
from collectors.datadog.reading import Shape, at, capped, listing, mapping, number, pick, text, without_people
from collectors.datadog.recipients import NO, applies, recipients
from collectors.errors import Malformed, SourceError, Truncated, resting_on
from collectors.evidence import (
    Answer,
    Call,
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
    "options": {
        "silenced": None, "on_missing_data": None, "notify_no_data": None, "escalation_message": None,
        "renotify_interval": None,
    },
}  # fmt: skip
RULE: Shape = {
    "id": None, "attributes": {"name": None, "filter": None, "recipients": None, "conditional_recipients": None},
}  # fmt: skip
FEW = 4  # monitors; more of them are read from the list
SPARED = 20  # calls that each page after the first must spare
PAGE = 1000  # the most that both lists give
RULE_PAGES = 10

Read = dict[str, JsonValue]


@dataclass
class Account:
    """What the questions of one batch share: monitors by id, the rules, and the calls that gave them."""

    dd: Session
    wanted: Sequence[int]
    listed: dict[int, Read] = field(default_factory=dict)
    shared: tuple[Call, ...] = ()
    unlisted: SourceError | None = None
    _rules: list[Read] | SourceError | None = None

    def rules(self) -> list[Read]:
        """All notification rules; the first question reads them and, where many monitors are wanted, the list."""
        if self._rules is None:
            before = len(self.dd.log.calls)
            try:
                self._rules = _all_rules(self.dd)
                if len(self.wanted) > FEW:
                    self.listed = self._list()
            except SourceError as failure:
                self._rules = failure
            self.shared = tuple(self.dd.log.calls[before:])
        if isinstance(self._rules, SourceError):
            raise self._rules.resting_on(self.shared)
        return self._rules

    def _list(self) -> dict[int, Read]:
        try:
            return _list(self.dd, self.wanted)
        except SourceError as failure:
            if not self.dd.patience.less(failure):
                raise
            self.unlisted = failure
            return {}

    def monitor(self, wanted: int) -> Read:
        """As the list shows it; where it does not, or gave no answer, asked for alone."""
        if self.unlisted and not self.dd.patience.lasts:
            raise out_of_patience(self.unlisted)
        return self.listed.get(wanted) or _fetch(self.dd, wanted)


def monitors(conn: Connections, asks: Sequence[MonitorsAsk]) -> Iterable[Answer]:
    """State, muting, draft status, missing-data behaviour and recipients of the monitors with the asked ids."""
    return answer_batch(conn, asks, lambda dd: _answering(dd, asks))


def _answering(dd: Session, asks: Sequence[MonitorsAsk]) -> Callable[[MonitorsAsk], Answer]:
    account = Account(dd, tuple(dict.fromkeys(id for ask in asks for id in ask.ids)))

    def answer(ask: MonitorsAsk) -> Answer:
        rules = account.rules()
        with resting_on(account.shared):
            return _answer(dd, account, rules, ask)

    return answer


def _answer(dd: Session, account: Account, rules: list[Read], ask: MonitorsAsk) -> Evidence:
    before = len(dd.log.calls)
    found = [account.monitor(wanted) for wanted in ask.ids]
    taking = [rule for rule in rules if any(applies(rule, one) != NO for one in found)]
    now = dd.conn.clock()
    facts = MonitorsFacts(monitors=tuple(_monitor(monitor, i, now, taking) for i, monitor in enumerate(found)))
    return dd.evidence(
        ask, facts, {"monitors": list(found), "rules": list(taking)},
        link=f"/monitors/{ask.ids[0]}" if ask.ids else "/monitors/manage",
        calls=[*account.shared, *dd.log.calls[before:]],
        completeness=Completeness(pages=len(found), items=len(found), note=f"{len(rules)} notification rules read"),
        redacted=("creator", "people's addresses"),
    )  # fmt: skip


def _all_rules(dd: Session) -> list[Read]:
    """Every notification rule of the account, to the last page."""
    told, found = "list of notification rules", dict[str, Read]()
    for page in range(RULE_PAGES):
        ask = partial(dd.api(RulesApi).get_monitor_notification_rules, page=page, per_page=PAGE)
        rules = listing(at(dd.ask(told, SCOPE, ask), "data"), f"Datadog's {told}")
        known = len(found)
        for i, rule in enumerate(rules):
            kept = mapping(without_people(pick(mapping(rule, told), RULE)), told)
            found[text(kept.get("id")) or f"{page}/{i}"] = kept
        if len(rules) < PAGE or len(found) == known:
            return list(found.values())
    raise Truncated(f"Datadog's {told} goes on after {RULE_PAGES} pages and {len(found)} rules")


def _list(dd: Session, wanted: Sequence[int]) -> dict[int, Read]:
    """Those of the wanted monitors that the list shows; it is read for as long as that is cheaper than one by one."""
    found: dict[int, Read] = {}
    for page in range(1 + len(wanted) // SPARED):
        ask = partial(dd.api(MonitorsApi).list_monitors, page=page, page_size=PAGE, with_downtimes=True)
        rows = listing(dd.ask("list of monitors", SCOPE, ask), "Datadog's list of monitors")
        for row in rows:
            id = at(row, "id")
            if isinstance(id, int) and id in wanted:
                found[id] = _kept(row, id)
        if len(rows) < PAGE or len(found) == len(wanted):
            break
    return found


def _fetch(dd: Session, wanted: int) -> Read:
    told = f"monitor {wanted}"
    body = dd.ask(
        told, SCOPE,
        lambda: dd.api(MonitorsApi).get_monitor(monitor_id=wanted, with_downtimes=True, group_states="all"),
    )  # fmt: skip
    if number(at(mapping(body, f"Datadog's {told}"), "id")) != wanted:
        raise Malformed(f"Datadog answered the question about {told} with another monitor")
    return _kept(body, wanted)


def _kept(monitor: JsonValue, id: int) -> Read:
    return mapping(without_people(pick(monitor, KEPT)), f"monitor {id}")


def _monitor(monitor: Read, i: int, now: datetime, rules: Sequence[JsonValue]) -> Monitor:
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
        tells=recipients(monitor, here, rules),
    )


def _muted(monitor: Read, here: str, now: datetime) -> State:
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


def _draft(monitor: Read, here: str) -> State:
    status = text(monitor.get("draft_status"))
    if status is None:  # the vendor leaves it out of monitors that were never drafts
        return State(value="published", origin=Origin.CODE)
    return State(value=capped(status, 80), pointer=here + "/draft_status")


def _missing_data(monitor: Read, here: str) -> State:
    """`on_missing_data` as it stands, or "notify_no_data" from the older switch; "default" where neither is set."""
    behaviour = text(at(monitor, "options", "on_missing_data"))
    if behaviour is not None:
        return State(value=capped(behaviour, 80), pointer=here + "/options/on_missing_data")
    if at(monitor, "options", "notify_no_data") is True:
        return State(value="notify_no_data", pointer=here + "/options/notify_no_data")
    return State(value="default", origin=Origin.CODE)
