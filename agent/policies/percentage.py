"""`percentage`: the share of boxes that are ticked, in bands; a box that does not apply is not counted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from agent.domain import CheckResult, ItemResult
from agent.policies.counting import Judgement, Tally, categories, checks_hold, critical, judged, score_of, tally
from agent.policies.specs import Band, PercentagePolicy
from agent.scores import Score


def percentage(items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: PercentagePolicy) -> Judgement:
    """Cleared only in the highest band, with every critical item met and every check holding."""
    return judged(items, checks, lambda rows, told: _worked_out(rows, told, spec))


def _worked_out(
    items: Sequence[ItemResult], checks: Sequence[CheckResult], spec: PercentagePolicy
) -> tuple[bool, Score]:
    whole, stopped = tally(items), critical(items)
    band = _band(whole, spec)
    cleared = band is spec.bands[0] and not stopped and checks_hold(checks)
    named = band if cleared or band is not spec.bands[0] else spec.bands[1]
    lines = [tally(rows).line(id, id) for id, rows in categories(items).items()]
    needs = f"at least {spec.bands[0].at_least} %"
    line = whole.line("whole", "All boxes that apply", needs=needs, reached=band is spec.bands[0])
    return cleared, score_of(spec.name, named, line, lines, stopped, spec.by_a_person)


def _band(whole: Tally, spec: PercentagePolicy) -> Band:
    """The band that the exact share is in; where nothing applies, the lowest."""
    if whole.share is None:
        return spec.bands[-1]
    reached = (band for band in spec.bands if whole.share * 100 >= Fraction(band.at_least))
    return next(reached)
