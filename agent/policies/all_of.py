"""`all_of`: every item that applies is met, category by category."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain import CheckResult, ItemResult
from agent.policies.counting import Judgement, Tally, categories, checks_hold, critical, judged, score_of, tally
from agent.policies.specs import AllOfPolicy
from agent.scores import Score


def all_of(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: AllOfPolicy) -> Judgement:
    """Cleared when nothing that applies is left, and something applies."""
    return judged(items, checks, lambda rows, told: _worked_out(rows, told, spec))


def _worked_out(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: AllOfPolicy) -> tuple[bool, Score]:
    whole, stopped = tally(items), critical(items)
    cleared = _complete(whole) and not stopped and checks_hold(checks)
    short = spec.labels.stopped if stopped and spec.labels.stopped else spec.labels.short
    tallies = {id: tally(rows) for id, rows in categories(items).items()}
    lines = [one.line(id, id, needs="all", reached=_complete(one)) for id, one in tallies.items()]
    line = whole.line("whole", "All that applies", needs="all", reached=_complete(whole))
    label = spec.labels.done if cleared else short
    return cleared, score_of(spec.name, label, line, lines, stopped, spec.by_a_person)


def _complete(one: Tally) -> bool:
    return one.share == 1
