"""Use case: the kill-switch card: which flag, who flipped it, how fast it stops, who is paged, where the logs are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Finding, ReviewDocument
from agent.drafting.overview import listing
from agent.drafting.values import clean, instant, say
from agent.errors import ClearanceError
from agent.outputs.bundle import answers
from agent.outputs.charts.drill import last_run, latest_pair
from agent.service import switches
from agent.service.switches import Switch
from collectors.datadog.facts import MetricFacts
from collectors.evidence import Answer, Evidence, Facts
from collectors.launchdarkly.facts import FlagHistoryFacts
from collectors.pagerduty.facts import OnCallFacts
from collectors.statements import DrillFacts


@dataclass(frozen=True)
class SwitchCard:
    """`link`: the vendor's page of the flag. `rows`: names and values, from the card and from what the latest review
    saw; `document` None = no review yet; `sandbox`: it saw stand-ins. `mistake` says why what is shown may be wrong, or
    be all that there is.
    """

    subject: str
    name: str
    version: str
    values: dict[str, JsonValue]
    link: str
    rows: tuple[tuple[str, str], ...]
    document: ReviewDocument | None
    findings: tuple[Finding, ...]
    mistake: str = ""

    @property
    def sandbox(self) -> bool:
        return self.document is not None and self.document.sandbox


def switch_card(deps: Deps, subject: str) -> SwitchCard:
    """The card of the version that is on the subject's card now; of a card that does not load, what names the flag."""
    found = switches.switch(deps, subject)
    document, mistake = _latest(deps, found)
    rows = [*_of_the_switch(found, _flippers(deps, found)), *(_seen(deps, document) if document else ())]
    if not found.mistake:
        rows += _on_the_card(deps.configuration.card(subject).card)
    about = switches.findings(document) if document else ()
    return SwitchCard(
        subject, found.name, found.version, found.values, found.link, tuple(dict.fromkeys(rows)), document, about,
        mistake,
    )  # fmt: skip


def _latest(deps: Deps, found: Switch) -> tuple[ReviewDocument | None, str]:
    """A review that cannot be read is told; whoever is in a hurry still gets the switch."""
    try:
        return switches.latest(deps, found.subject, found.version), found.mistake
    except ClearanceError as error:
        told = f"what the latest review saw is not shown: {error}"
        return None, f"{found.mistake}; {told}" if found.mistake else told


def _seen(deps: Deps, document: ReviewDocument) -> Iterator[tuple[str, str]]:
    """What the review saw of the drill, by the evidence of the item that is about it, and whom the rota pages."""
    every, zone = answers(deps.locker, document), document.zone
    about = [item for item in document.items if any(one.probe in switches.PROBES for one in item.findings)]
    drill = dict.fromkeys(digest for item in about for digest in item.evidence if digest in every)
    yield from _stopped([every[digest] for digest in drill], zone)
    yield from _escalation(list(every.values()), zone)


def _flippers(deps: Deps, found: Switch) -> list[str]:
    if found.mistake:
        return []
    people, card = deps.configuration.people(), deps.configuration.card(found.subject).card
    return [clean(people.name_of(one), 80) for one in card.kill_switch.may_flip]


def _of_the_switch(found: Switch, named: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`named`: who may flip it, as the card says."""
    values = {name: str(value) for name, value in found.values.items()}
    where = f"project {values['project']}, environment {values['environment']}"
    vendor = values.get("source", "the vendor")
    yield "Flag", f"{values['flag']} in {where} ({vendor})"
    others = f"whoever {vendor} lets change flags in {where}; which members those are was not asked"
    yield "Who may flip it", f"{listing(named)}, as the card says; and {others}" if named else others
    yield "Must stop within", values.get("stop_within", "not on the card")
    yield "What it serves when off", values.get("off_value", "false")


def _on_the_card(card: Card) -> Iterator[tuple[str, str]]:
    for log in card.retention:
        bucket = f"{log.bucket}/{log.prefix or ''}" if log.bucket else ""
        where = bucket or log.index or log.project or "no system is named on the card"
        yield f"Logs: {log.log}", where
    yield "Runbook", f"{card.runbook.path} ({card.runbook.source})"


def _stopped(seen: Sequence[Answer], zone: str) -> Iterator[tuple[str, str]]:
    """Who flipped it, the last drill, and the time to stop: as stated, and as telemetry counted it."""
    facts = [one.facts for one in seen if isinstance(one, Evidence)]
    for history in (one for one in facts if isinstance(one, FlagHistoryFacts)):
        people = list(dict.fromkeys(clean(c.by.value, 80) for c in history.changes if c.by))
        yield "Has been flipped by", listing(people) if people else "nobody by name in the time looked at"
        yield from _measured(history, facts, zone)
    for stated in (one for one in facts if isinstance(one, DrillFacts)):
        yield from _stated(stated, zone)


def _measured(history: FlagHistoryFacts, facts: Sequence[Facts], zone: str) -> Iterator[tuple[str, str]]:
    pair = latest_pair(history)
    if pair is None:
        yield "Last drill", "no complete one, off and on again, was seen"
        return
    off, on = pair
    yield "Last drill", f"off at {instant(off.at.value, zone)}, on again at {instant(on.at.value, zone)}"
    counted = [last_run(one, off.at, on.at) for one in facts if isinstance(one, MetricFacts)]
    after = max((one for one in counted if one is not None), default=None)
    told = f"{after:g} seconds after the flip" if after is not None else "none was counted, or runs were not seen"
    yield "Last run counted while it was off", told


def _stated(drill: DrillFacts, zone: str) -> Iterator[tuple[str, str]]:
    watched = f", observed by {clean(drill.observed_by.value, 80)}" if drill.observed_by else ""
    who = clean(drill.performed_by.value, 80)
    yield "Last drill, as stated", f"off at {instant(drill.flag_off.value, zone)} by {who}{watched}"
    yield "Time to stop, as stated", say(drill.time_to_stop, zone) if drill.time_to_stop else "not recorded"


def _escalation(seen: Sequence[Answer], zone: str) -> Iterator[tuple[str, str]]:
    rotas = (one.facts for one in seen if isinstance(one, Evidence) and isinstance(one.facts, OnCallFacts))
    for rota in rotas:
        for level in rota.levels:
            targets = listing([clean(target.value, 80) for target in level.targets])
            shifts = (one.person.value for one in rota.shifts if one.level == level.number)
            people = [clean(name, 80) for name in dict.fromkeys(shifts)]
            told = f" ({listing(people)} from launch on)" if people else ""
            yield f"Escalation level {level.number}", f"{targets}{told}, next after {say(level.delay, zone)}"
