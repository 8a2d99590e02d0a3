"""Collects what people took on or approved of items, and how they answer the boxes that no system can answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collectors.attestation_desk import Desk, answer_all, where
from collectors.attestation_files import Said
from collectors.attestations import latest_of_each
from collectors.connections import Connections
from collectors.errors import Gone
from collectors.evidence import Answer, Day, Number, Resource, State, Time
from collectors.statement_fields import (
    AnswersFields,
    DebtFields,
    DebtRowFields,
    NotApplicableFields,
    OpenItemFields,
    TestsFields,
    WaiverFields,
)
from collectors.statements import (
    AcceptanceAsk,
    AcceptanceFacts,
    AnswersAsk,
    AnswersFacts,
    Box,
    Debt,
    DebtAsk,
    DebtFacts,
    NotApplicable,
    OpenItem,
    TestsAsk,
    TestsFacts,
    Waiver,
)


def acceptances(conn: Connections, asks: Sequence[AcceptanceAsk]) -> Iterable[Answer]:
    """Open items that people took on, and waivers and exemptions that were approved; about the same, the latest."""
    return answer_all(conn, asks, _acceptances)


def answers(conn: Connections, asks: Sequence[AnswersAsk]) -> Iterable[Answer]:
    """How people answer the boxes of one part of a gate; of several answers to one box, the latest."""
    return answer_all(conn, asks, _answers)


def debt(conn: Connections, asks: Sequence[DebtAsk]) -> Iterable[Answer]:
    """The technical debt that somebody listed for a gate, as the latest list has it."""
    return answer_all(conn, asks, _debt)


def tests(conn: Connections, asks: Sequence[TestsAsk]) -> Iterable[Answer]:
    """How many test scenarios passed, as the latest statement about this version counts them."""
    return answer_all(conn, asks, _tests)


def _tests(desk: Desk, ask: TestsAsk) -> TestsFacts:
    latest = desk.needed(desk.of_kind("tests"), "how many tests passed")
    said = latest.fields(TestsFields)
    return TestsFacts(
        statement=desk.statement(latest),
        passed=Number(value=said.passed, unit="scenarios", pointer=where(latest, "fields", "passed")),
        of=Number(value=said.of, unit="scenarios", pointer=where(latest, "fields", "of")),
        where=Resource(value=said.where, pointer=where(latest, "fields", "where")),
        failed=tuple(
            Resource(value=one.what, pointer=where(latest, "fields", "failed", i, "what"))
            for i, one in enumerate(said.failed)
        ),
    )  # fmt: skip


def _debt(desk: Desk, ask: DebtAsk) -> DebtFacts:
    about = [one for one in desk.of_kind("debt") if one.fields(DebtFields).gate == ask.gate]
    latest = desk.needed(about, f"the technical debt for {ask.gate}")
    rows = enumerate(latest.fields(DebtFields).debts)
    return DebtFacts(statement=desk.statement(latest), debts=tuple(_debt_row(latest, i, row) for i, row in rows))


def _debt_row(one: Said, index: int, row: DebtRowFields) -> Debt:
    at = ("fields", "debts", index)
    return Debt(
        what=Resource(value=row.what, pointer=where(one, *at, "what")),
        touches=State(value=row.touches, pointer=where(one, *at, "touches")),
        stands=State(value=row.stands, pointer=where(one, *at, "stands")), why=row.why, plan=row.plan,
        until=Day(value=row.until, pointer=where(one, *at, "until")) if row.until else None,
    )  # fmt: skip


def _acceptances(desk: Desk, ask: AcceptanceAsk) -> AcceptanceFacts:
    opened = latest_of_each(desk, desk.of_kind("open_item"), lambda s: _topic(s.fields(OpenItemFields)))
    waived = latest_of_each(desk, desk.of_kind("waiver"), lambda s: _which(s.fields(WaiverFields)))
    return AcceptanceFacts(
        open_items=tuple(_open_item(desk, one) for one in opened), waivers=tuple(_waiver(desk, one) for one in waived),
        not_applicable=_not_applicable(desk),
    )  # fmt: skip


def _which(said: OpenItemFields | WaiverFields) -> tuple[str, int]:
    return said.gate or "", said.item


def _topic(said: OpenItemFields) -> tuple[str, int, str]:
    """One item may have several open points; a later statement of the same point takes the earlier one's place."""
    return (*_which(said), said.missing)


def _open_item(desk: Desk, one: Said) -> OpenItem:
    said = one.fields(OpenItemFields)
    due = Time(value=said.due, pointer=where(one, "fields", "due"))
    return OpenItem(
        statement=desk.statement(one), item=said.item, gate=said.gate or "", missing=said.missing, owner=said.owner,
        due=due,
    )  # fmt: skip


def _waiver(desk: Desk, one: Said) -> Waiver:
    said = one.fields(WaiverFields)
    return Waiver(
        statement=desk.statement(one), item=said.item, gate=said.gate or "", reason=said.reason,
        requested_by=said.requested_by, compensating=said.compensating,
        expires=Time(value=said.expires, pointer=where(one, "fields", "expires")),
    )  # fmt: skip


def _not_applicable(desk: Desk) -> tuple[NotApplicable, ...]:
    about: dict[tuple[str, int], list[Said]] = {}
    for one in desk.of_kind("not_applicable"):
        said = one.fields(NotApplicableFields)
        for number in (*map(int, said.items), *said.applies):
            about.setdefault((said.gate, number), []).append(one)
    rows = []
    for (gate, number), told in sorted(about.items()):
        latest = desk.latest(told)
        if latest and number not in latest.fields(NotApplicableFields).applies:
            rows.append(_exempt(desk, latest, gate, number))
    return tuple(rows)


def _exempt(desk: Desk, one: Said, gate: str, number: int) -> NotApplicable:
    said = one.fields(NotApplicableFields)
    return NotApplicable(
        statement=desk.statement(one), item=number, gate=gate, reason=said.items[str(number)],
        requested_by=said.requested_by,
    )  # fmt: skip


def _answers(desk: Desk, ask: AnswersAsk) -> AnswersFacts:
    about: dict[str, list[Said]] = {}
    for one in desk.of_kind("answers"):
        said = one.fields(AnswersFields)
        for item in said.boxes if (said.gate, said.part) == (ask.gate, ask.part) else ():
            about.setdefault(item, []).append(one)
    boxes = [_box(desk, item, latest) for item, told in sorted(about.items()) if (latest := desk.latest(told))]
    if not boxes:
        raise Gone(
            f"nobody has answered the boxes of {ask.part} in {ask.gate} for {ask.subject} {ask.version}",
            advice=f"Let who knows fill in the form and sign it: `clearance gates form {ask.gate} {ask.part}`.",
        )
    return AnswersFacts(boxes=tuple(boxes))


def _box(desk: Desk, item: str, one: Said) -> Box:
    said = one.fields(AnswersFields).boxes[item]
    at = ("fields", "boxes", item)
    sure = (
        Number(value=said.confidence, unit="percent", pointer=where(one, *at, "confidence"))
        if (said.confidence is not None)
        else None
    )
    return Box(
        item=item, statement=desk.statement(one), says=State(value=said.says, pointer=where(one, *at, "says")),
        note=Resource(value=said.note, pointer=where(one, *at, "note")) if said.note else None, confidence=sure,
    )  # fmt: skip
