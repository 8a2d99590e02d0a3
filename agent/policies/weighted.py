"""`weighted`: each category's share of its items' weights, weighted again, with limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from agent.domain import CheckResult, ItemResult
from agent.policies.counting import Judgement, Tally, categories, checks_hold, critical, judged, score_of, tally
from agent.policies.specs import Threshold, WeightedPolicy
from agent.scores import Line, Score, percent


def weighted(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: WeightedPolicy) -> Judgement:
    """Cleared when the whole and every category with a limit reach it, no critical item is open, and checks hold."""
    return judged(items, checks, lambda rows, told: _worked_out(rows, told, spec))


def _worked_out(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: WeightedPolicy) -> tuple[bool, Score]:
    rows = categories(items)
    found = {one.id: tally(rows.get(one.id, ()), lambda item: item.weight) for one in spec.categories}
    lines = [_line(found[one.id], one.id, f"{one.weight} %", one.needs) for one in spec.categories]
    whole, stopped = _whole(found, spec), critical(items)
    short = whole.reached is not True or any(line.reached is False for line in lines)
    cleared = not short and not stopped and checks_hold(checks)
    open_ = spec.labels.stopped if stopped and spec.labels.stopped else spec.labels.short
    label = spec.labels.done if cleared else open_
    return cleared, score_of(spec.name, label, whole, lines, stopped, spec.by_a_person)


def _line(found: Tally, id: str, weight: str, needs: Threshold | None) -> Line:
    if needs is None:
        return found.line(id, id, weight=weight)
    reached = found.share is not None and needs.reached(found.share)
    return found.line(id, id, weight=weight, needs=needs.told(), reached=reached)


def _whole(found: Mapping[str, Tally], spec: WeightedPolicy) -> Line:
    """The sum of weight x share over the sum of weights, of the categories in which something applies."""
    weights = {one.id: Fraction(one.weight) for one in spec.categories if found[one.id].share is not None}
    of = sum(weights.values(), Fraction(0))
    nothing = sum(one.not_applicable for one in found.values())
    told = {"id": "whole", "title": "All categories by weight", "needs": spec.needs.told(), "not_applicable": nothing}
    if not of:
        return Line.model_validate({**told, "done": 0, "of": 0, "share": "", "reached": False})
    done = sum((weight * (found[id].share or 0) for id, weight in weights.items()), Fraction(0)) / of
    counts = {"done": done.numerator, "of": done.denominator, "share": percent(done)}
    return Line.model_validate({**told, **counts, "reached": spec.needs.reached(done)})
