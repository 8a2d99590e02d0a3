"""What the policies that count share: which items count, what is done, and how a decision follows from it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from agent.domain import CheckResult, Decision, ItemResult, Outcome, Verdict
from agent.policies.specs import Label
from agent.scores import Line, Score, percent

WORST = (
    Verdict.NOT_MET,
    Verdict.UNDETERMINED,
    Verdict.PENDING,
    Verdict.WARNING,
    Verdict.MET,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True)
class Judgement:
    """What a policy makes of a gate. `against`: it is blocked whatever the things that could not be seen are."""

    decision: Decision
    against: bool
    score: Score | None = None


@dataclass(frozen=True)
class Tally:
    """Items that count together. `done` and `of` are weights (1 each, unless the policy weighs)."""

    done: int
    of: int
    not_applicable: int

    @property
    def share(self) -> Fraction | None:
        """Exactly; None where nothing applies, which is no share at all and never a whole one."""
        return Fraction(self.done, self.of) if self.of else None

    def line(self, id: str, title: str, **more: object) -> Line:
        share = "" if self.share is None else percent(self.share)
        counts = {"done": self.done, "of": self.of, "not_applicable": self.not_applicable}
        return Line.model_validate({"id": id, "title": title, "share": share, **counts, **more})


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """What several stand at together: the worst of them, less those that do not apply unless none does."""
    return min(verdicts, key=WORST.index, default=Verdict.UNDETERMINED)


def counted(items: Sequence[ItemResult]) -> list[ItemResult]:
    """The items that count, each once: a part counts through the item it is a part of, which stands as its parts do."""
    parts: dict[int | None, list[ItemResult]] = {}
    for item in items:
        parts.setdefault(item.parent, []).append(item)
    return [item.model_copy(update={"verdict": _standing(item, parts)}) for item in parts.get(None, [])]


def _standing(item: ItemResult, parts: Mapping[int | None, Sequence[ItemResult]]) -> Verdict:
    """What an item counts as. What was waived is still not done."""
    own = [_standing(part, parts) for part in parts.get(item.number, ())]
    return worst(own) if own else item.verdict


def tally(items: Sequence[ItemResult], weight: Callable[[ItemResult], int] = lambda item: 1) -> Tally:
    """Done is only what is met."""
    applying = [item for item in items if item.verdict is not Verdict.NOT_APPLICABLE]
    done = sum(weight(item) for item in applying if item.verdict is Verdict.MET)
    return Tally(done, sum(map(weight, applying)), len(items) - len(applying))


def categories(items: Sequence[ItemResult]) -> dict[str, list[ItemResult]]:
    """Items by category, in the order of their numbers."""
    found: dict[str, list[ItemResult]] = {}
    for item in sorted(items, key=lambda item: item.number):
        found.setdefault(item.category, []).append(item)
    return found


def critical(items: Sequence[ItemResult]) -> tuple[int, ...]:
    """Critical items that are not met. One that is said not to apply is not met either."""
    return tuple(sorted(item.number for item in items if item.critical and item.verdict is not Verdict.MET))


def nothing_applies(items: Sequence[ItemResult]) -> bool:
    """Is there no item left that could show anything? That is no full score, and never a yes."""
    return bool(items) and all(item.verdict is Verdict.NOT_APPLICABLE for item in items)


def checks_hold(checks: Sequence[CheckResult]) -> bool:
    return all(check.outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) for check in checks)


Policy = Callable[[Sequence[ItemResult], Sequence[CheckResult]], tuple[bool, Score]]


def judged(items: Sequence[ItemResult], checks: Sequence[CheckResult], policy: Policy) -> Judgement:
    """`policy` says whether all that it asks is there, and its sum; asked again as if all that is hidden were well.

    Where it says no even then, a fact stands against it; else it is only that something could not be seen.
    """
    cleared, score = policy(counted(items), checks)
    if cleared:
        return Judgement(Decision.CLEARED, against=False, score=score)
    at_best, _ = policy(counted([_at_best(item) for item in items]), [_check_at_best(check) for check in checks])
    return Judgement(Decision.BLOCKED, against=not at_best, score=score)


def _at_best(item: ItemResult) -> ItemResult:
    hidden = item.verdict in (Verdict.UNDETERMINED, Verdict.PENDING)
    return item.model_copy(update={"verdict": Verdict.MET}) if hidden else item


def _check_at_best(check: CheckResult) -> CheckResult:
    hidden = check.outcome is Outcome.UNKNOWN
    return check.model_copy(update={"outcome": Outcome.PASS}) if hidden else check


def score_of(
    policy: str, label: Label, whole: Line, lines: Sequence[Line], stopped: tuple[int, ...], people: Sequence[Label]
) -> Score:
    return Score(
        policy=policy, label=label.label, says=label.says, whole=whole, lines=tuple(lines), critical=stopped,
        by_a_person=tuple(one.label for one in people),
    )  # fmt: skip
