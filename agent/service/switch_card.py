"""Use case: the kill-switch card: which flag, who flipped it, how fast it stops, who is paged, where the logs are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agent.cards import Card
from agent.deps import Deps
from agent.domain import Finding, ReviewDocument
from agent.drafting.overview import listing
from agent.drafting.values import clean, instant, say
from agent.errors import UsageError
from agent.outputs.bundle import answers
from agent.service import switches
from agent.service.switches import Switch
from collectors.evidence import Answer, Evidence
from collectors.launchdarkly.facts import FlagHistoryFacts
from collectors.pagerduty.facts import OnCallFacts
from collectors.statements import DrillFacts


@dataclass(frozen=True)
class SwitchCard:
    """`rows`: names and values, from the card and from what the latest review saw; `document` None = no review yet.

    `mistake` says why what is shown may be wrong: the card does not load.
    """

    subject: str
    name: str
    version: str
    rows: tuple[tuple[str, str], ...]
    document: ReviewDocument | None
    findings: tuple[Finding, ...]
    mistake: str = ""


def switch_card(deps: Deps, subject: str) -> SwitchCard:
    """The card of the version that is on the subject's card now; of a card that does not load, what names the flag."""
    if subject not in deps.configuration.card_paths():
        raise UsageError(f"there is no card for {subject!r}")
    found = switches.switch(deps, subject)
    document = switches.latest(deps, subject, found.version)
    rows = [("Switch it off here", found.link), *_of_the_switch(found)]
    if not found.mistake:
        rows += _on_the_card(deps.configuration.card(subject).card)
    if document:
        rows += [row for one in answers(deps.locker, document).values() for row in _seen(one, document.zone)]
    about = switches.findings(document) if document else ()
    shown = tuple(dict.fromkeys(rows))
    return SwitchCard(subject, found.name, found.version, shown, document, about, found.mistake)


def _of_the_switch(found: Switch) -> Iterator[tuple[str, str]]:
    values = {name: str(value) for name, value in found.values.items()}
    where = f"project {values['project']}, environment {values['environment']}"
    vendor = values.get("source", "the vendor")
    yield "Flag", f"{values['flag']} in {where} ({vendor})"
    yield "Who may flip it", f"whoever {vendor} lets change flags in {where}; which members those are was not asked"
    yield "Must stop within", values.get("stop_within", "not on the card")
    yield "What it serves when off", values.get("off_value", "false")


def _on_the_card(card: Card) -> Iterator[tuple[str, str]]:
    for log in card.retention:
        bucket = f"{log.bucket}/{log.prefix or ''}" if log.bucket else ""
        where = bucket or log.index or log.project or "no system is named on the card"
        yield f"Logs: {log.log}", where
    yield "Runbook", f"{card.runbook.path} ({card.runbook.source})"


def _seen(answer: Answer, zone: str) -> Iterator[tuple[str, str]]:
    match answer:
        case Evidence(facts=FlagHistoryFacts() as history):
            people = list(dict.fromkeys(clean(c.by.value, 80) for c in history.changes if c.by))
            yield "Has been flipped by", listing(people) if people else "nobody by name in the time looked at"
        case Evidence(facts=DrillFacts() as drill):
            yield from _drilled(drill, zone)
        case Evidence(facts=OnCallFacts() as rota):
            for level in rota.levels:
                targets = [clean(target.value, 80) for target in level.targets]
                yield f"Escalation level {level.number}", f"{listing(targets)}, next after {say(level.delay, zone)}"


def _drilled(drill: DrillFacts, zone: str) -> Iterator[tuple[str, str]]:
    watched = f", observed by {clean(drill.observed_by.value, 80)}" if drill.observed_by else ""
    who = clean(drill.performed_by.value, 80)
    yield "Last drill, as stated", f"off at {instant(drill.flag_off.value, zone)} by {who}{watched}"
    yield "Time to stop, as stated", say(drill.time_to_stop, zone) if drill.time_to_stop else "not recorded"
