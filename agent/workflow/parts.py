"""An item that has parts stands as they do, by a finding of code's own. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agent.domain import Finding, ItemResult, Outcome, Verdict
from agent.policies.counting import worst
from agent.probes.findings import failed, not_applicable, number, passed, unknown, warned

_SAYS: Mapping[Verdict, tuple[Callable[..., Finding], str]] = {
    Verdict.NOT_MET: (failed, "{count} of the {whole} that apply are met"),
    Verdict.UNDETERMINED: (unknown, "{count} of the {whole} that apply are known to be met"),
    Verdict.WARNING: (warned, "{count} of the {whole} that apply are met without a warning"),
    Verdict.MET: (passed, "{count} of the {whole} that apply are met"),
    Verdict.NOT_APPLICABLE: (not_applicable, "{count} of its {whole} apply"),
}
PROBE = "its_parts_are_met"


def rolled_up(items: Sequence[ItemResult]) -> tuple[ItemResult, ...]:
    """The items, each with parts standing as the worst of those; parts may have parts of their own."""
    found = {item.number: item for item in items}
    for item in sorted(items, key=lambda item: _depth(item, found), reverse=True):
        parts = [one for one in found.values() if one.parent == item.number]
        if parts:
            found[item.number] = _standing(found[item.number], parts)
    return tuple(found[item.number] for item in items)


def _depth(item: ItemResult, items: dict[int, ItemResult]) -> int:
    return 0 if item.parent is None else 1 + _depth(items[item.parent], items)


def _standing(item: ItemResult, parts: Sequence[ItemResult]) -> ItemResult:
    stands = worst(part.verdict for part in parts)
    return item.model_copy(update={"verdict": stands, "findings": (_finding(stands, parts),)})


def _finding(stands: Verdict, parts: Sequence[ItemResult]) -> Finding:
    applying = [part for part in parts if part.verdict is not Verdict.NOT_APPLICABLE]
    met = [part for part in applying if part.verdict is Verdict.MET]
    say, sentence = _SAYS[stands]
    whole = applying if applying else parts
    found = say(sentence, count=number(len(met), "parts"), whole=number(len(whole), "parts"))
    assert found.outcome is not Outcome.PASS or len(met) == len(applying) > 0
    return found.model_copy(update={"probe": PROBE})
