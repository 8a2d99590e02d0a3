"""`stages`: one stage after another; the first that is not complete decides what the outcome is called."""

from __future__ import annotations

from collections.abc import Sequence

from agent.domain import CheckResult, ItemResult
from agent.policies.counting import Judgement, Tally, checks_hold, critical, judged, score_of, tally
from agent.policies.specs import Stage, StagesPolicy
from agent.scores import Score


def stages(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: StagesPolicy) -> Judgement:
    """Cleared when every stage is complete, every critical item is met and every check holds."""
    return judged(items, checks, lambda rows, told: _worked_out(rows, told, spec))


def _worked_out(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: StagesPolicy) -> tuple[bool, Score]:
    whole, stopped = tally(items), critical(items)
    tallies = {stage.id: tally([item for item in items if item.category in stage.categories]) for stage in spec.stages}
    open_ = [stage for stage in spec.stages if not _complete(stage, tallies[stage.id], stopped, items)]
    cleared = not open_ and not stopped and checks_hold(checks)
    label = spec.done if cleared else (open_ or spec.stages[-1:])[0].short
    lines = [
        tallies[one.id].line(one.id, one.title, needs=one.needs.told(), reached=one not in open_) for one in spec.stages
    ]
    line = whole.line("whole", "All stages", needs="every stage", reached=not open_)
    return cleared, score_of(spec.name, label, line, lines, stopped, spec.by_a_person)


def _complete(stage: Stage, found: Tally, stopped: Sequence[int], items: Sequence[ItemResult]) -> bool:
    """Its share is reached and none of its critical items is open; a stage in which nothing applies is not complete."""
    held = any(item.number in stopped for item in items if item.category in stage.categories)
    return found.share is not None and stage.needs.reached(found.share) and not held
