"""Open items and waivers that people took on: they mark an item, and never make it pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from agent.cards import CardPeople
from agent.domain import ItemResult, OpenItemRow, Verdict, WaiverRow
from agent.gates import Gate
from agent.people import People, same_name
from agent.probes.stated import ends
from agent.scores import NotApplyingRow
from agent.workflow.binding import look_up, midnight
from agent.workflow.judging import Case
from agent.workflow.planning import ACCEPTANCES, GATE_ITSELF
from collectors.evidence import Evidence
from collectors.statements import AcceptanceFacts, NotApplicable, Waiver

UNNAMED = "pilot-to-prod"  # whose item was meant before there was a second gate to name
Until = Mapping[str, datetime | None]  # when a statement stops counting, by its digest


def accepted(case: Case, items: Sequence[ItemResult]) -> tuple[ItemResult, ...]:
    """The items with the open items and waivers that stand for them; what was approved as not applying does not."""
    facts = taken_on(case)
    exempt = {row.item: row for row in not_applying_rows(case, facts)}
    stated = [*(one.statement for one in facts.not_applicable), *(one.statement for one in facts.open_items)]
    until = {one.digest: ends(one) for one in stated}
    items = [_exempted(item, exempt.get(item.number), until) for item in items]
    opened = open_rows(case, facts)
    waivers = {row.item: row for row in waiver_rows(case, facts)}
    return tuple(_marked(item, opened, waivers, until) for item in items)


def _exempted(item: ItemResult, row: NotApplyingRow | None, until: Until) -> ItemResult:
    if row is None:
        return item
    limit = _earlier(item.valid_until, until[row.digest])
    return item.model_copy(
        update={"verdict": Verdict.NOT_APPLICABLE, "not_applicable": row.digest, "valid_until": limit}
    )


def _marked(
    item: ItemResult, opened: Sequence[OpenItemRow], waived: dict[int, WaiverRow], until: Until
) -> ItemResult:  # fmt: skip
    own = [row.digest for row in opened if row.item == item.number]
    if item.verdict is Verdict.WARNING and own:
        limit = _earlier(item.valid_until, *(until[digest] for digest in own))
        return item.model_copy(update={"open_item": own[-1], "valid_until": limit})
    if item.verdict in (Verdict.NOT_MET, Verdict.UNDETERMINED) and item.number in waived:
        waiver = waived[item.number]
        limit = _earlier(item.valid_until, waiver.expires)
        return item.model_copy(update={"waived": waiver.digest, "valid_until": limit})
    return item


def _earlier(*moments: datetime | None) -> datetime | None:
    return min((at for at in moments if at), default=None)


def taken_on(case: Case) -> AcceptanceFacts:
    """What people took on; when that could not be read, nothing was."""
    row = next(row for row in case.rows if (row.item, row.name) == (GATE_ITSELF, ACCEPTANCES))
    answer = case.answers[row.key]
    if isinstance(answer, Evidence) and isinstance(answer.facts, AcceptanceFacts):
        return answer.facts
    return AcceptanceFacts(open_items=(), waivers=())


def open_rows(case: Case, facts: AcceptanceFacts) -> list[OpenItemRow]:
    """Open items that count: stated by a proven person, and due within the gate's days after launch."""
    launch, zone = date.fromisoformat(str(look_up("$card.launch.date", case.scope))), case.scope.zone
    return [
        OpenItemRow(
            item=one.item, missing=one.missing, owner=one.owner, due=one.due.value, by=one.statement.author.value,
            proven=one.statement.proven, digest=one.statement.digest,
        )
        for one in facts.open_items
        if one.statement.proven and _of_this_gate(case, one.gate)
        and not why_not_taken_on(case.gate, launch, zone, case.people, case.now, one.owner, one.due.value)
    ]  # fmt: skip


def _of_this_gate(case: Case, named: str) -> bool:
    return (named or UNNAMED) == case.gate.id


def why_not_taken_on(
    gate: Gate, launch: date, zone: str, people: People, now: datetime, owner: str, due: datetime
) -> str:  # fmt: skip
    """Why an open item does not count, or "": owned by somebody known, due from now on and within the gate's days."""
    days = gate.policy.open_items_within_days
    if owner not in people.people:
        return f"{owner!r} is nobody in people.yaml, so nobody would own it"
    if due <= now:
        return f"it would be due at {due:%Y-%m-%d %H:%M %Z}, which has passed"
    if due >= midnight(launch + timedelta(days=days + 1), zone):
        return f"it is due at {due:%Y-%m-%d %H:%M %Z}, and {days} days after the launch on {launch} is the latest"
    return ""


def _may_approve(case: Case, waiver: Waiver | NotApplicable) -> bool:
    """Proven, and by somebody who may."""
    people, approver = CardPeople.model_validate(case.scope.card["people"]), waiver.statement.author.id
    return waiver.statement.proven and not why_not_approved(people, case.people, approver, waiver.requested_by)


def why_not_approved(people: CardPeople, known: People, approver: str, asked: str, what: str = "a waiver") -> str:
    """Why this person's approval does not count, or "". It does by a lead, sponsor or M8 approver of the card who does
    not build, for somebody else whom we know. Two ids of one name are one person.
    """
    who = (people.lead, people.sponsor, people.second_approver, *people.approvers_m8)
    named = {one for one in who if one and not any(_is_one(known, one, builder) for builder in people.builders)}
    if _is_one(known, asked, approver):
        return f"{known.name_of(approver)} cannot approve {what} that they ask for themselves; somebody else has to"
    if asked not in known.people:
        return f"{asked!r} is nobody in people.yaml, so nobody asked for it"
    if approver not in named:
        may = ", ".join(known.name_of(one) for one in sorted(named)) or "nobody"
        told = (
            f"{known.name_of(approver)} may not approve {what} here; lead, sponsor and approvers may who do not build"
        )
        return f"{told} ({may})"
    return ""


def _is_one(known: People, one: str, other: str) -> bool:
    return one == other or same_name(known.name_of(one), known.name_of(other))


def waiver_rows(case: Case, facts: AcceptanceFacts) -> list[WaiverRow]:
    """Waivers that hold: proven, by somebody who may and did not ask for it, not expired, on a waivable item."""
    rows = []
    for one in facts.waivers:
        spec, limit = case.gate.item(one.item), _ends(one)
        if spec is None or not spec.waivable or limit <= case.now or not _may_approve(case, one):
            continue
        if not _of_this_gate(case, one.gate):
            continue
        rows.append(
            WaiverRow(
                item=one.item, reason=one.reason, requested_by=one.requested_by, approved_by=one.statement.author.value,
                compensating=one.compensating, expires=limit, digest=one.statement.digest,
            )
        )  # fmt: skip
    return rows


def _ends(waiver: Waiver) -> datetime:
    """When it expires, or already when its statement stops counting: what rests on it ends then."""
    return min(waiver.expires.value, ends(waiver.statement) or waiver.expires.value)


def not_applying_rows(case: Case, facts: AcceptanceFacts) -> list[NotApplyingRow]:
    """Items that do not apply: where the gate lets people say so, and somebody approved it who may and did not ask."""
    return [
        NotApplyingRow(
            item=one.item, reason=one.reason, requested_by=one.requested_by, approved_by=one.statement.author.value,
            digest=one.statement.digest,
        )
        for one in facts.not_applicable
        if one.gate == case.gate.id and not why_it_applies(case.gate, one.item) and _may_approve(case, one)
    ]  # fmt: skip


def why_it_applies(gate: Gate, number: int) -> str:
    """Why nobody can say that an item does not apply, or ""."""
    spec = gate.item(number)
    if spec is None:
        return f"gate {gate.id} has no item {number}"
    if spec.critical:
        return f"item {number} of {gate.id} is critical: it applies to every subject"
    return "" if spec.may_not_apply else f"item {number} of {gate.id} applies to every subject"
