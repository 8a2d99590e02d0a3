"""Which pictures belong to which item of a review: found by what the evidence is, never by an item's number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from math import isfinite
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from agent import periods
from agent.cards import Card, Retention, Target
from agent.domain import ItemResult, ReviewDocument
from agent.outputs.charts.cover import cover
from agent.outputs.charts.drawing import Picture
from agent.outputs.charts.drill import drill
from agent.outputs.charts.expiry import expiry
from agent.outputs.charts.retention import FOR_EVER, Kept, retention
from agent.outputs.charts.targets import Wanted, target
from collectors.aws.facts import RetentionFacts
from collectors.datadog.facts import LogIndexFacts, MetricFacts
from collectors.evidence import Answer, Evidence, Facts, Number, Window
from collectors.langsmith.facts import ProjectRetentionFacts
from collectors.launchdarkly.facts import FlagHistoryFacts
from collectors.pagerduty.facts import OnCallFacts
from collectors.statements import StatedRetentionFacts

Answers = Mapping[str, Answer]
F = TypeVar("F", bound=Facts)


def launch_of(document: ReviewDocument) -> datetime | None:
    """Midnight of the launch day in the card's zone."""
    launch = document.card.get("launch")
    text = launch.get("date") if isinstance(launch, dict) else None
    if not isinstance(text, str):
        return None
    return datetime.combine(date.fromisoformat(text), time(), ZoneInfo(document.zone))


def forecast(document: ReviewDocument) -> Picture:
    return expiry("expiry", document, launch_of(document))


def of_item(document: ReviewDocument, item: ItemResult, answers: Answers) -> list[Picture]:
    """The pictures of one item; none where the card cannot be read."""
    try:
        card = Card.model_validate(document.card)
    except ValidationError:
        return []
    seen = [answers[digest] for digest in item.evidence if digest in answers]
    found = [one for one in seen if isinstance(one, Evidence)]
    name = f"i{item.number}"
    probes = {finding.probe for finding in item.findings}
    pictures: list[Picture] = []
    if "primary_and_backup_at_every_instant" in probes:
        pictures += _cover(name, found, document.zone)
    if "drill_was_run_before_launch" in probes:
        pictures += _drill(name, found, document.zone)
    if "target_is_reached" in probes:
        pictures += _targets(name, item, card, answers, document.zone)
    if "log_is_kept_long_enough" in probes:
        pictures.append(retention(f"{name}-kept", [_kept(row, found, document) for row in card.retention]))
    return pictures


def _window(evidence: Evidence) -> Window | None:
    given = evidence.params.get("window")
    return Window.model_validate(given) if given else None


def _with(found: list[Evidence], kind: type[F]) -> Iterator[tuple[Evidence, F]]:
    yield from ((one, one.facts) for one in found if isinstance(one.facts, kind))


def _cover(name: str, found: list[Evidence], zone: str) -> Iterator[Picture]:
    for evidence, facts in _with(found, OnCallFacts):
        window = _window(evidence)
        if window:
            yield cover(f"{name}-cover", facts, window, zone)


def _drill(name: str, found: list[Evidence], zone: str) -> Iterator[Picture]:
    runs = next((facts for _, facts in _with(found, MetricFacts)), None)
    for _, facts in _with(found, FlagHistoryFacts):
        yield drill(f"{name}-drill", facts, runs, zone)


def _targets(name: str, item: ItemResult, card: Card, answers: Answers, zone: str) -> Iterator[Picture]:
    """Each target over the very evidence that its finding cites."""
    by_id = {one.id: one for one in card.targets}
    for index, finding in enumerate(item.findings):
        wanted = by_id.get(finding.about)
        if finding.probe != "target_is_reached" or wanted is None:
            continue
        for digest in dict.fromkeys(used.fact.evidence for used in finding.facts if used.fact.evidence):
            evidence = answers.get(digest)
            if isinstance(evidence, Evidence) and isinstance(evidence.facts, MetricFacts) and _window(evidence):
                window = _window(evidence)
                assert window
                yield target(f"{name}-target{index}", _wanted(wanted), evidence.facts, window, zone)


def _wanted(wanted: Target) -> Wanted:
    return Wanted(wanted.title or wanted.id, wanted.op, wanted.value, wanted.unit)


def _kept(row: Retention, found: list[Evidence], document: ReviewDocument) -> Kept:
    asked = float(periods.days_from(document.as_of.date(), row.at_least)) if row.at_least else None
    facts = next((one.facts for one in found if _is_of(one, row)), None)
    floor, ceiling = _limits(facts) if facts else (None, None)
    return Kept(row.log, asked, floor, ceiling, *_rules(facts))


def _is_of(evidence: Evidence, row: Retention) -> bool:
    asked = evidence.params
    match evidence.facts:
        case RetentionFacts():
            return (asked.get("bucket"), asked.get("prefix") or None) == (row.bucket, row.prefix or None)
        case LogIndexFacts():
            return row.source == "datadog.log_indexes" and asked.get("index") == row.index
        case ProjectRetentionFacts():
            return asked.get("project") == row.project
        case StatedRetentionFacts():
            return row.source == "attestation" and asked.get("log") == row.log
    return False


def _rules(facts: Facts | None) -> tuple[str, str]:
    """The rules that decide floor and ceiling, where there are rules."""
    if not isinstance(facts, RetentionFacts):
        return "", ""
    floor, ceiling = facts.floor_rule, facts.ceiling_rule
    return floor.value if floor else "", ceiling.value if ceiling else ""


def _limits(facts: Facts) -> tuple[float | None, float | None]:
    """Floor and ceiling in days; a period in another unit is not drawn."""
    match facts:
        case RetentionFacts(floor=floor, ceiling=ceiling):
            return _days(floor), _days(ceiling)
        case LogIndexFacts(retention=kept) | ProjectRetentionFacts(kept=kept) | StatedRetentionFacts(kept=kept):
            return _days(kept), _days(kept)
    return None, None


def _days(kept: Number | None) -> float | None:
    if kept is None:
        return FOR_EVER
    return kept.value if kept.unit in ("day", "days") and isfinite(kept.value) else None
