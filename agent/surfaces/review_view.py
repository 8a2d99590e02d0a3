"""A review on the terminal: the table, why it is not cleared, what to do, what could not be seen, who must sign."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from agent.domain import Decision, GapRow, ReviewDocument, SignerNeeded
from agent.drafting.values import instant
from agent.outputs import concerns
from agent.outputs.cost import models
from agent.outputs.table import OUTCOMES, item_rows, todo
from agent.service.finishing import Shown
from agent.signing.concerns import unanswered
from agent.store.reviews import ENDED
from agent.surfaces.terminal import Screen

SHORT_DIGEST = 16
NO_PERMISSION = "This is a proposal. It permits nothing: only signatures do, and `clearance may-deploy` says so."


def show(screen: Screen, state: Shown) -> None:
    """The whole review, and what is to be done about it."""
    head(screen, state.document)
    table(screen, state.document)
    reasons(screen, state.document)
    to_do(screen, state.document)
    unseen(screen, state.document)
    doubts(screen, state)
    taken_on(screen, state.document)
    foot(screen, state.document)
    standing(screen, state)


def head(screen: Screen, document: ReviewDocument) -> None:
    marks = "  SANDBOX" * document.sandbox + "  REHEARSAL" * document.rehearsal
    when = instant(document.as_of, document.zone)
    screen.heading(f"{document.name} ({document.subject} {document.version})")
    screen.say(f"{document.gate_title}, as of {when}{marks}")
    for sentence in document.summary:
        screen.say(sentence)


def table(screen: Screen, document: ReviewDocument) -> None:
    rows = [(str(r.number), f"{r.glyph} {r.word}", r.title, r.sentence, r.owner) for r in item_rows(document)]
    screen.table(("#", "Standing", "Item", "What was found", "Owner"), rows)


def reasons(screen: Screen, document: ReviewDocument) -> None:
    """The proposal, every reason against a better one, and the gate's checks."""
    screen.heading(f"Proposal: {document.proposal}")
    for reason in document.reasons:
        glyph, word = OUTCOMES[reason.outcome]
        where = f"item {reason.where}" if reason.where.isdigit() else reason.where
        screen.say(f"{glyph} {where}, {word}: {reason.text}", indent=2)
    for check in document.checks:
        glyph, word = OUTCOMES[check.outcome]
        screen.say(f"{glyph} check, {word}: {check.title}", indent=2)


def to_do(screen: Screen, document: ReviewDocument) -> None:
    rows = todo(document)
    if not rows:
        return
    screen.heading("To do")
    for number, row in enumerate(rows, start=1):
        where = f"item {row.item}" if row.item.isdigit() else row.item
        screen.say(f"{number}. ({where}) {row.what}", indent=2)
        screen.say(f"who: {row.who or 'nobody is named'}", indent=5)
        screen.say(f"how: {row.how}", indent=5)
        screen.say(f"check again: {row.recheck}", indent=5)


def unseen(screen: Screen, document: ReviewDocument) -> None:
    if document.gaps:
        screen.heading("What could not be seen")
    for gap in document.gaps:
        screen.say(f"{items_of(gap)}{gap.request_type}, {gap.reason.replace('_', ' ')}: {gap.what}", indent=2)
        screen.say(f"next: {gap.next_step}", indent=5)


def doubts(screen: Screen, state: Shown) -> None:
    """What a model read and asks, who answered, and which evidence tries to give orders."""
    screen.heading("What was read")
    screen.say(concerns.told_of_reading(state.document.reading), indent=2)
    for sentence in concerns.hostile(state.document):
        screen.say(f"⚠️ {sentence}", indent=2)
    for row in concerns.rows(state.document, state.signed):
        screen.say(f"❔ {row.id} (item {row.item}): {row.question}", indent=2)
        for quote in row.quotes:
            screen.say(quote, indent=5)
        if row.against:
            screen.say(f"evidence says: {row.against}", indent=5)
        for name, text in row.answers:
            screen.say(f"{name} answered: {text}", indent=5)


def items_of(gap: GapRow) -> str:
    numbers = ", ".join(map(str, gap.items))
    return f"({'items' if len(gap.items) > 1 else 'item'} {numbers}) " if numbers else ""


def taken_on(screen: Screen, document: ReviewDocument) -> None:
    """Open items and waivers that people answer for."""
    for row in document.open_items:
        due = instant(row.due, document.zone)
        screen.say(f"⚠️ open item on {row.item}: {row.missing} ({row.owner}, due {due}, stated by {row.by})", indent=2)
    for waiver in document.waivers:
        until = instant(waiver.expires, document.zone)
        told = f"{waiver.reason} (approved by {waiver.approved_by} until {until}; instead: {waiver.compensating})"
        screen.say(f"⚠️ item {waiver.item} is waived, which is no pass: {told}", indent=2)


def foot(screen: Screen, document: ReviewDocument) -> None:
    used, by = document.usage, document.drafted_by
    calls = ", ".join(f"{vendor} {count}" for vendor, count in sorted(used.calls.items())) or "none"
    screen.say()
    screen.say(f"Review {document.review}, digest {document.digest[:SHORT_DIGEST]}")
    why = f" ({by.why_template})" if by.why_template else ""
    again = f" (as in {by.reused_from}: it would have seen the same)" if by.reused_from else ""
    screen.say(
        f"Drafted by {by.model or by.writer}{again}{why}; {used.seconds:.1f} s, calls: {calls}; "
        f"{used.reused} from the locker"
    )
    if by.exchanges or (document.reading and document.reading.exchanges):
        screen.say(f"{models(used)}. What was asked and answered: clearance reviews show {document.review} --model")


def standing(screen: Screen, state: Shown) -> None:
    """Where the review stands with its people, and the command for each who still has to sign."""
    for one in state.signed:
        screen.say(f"✅ {one.name} signed as {one.role.replace('_', ' ')}: {one.decision}", indent=2)
    if state.row.state == "reported":
        screen.say(f"The report is at {state.row.bundle}")
    elif state.document.rehearsal:
        screen.say("A rehearsal (--as-of) can never be signed. " + NO_PERMISSION)
    elif state.row.state not in ("signing", "complete"):
        ended = ENDED.get(state.row.state, state.row.state).format(by=state.row.ended_by)
        why = f", who said: {state.reason}" if state.reason else ""
        screen.say(f"{state.row.id} {ended}{why}; it takes no more signatures.")
    else:
        _who_must_sign(screen, state)


def _who_must_sign(screen: Screen, state: Shown) -> None:
    screen.heading("Who must sign")
    for row in state.missing:
        screen.say(f"⏳ {who(row)}", indent=2)
        if spent := state.spent_by(row.role):
            screen.say(f"the signature of {spent.name} counts no more, and a role signs once; assess again:", indent=2)
            screen.command(state.again)
        else:
            screen.command(sign_command(state.document, row.role, unanswered(state.document.concerns, state.signed)))
    screen.say(NO_PERMISSION)


def who(row: SignerNeeded) -> str:
    names = " or ".join(row.names) or "nobody is named on the card"
    return f"{row.title}: {names} ({row.because})"


def sign_command(document: ReviewDocument, role: str, doubts: Sequence[str] = ()) -> str:
    """Signs exactly this digest, as proposed; the notes and the answers to `doubts` are the signer's own to write."""
    decision = document.proposal.value
    noted = document.notes_for if document.proposal is not Decision.BLOCKED else ()
    notes = "".join(f" --note {number}='…'" for number in noted)
    told = f"clearance sign {shlex.quote(document.review)} --role {shlex.quote(role)} --decision {decision}"
    answers = "" if document.proposal is Decision.BLOCKED else "".join(f" --concern {id}='…'" for id in doubts)
    return f"{told} --digest {document.digest[:SHORT_DIGEST]}{notes}{answers}"


def whole_json(state: Shown) -> dict[str, object]:
    """The review as it is signed, with its state, its signatures and who is missing."""
    from agent.outputs.json import to_json

    signed = [one.model_dump(mode="json", exclude={"envelope"}) for one in state.signed]
    missing = [row.model_dump(mode="json") for row in state.missing]
    return {**to_json(state.document), "state": state.row.state, "signed": signed, "missing": missing}
