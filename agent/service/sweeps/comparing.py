"""Is a subject's last review still what would be shown? Evidence is compared, and then everything is judged again.

Evidence, card and gate can be the same and the judgement another: windows and ages move with the day, waivers and
statements end, people change. So the rules, which are pure, are run over what was found now, as of now; no graph is
run and no model asked for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import JsonValue

import agent
from agent.cards import Card
from agent.domain import GRAPH_VERSION, CheckResult, ItemResult, ReviewDocument
from agent.gates import Gate, RuleSpec
from agent.policies.all import judgement
from agent.service.sweeps.common import About, Blindness, Common, Ends, Planned
from agent.service.sweeps.planning import raw_card, unasked
from agent.store.reviews import ReviewRow
from agent.workflow import document, frozen, previous
from agent.workflow.acceptances import not_applying_rows, open_rows, taken_on, waiver_rows
from agent.workflow.binding import midnight
from agent.workflow.collect import is_local
from agent.workflow.judge import Judged, judged_over, run_probe
from agent.workflow.judging import Case
from agent.workflow.notices import signable_until
from agent.workflow.planning import Bound
from agent.workflow.undertaken import debts
from agent.workflow.undertaken import planned as undertaken
from collectors.evidence import Evidence, Gap, Window

SPANS = ("window", "recent")  # parameters that hold a span of time


@dataclass(frozen=True)
class Compared:
    """`why` there is to be a new review; "" = the last one still says it all. `note` goes with the line then.

    `earlier` is the review that a new one's prose is compared with; `any_earlier`, whether there is one at all.
    """

    case: Case
    judged: Judged
    about: About
    last: ReviewRow | None
    earlier: ReviewDocument | None
    any_earlier: bool
    why: str
    note: str = ""


def compare(common: Common, planned: Planned, answers: Mapping[str, str]) -> Compared:
    """One subject with the answers of all of the sweep."""
    case = case_of(common, planned, answers)
    judged = judged_over(case, "")
    rows = common.deps.reviews.of(planned.subject, None, planned.gate)
    shown = previous.shown(rows, planned.version)
    before = previous.last_of(common.deps, shown)
    last = shown[-1] if shown and shown[-1].version == planned.version else None
    why, note = _why(common, planned, case, judged, rows, last, before)
    return Compared(case, judged, about(case, judged), last, before, bool(shown), why, note)


def _why(
    common: Common, planned: Planned, case: Case, judged: Judged, rows: Sequence[ReviewRow], last: ReviewRow | None,
    before: ReviewDocument | None,
) -> tuple[str, str]:  # fmt: skip
    if last is None:
        return "this version was not reviewed before", ""
    if before is None:
        return "its last review cannot be read", ""
    if any(row.state == "running" and not row.rehearsal and row.version == last.version for row in rows):
        return "a review of it was begun", ""
    return _news(common, planned, case, judged, before, last)


def case_of(common: Common, planned: Planned, answers: Mapping[str, str]) -> Case:
    """The answers, ready to be judged as of the sweep's instant."""
    card = raw_card(common, planned)
    rows, gaps = unasked(common, planned.rows)
    digests = {row.key: answers[row.key] for row in rows if row.key not in gaps}
    held = common.deps.locker.all_answers(digests.values())
    found = {key: held[digest] for key, digest in digests.items()}
    return Case(
        gate=common.gates[planned.gate], scope=common.scope(planned.gate, card), rows=rows, answers=found | gaps,
        digests=digests | dict.fromkeys(gaps, ""), people=common.deps.configuration.people(),
        now=common.deps.clock(), run=run_probe,
    )  # fmt: skip


def _news(
    common: Common, planned: Planned, case: Case, judged: Judged, before: ReviewDocument, last: ReviewRow
) -> tuple[str, str]:
    """Why there is to be a new review, or why not."""
    told = _frozen_otherwise(common, planned, before)
    if told:
        return told, ""
    if _standing(case, judged.items, judged.checks) != _stood(before, case.gate):
        return "it stands otherwise", ""
    if not _is_same_evidence(common, case, before):
        kept = _signed_meanwhile(common, last, before)
        return ("", kept) if kept else ("its evidence moved", "")
    return "", _note(common, last, before)


def _frozen_otherwise(common: Common, planned: Planned, before: ReviewDocument) -> str:
    if before.card_digest != planned.card:
        return "its card changed"
    if before.gate_digest != common.gate_digests[planned.gate]:
        return "the gate or one of its controls changed"
    if (before.product_version, before.graph_version) != (agent.__version__, GRAPH_VERSION):
        return "it was made by another version of Clearance"
    return ""


# --- evidence --------------------------------------------------------------------------------------------------------


def _is_same_evidence(common: Common, case: Case, before: ReviewDocument) -> bool:
    """The same answer in each place, apart from when it was given: questions move with the day.

    What was seen in a span that slides along with the day is never the same; what is judged of it was compared before.
    """
    then = frozen.Collected.model_validate_json(common.deps.locker.get(before.collected))
    had = {(row.item, row.name, row.index): row for row in then.rows}
    has = {(row.item, row.name, row.index): row for row in case.rows}
    if had.keys() != has.keys():
        return False
    pairs = [(row, had[place]) for place, row in has.items()]
    return all(
        _is_same_question(row, was) and _says_the_same(common, case, row, then.answers[was.key]) for row, was in pairs
    )


def _is_same_question(row: Bound, was: Bound) -> bool:
    """But for the span that it asks about."""
    return (row.type, row.state, _without_window(row)) == (was.type, was.state, _without_window(was))


def _without_window(row: Bound) -> JsonValue:
    return {name: value for name, value in row.params.items() if name not in SPANS}


def _starts(params: Mapping[str, JsonValue]) -> list[datetime]:
    """Where the spans of a question begin."""
    spans = [Window.model_validate(params[name]) for name in SPANS if isinstance(params.get(name), dict)]
    return [span.start for span in spans]


def _says_the_same(common: Common, case: Case, row: Bound, before: str) -> bool:
    if case.digests[row.key] == before:
        return True
    now, then = case.answers[row.key], common.deps.locker.answer(before)
    if _starts(now.params) != _starts(then.params) and isinstance(now, Evidence) and isinstance(then, Evidence):
        return True
    return _said(now) == _said(then)


def _said(answer: Evidence | Gap) -> JsonValue:
    """What an answer says, without the instant at which it was asked, and what that moves.

    Our own files say the same wherever they lie; of a vendor it counts which account was asked, not with which key.
    """
    local = is_local(answer.request_type)
    source: JsonValue = {} if local else answer.source.model_dump(mode="json", exclude={"credential"})
    if isinstance(answer, Gap):
        return {"gap": answer.reason.value, "what": answer.what, "source": source}
    said = {"facts": _without_places(answer.facts.model_dump(mode="json")), "source": source}
    return {**said, "body": answer.body} if local else said


def _without_places(facts: JsonValue) -> JsonValue:
    if isinstance(facts, dict):
        return {key: _without_places(one) for key, one in facts.items() if key not in ("evidence", "pointer")}
    return [_without_places(one) for one in facts] if isinstance(facts, list) else facts


# --- judgement -------------------------------------------------------------------------------------------------------


def _standing(case: Case, items: tuple[ItemResult, ...], checks: tuple[CheckResult, ...]) -> JsonValue:
    """What would be shown now, less what merely counts the days."""
    facts, card = taken_on(case), Card.model_validate(case.scope.card)
    proposal = judgement(items, checks, case.gate.policy).decision
    signers = document.signers(case.gate, card, case.people, proposal)
    return {
        "proposal": proposal.value,
        "items": [_of_item(item, case.gate) for item in items],
        "checks": [[one.id, one.outcome.value, one.finding.sentence] for one in checks],
        "signers": [one.model_dump(mode="json") for one in signers],
        "taken on": [
            [row.model_dump(mode="json") for row in rows if _counts(row.digest, items)]
            for rows in (open_rows(case, facts), waiver_rows(case, facts), not_applying_rows(case, facts))
        ],
        "undertaken": [row.model_dump(mode="json") for row in undertaken(case, facts, items)],
        "debts": [row.model_dump(mode="json") for row in debts(case)],
    }


def _counts(digest: str, items: tuple[ItemResult, ...]) -> bool:
    return any(digest in (item.open_item, item.waived, item.not_applicable) for item in items)


def _stood(before: ReviewDocument, gate: Gate) -> JsonValue:
    return {
        "proposal": before.proposal.value,
        "items": [_of_item(item, gate) for item in before.items],
        "checks": [[one.id, one.outcome.value, one.finding.sentence] for one in before.checks],
        "signers": [one.model_dump(mode="json") for one in before.signers],
        "taken on": [
            [row.model_dump(mode="json") for row in rows]
            for rows in (before.open_items, before.waivers, before.not_applying)
        ],
        "undertaken": [row.model_dump(mode="json") for row in before.planned],
        "debts": [row.model_dump(mode="json") for row in before.debts],
    }


def _of_item(item: ItemResult, gate: Gate) -> JsonValue:
    """Verdict, outcomes, sentences, owner, until when it counts; where people enter, the facts as well."""
    watched = _rules_on_people(gate).get(item.number, frozenset())
    return {
        "verdict": item.verdict.value, "owner": item.owner, "remedy": item.remedy.model_dump(mode="json"),
        "taken on": [item.open_item, item.waived, item.not_applicable],
        "valid until": item.valid_until.timestamp() if item.valid_until else None,
        "findings": [
            [
                one.probe, one.about, one.outcome.value, one.sentence, one.note,
                [_without_places(used.fact.model_dump(mode="json")) for used in one.facts]
                if one.probe in watched else [],
            ]
            for one in item.findings
        ],
    }  # fmt: skip


def _rules_on_people(gate: Gate) -> Mapping[int, frozenset[str]]:
    return _people_in(gate.model_dump_json(by_alias=True))


@lru_cache(maxsize=16)
def _people_in(gate: str) -> Mapping[int, frozenset[str]]:
    """By item, the probes that are given people.yaml."""
    parsed = Gate.model_validate_json(gate)
    return {item.number: frozenset(rule.probe for rule in item.rules if _names_people(rule)) for item in parsed.items}


def _names_people(rule: RuleSpec) -> bool:
    return '"$people' in json.dumps(rule.with_)


# --- what is said of what did not change -----------------------------------------------------------------------------


def _signed_meanwhile(common: Common, last: ReviewRow, before: ReviewDocument) -> str:
    """A review that somebody signed, that still may be signed, and that says what would be said now is left to them."""
    until = signable_until(before, common.gates[before.gate])
    if last.state != "signing" or until <= common.deps.clock():
        return ""
    count = len(common.deps.reviews.signoffs(last.id, last.digest))
    if not count:
        return ""
    signed = f"{count} signature{'s' * (count > 1)}"
    return f"evidence moved and says the same; the review has {signed} and is left for the others to sign"


def _note(common: Common, last: ReviewRow, before: ReviewDocument) -> str:
    if last.state == "signing":
        until = signable_until(before, common.gates[before.gate])
        if until <= common.deps.clock():
            again = f"clearance assess {before.subject} --gate {before.gate}"
            return f"its evidence is too old to be signed over; before signing: {again}"
        return "waits for signatures"
    told = {"returned": "was sent back for more evidence", "revoked": "was revoked", "superseded": "was left behind"}
    return told.get(last.state, "")


# --- for the digest --------------------------------------------------------------------------------------------------


def about(case: Case, judged: Judged) -> About:
    """What the digest says of a subject whether it changed or not."""
    card = Card.model_validate(case.scope.card)
    return About(
        name=card.name or card.subject, launch=card.launch.date.isoformat(),
        lapses=tuple(_lapses(judged.items, midnight(card.launch.date, card.pilot.zone), case.scope.as_of)),
        blind=tuple(_blind(case)),
    )  # fmt: skip


def _lapses(items: tuple[ItemResult, ...], launch: datetime, as_of: datetime) -> Iterator[Ends]:
    """What counts now, and will not on the day of the launch."""
    for item in items:
        if item.valid_until is not None and as_of < item.valid_until < launch:
            yield Ends(what=f"item {item.number}, {item.title}", ends=item.valid_until, owner=item.owner)


def _blind(case: Case) -> Iterator[Blindness]:
    """Sources that gave no answer. What a card or a person does not say is an item's affair."""
    found: dict[tuple[str, str], list[Gap]] = {}
    for row in {row.key: row for row in case.told if row.state == "asked" and not is_local(row.type)}.values():
        answer = case.answers[row.key]
        if isinstance(answer, Gap):
            found.setdefault((answer.request_type, answer.reason.value), []).append(answer)
    for (type_, reason), gaps in found.items():
        yield Blindness(
            request_type=type_, reason=reason, questions=len(gaps), what=gaps[0].what, next_step=gaps[0].next_step
        )
