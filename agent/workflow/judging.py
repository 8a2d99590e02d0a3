"""From answers to findings, verdicts and checks. Pure but for the boundary in `judge.run_probe`, which is passed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydantic import JsonValue

from agent import decide, periods
from agent.domain import CheckResult, Finding, ItemResult, Outcome, Remedy
from agent.drafting.parts import sentence
from agent.gates import CheckSpec, Gate, ItemSpec, RuleSpec
from agent.people import People
from agent.probes.findings import resource, state, time, unknown
from agent.workflow.binding import Missing, Scope, elements, fill, holds, look_up
from agent.workflow.planning import Bound
from collectors.evidence import Answer, Evidence, Facts, Gap, GapReason

RunProbe = Callable[[str, Mapping[str, object], Mapping[str, JsonValue]], Finding]


@dataclass(frozen=True)
class Case:
    """One review's answers, ready to be judged. `answers` by question key, `digests` likewise."""

    gate: Gate
    scope: Scope
    rows: Sequence[Bound]
    answers: Mapping[str, Answer]
    digests: Mapping[str, str]
    people: People
    now: datetime
    run: RunProbe

    @cached_property
    def told(self) -> tuple[Bound, ...]:
        """The rows without statements that were asked for to stand in and have nothing to stand in for."""
        idle = {
            (item.number, statement, row.index)
            for item in self.gate.items
            for rule in item.rules
            for request, statement in rule.stands_in.items()
            for row in self.named.get((item.number, request), ())
            if not is_blind(self.answers[row.key])
        }
        return tuple(row for row in self.rows if (row.item, row.name, row.index) not in idle)

    @cached_property
    def named(self) -> Mapping[tuple[int, str], Sequence[Bound]]:
        """The rows by their item and name, in their order."""
        found: dict[tuple[int, str], list[Bound]] = {}
        for row in self.rows:
            found.setdefault((row.item, row.name), []).append(row)
        return found


def is_blind(answer: Answer) -> bool:
    """Did the source answer, and cannot know? No other failure to see is that."""
    return isinstance(answer, Gap) and answer.reason is GapReason.BLIND


class Unseen(Exception):
    """A fact that a rule needs could not be had; `finding` says so."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.sentence)
        self.finding = finding


def judge_item(case: Case, item: ItemSpec) -> ItemResult:
    """Every rule of an item reports; the verdict is computed from all of them."""
    findings: list[Finding] = []
    for rule in item.rules:
        for finding in _rule(case, item, rule):
            findings.append(finding.renumbered(1 + sum(len(f.facts) for f in findings)))
    rows = [row for row in case.told if row.item == item.number]
    seen = {row.key: case.answers[row.key] for row in rows}
    limits = [f.valid_until for f in findings if f.valid_until]
    return ItemResult(
        number=item.number, id=item.id, title=item.title, methods=item.methods,
        verdict=decide.verdict(findings, sign_off=item.sign_off), findings=tuple(findings),
        evidence=tuple(dict.fromkeys(case.digests[k] for k, a in seen.items() if isinstance(a, Evidence))),
        gaps=tuple(dict.fromkeys(case.digests[k] for k, a in seen.items() if isinstance(a, Gap))),
        owner=_who(case, item), remedy=_remedy(case, item), valid_until=min(limits) if limits else None,
        fetched_by=_fetched_by(rows, seen), category=item.category, weight=item.weight, critical=item.critical,
        parent=item.parent, seed=item.seed, why_a_person=item.why_a_person, severity=item.severity,
        controls=tuple(one.name for one in case.gate.controls if one.id in item.control),
    )  # fmt: skip


def _fetched_by(rows: Sequence[Bound], seen: Mapping[str, Answer]) -> datetime | None:
    """Until when the item's fetched evidence is young enough to be signed over; people's statements do not age so."""
    limits = [
        answer.collected_at + periods.length(row.fetched_within)
        for row in rows
        if isinstance(answer := seen[row.key], Evidence)
    ]
    return min(limits) if limits else None


def _rule(case: Case, item: ItemSpec, rule: RuleSpec) -> list[Finding]:
    try:
        scopes = elements(rule.each, case.scope)
    except Missing as missing:
        return [_says_nothing(rule, missing)]
    findings = [_one(case, item, rule, index, inner) for index, inner in scopes if holds(rule.when, inner)]
    return [_softened(finding, rule) for finding in findings]


def _softened(finding: Finding, rule: RuleSpec) -> Finding:
    if rule.shortfall == "warn" and finding.outcome is Outcome.FAIL:
        return finding.model_copy(update={"outcome": Outcome.WARN})
    return finding


def _one(case: Case, item: ItemSpec, rule: RuleSpec, index: int | None, scope: Scope) -> Finding:
    about = _about(scope) if rule.each else ""
    try:
        facts = {name: _facts(case, item, rule, request, index) for name, request in rule.facts.items()}
        params = fill(rule.with_, scope)
    except Missing as missing:
        return _says_nothing(rule, missing).model_copy(update={"about": about})
    except Unseen as unseen:
        return unseen.finding.model_copy(update={"probe": rule.probe, "about": about})
    assert isinstance(params, dict)
    found = _lapsed(case, case.run(rule.probe, facts, params))
    return found.model_copy(update={"about": about}) if found.about != about else found


def _lapsed(case: Case, finding: Finding) -> Finding:
    """A pass or warning whose events no longer count at the instant of the review is no longer known."""
    if finding.valid_until is None or finding.valid_until > case.scope.as_of:
        return finding
    sentence = "what this rests on counted until {lapsed} only"
    return unknown(sentence, lapsed=time(finding.valid_until)).model_copy(update={"probe": finding.probe})


def _about(scope: Scope) -> str:
    for key in ("id", "log", "name"):
        try:
            return str(look_up(f"$each.{key}", scope))
        except Missing:
            continue
    return ""


def _says_nothing(rule: RuleSpec, missing: Missing) -> Finding:
    key = missing.path.removeprefix("card.").removeprefix("each.")
    return unknown("the card does not say {key}", key=resource(key)).model_copy(update={"probe": rule.probe})


def _facts(case: Case, item: ItemSpec, rule: RuleSpec, request: str, index: int | None) -> object:
    """What a probe gets for one of its facts: facts, a tuple of them, or None where blindness is only a note."""
    rows = case.named.get((item.number, request), ())
    if index is None and any(row.index is not None for row in rows):
        return tuple(_facts_of(case, row, rule) for row in rows)
    own = [row for row in rows if row.index in (index, None)]
    if not own:
        raise Unseen(unknown("{request} was not asked", request=resource(request)))
    return _facts_of(case, _stand_in(case, rule, own[0]), rule)


def _stand_in(case: Case, rule: RuleSpec, row: Bound) -> Bound:
    """The row of the statement that stands in, where the source is blind and somebody stated it; else the row."""
    statement = rule.stands_in.get(row.name)
    named = case.named.get((row.item, statement), ()) if statement is not None else ()
    stated = [one for one in named if one.index == row.index]
    if stated and is_blind(case.answers[row.key]) and isinstance(case.answers[stated[0].key], Evidence):
        return stated[0]
    return row


def _facts_of(case: Case, row: Bound, rule: RuleSpec) -> Facts | None:
    answer = case.answers[row.key]
    if isinstance(answer, Gap):
        if answer.reason is GapReason.BLIND and row.name in rule.blind_is_a_note:
            return None
        raise Unseen(_unseen(answer, case.digests[row.key]))
    limit = answer.collected_at + periods.length(row.fetched_within)
    if limit < case.now:
        stale = unknown("what {request} answered is too old to count", request=resource(row.type))
        raise Unseen(stale)
    return answer.facts


def _unseen(gap: Gap, digest: str) -> Finding:
    words = gap.reason.value.replace("_", " ")
    found = unknown("{request} could not be seen: {reason}", request=resource(gap.request_type), reason=state(words))
    return found.model_copy(update={"gap": digest})


def judge_check(case: Case, spec: CheckSpec) -> CheckResult:
    """A fact of the gate that belongs to no item."""
    try:
        params = fill(spec.with_, case.scope)
        assert isinstance(params, dict)
        finding = case.run(spec.probe, {}, params)
    except Missing as missing:
        key = missing.path.removeprefix("card.")
        finding = unknown("the card does not say {key}", key=resource(key)).model_copy(update={"probe": spec.probe})
    text = sentence(finding, case.scope.zone)
    return CheckResult(id=spec.id, title=spec.title, outcome=finding.outcome, finding=finding, text=text)


def _who(case: Case, item: ItemSpec) -> str:
    """Names of those who mend the item; the builders where the card names nobody for it."""
    for name in (item.remediation.who.replace("$maybe.", "$"), "$card.people.builders"):
        try:
            found = look_up(name, case.scope) if name.startswith("$") else name
        except Missing:
            continue
        return " and ".join(case.people.name_of(str(one)) for one in (found if isinstance(found, list) else [found]))
    return ""


def _remedy(case: Case, item: ItemSpec) -> Remedy:
    subject = str(case.scope.card["subject"])
    again = f"clearance assess {subject} --gate {case.gate.id} --only {item.number}"
    return Remedy(who=_who(case, item), how=item.remediation.how.replace("SUBJECT", subject), recheck=again)
