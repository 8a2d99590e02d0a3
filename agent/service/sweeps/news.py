"""What two documents of one subject say otherwise, as the digest tells it: worst first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from sys import intern

from agent.digests import WORST, Changed, ItemChange, Owned, OwnedChange
from agent.domain import WORDS, Decision, ItemResult, Outcome, Reason, ReviewDocument, Verdict
from agent.drafting.overview import reasons_by_rule
from agent.outputs.table import worst_first as findings_worst_first

PROPOSALS = {Decision.BLOCKED: 0, Decision.CONDITIONAL: 1, Decision.CLEARED: 2}
_CHECKS = {
    Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.WARN: 2, Outcome.NOT_APPLICABLE: 4, Outcome.PASS: 5,
}  # fmt: skip
_GOOD = (Verdict.MET, Verdict.PENDING, Verdict.NOT_APPLICABLE)
_OPEN = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN)


def changed(before: ReviewDocument | None, after: ReviewDocument) -> Changed | None:
    """None where nothing that a reader has to know is otherwise."""
    items = (*_items(before, after), *_checks(before, after))
    if before is not None and before.proposal is after.proposal and not items:
        return None
    launch = after.card.get("launch")
    return Changed(
        subject=after.subject, name=after.name, version=after.version, gate=after.gate, review=after.review,
        before=before.proposal if before else None, after=after.proposal,
        launch=str(launch.get("date", "")) if isinstance(launch, dict) else "",
        items=tuple(sorted(items, key=lambda one: not one.worse)),
    )  # fmt: skip


def _items(before: ReviewDocument | None, after: ReviewDocument) -> Iterator[ItemChange]:
    """By verdict, the worst first; of the same verdict, those with reasons that were not there."""
    had = {item.number: item for item in before.items} if before else {}
    fresh = _new_reasons(before, after)
    for item in sorted(after.items, key=lambda item: (WORST[item.verdict], item.number)):
        was, sentences = had.get(item.number), fresh.get(str(item.number), ())
        if before is None and item.verdict in _GOOD:
            continue
        if was is not None and was.verdict is item.verdict and not sentences:
            continue
        yield _item(item, was, sentences, _how(item, after))


def _how(item: ItemResult, document: ReviewDocument) -> str:
    """As the report has it: what could not be seen is mended at its source, not by the remedy of the item itself."""
    steps = {gap.digest: gap.next_step for gap in document.gaps}
    open_ = [one for one in findings_worst_first(item.findings) if one.outcome in _OPEN]
    told = [steps.get(one.gap) or item.remedy.how for one in open_]
    return " ".join(dict.fromkeys(told)) or item.remedy.how


def _item(item: ItemResult, was: ItemResult | None, sentences: Sequence[str], how: str) -> ItemChange:
    """Texts that thousands of subjects have in common are held once."""
    worse = was is None or WORST[item.verdict] < WORST[was.verdict] or (was.verdict is item.verdict and bool(sentences))
    return ItemChange(
        where=str(item.number), title=intern(item.title), before=WORDS[was.verdict] if was else "",
        after=WORDS[item.verdict], worse=worse, owner=intern(item.owner), sentences=tuple(map(intern, sentences)),
        how="" if item.verdict in _GOOD else intern(how),
    )  # fmt: skip


def _new_reasons(before: ReviewDocument | None, after: ReviewDocument) -> dict[str, tuple[str, ...]]:
    had = reasons_by_rule(before.reasons) if before else {}
    found: dict[str, list[str]] = {}
    for key, reason in reasons_by_rule(after.reasons).items():
        if key not in had:
            _add(found, reason)
    return {where: tuple(dict.fromkeys(texts)) for where, texts in found.items()}


def _add(found: dict[str, list[str]], reason: Reason) -> None:
    found.setdefault(reason.where, []).append(reason.text)


def _checks(before: ReviewDocument | None, after: ReviewDocument) -> Iterator[ItemChange]:
    had = {check.id: check for check in before.checks} if before else {}
    for check in after.checks:
        was = had.get(check.id)
        if check.outcome is (was.outcome if was else Outcome.PASS):
            continue
        bad = check.outcome is not Outcome.PASS
        yield ItemChange(
            where=check.id, title=check.title, before=was.outcome.value if was else "", after=check.outcome.value,
            worse=was is None or _CHECKS[check.outcome] < _CHECKS[was.outcome], sentences=(check.text,) if bad else (),
        )  # fmt: skip


def worst_first(found: Sequence[Changed]) -> tuple[Changed, ...]:
    """For the worse before for the better, the worse proposal before the better, the nearer launch before the later."""

    def rank(one: Changed) -> tuple[object, ...]:
        fell = one.before is None or PROPOSALS[one.after] < PROPOSALS[one.before] or any(i.worse for i in one.items)
        return (not fell, PROPOSALS[one.after], one.launch or "9", one.subject, one.gate)

    return tuple(sorted(found, key=rank))


def by_owner(found: Sequence[Changed]) -> tuple[Owned, ...]:
    """Each owner's part, in the order of the whole; what nobody owns comes last."""
    owned: dict[str, list[OwnedChange]] = {}
    for one in found:
        for item in one.items:
            change = OwnedChange(subject=one.subject, gate=one.gate, review=one.review, item=item)
            owned.setdefault(item.owner, []).append(change)
    rows = [Owned(owner=owner, changes=tuple(sorted(many, key=_by_worse))) for owner, many in owned.items()]
    return tuple(sorted(rows, key=lambda row: (not row.owner, -sum(one.item.worse for one in row.changes), row.owner)))


def _by_worse(one: OwnedChange) -> bool:
    return not one.item.worse
