"""Node: puts the document together, checks the draft once more against the facts, and gives it the digest to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import agent
from agent import decide
from agent.deps import Deps
from agent.domain import ItemResult, ReviewDocument, Usage
from agent.drafting.reader import Read
from agent.drafting.slots import assert_sound, assert_summary_sound
from agent.drafting.writer import Drafted
from agent.policies.all import judgement
from agent.store.reviews import ReviewRow
from agent.workflow import document, frozen, read
from agent.workflow.acceptances import not_applying_rows, open_rows, taken_on, waiver_rows
from agent.workflow.judge import Judged, case_of
from agent.workflow.judging import Case
from agent.workflow.progress import shares
from agent.workflow.state import ReviewState
from agent.workflow.undertaken import debts, planned
from collectors.evidence import canonical

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


def verify(state: ReviewState, runtime: Runtime[Deps]) -> ReviewState:
    """Freeze everything that will be shown; from here on nothing of it changes."""
    deps = runtime.context
    judged = frozen.of(deps, state["judged"], Judged)
    drafted = frozen.of(deps, state["draft"], Drafted)
    case, _ = case_of(deps, state)
    items = tuple(_with_draft(item, drafted) for item in judged.items)
    for item in items:
        assert_sound(item, case.scope.zone)
    assert_summary_sound(drafted.summary, items, drafted.overall, case.scope.zone)
    found = read.done(deps, state)
    whole = assemble(deps, state, case, judged.model_copy(update={"items": items}), drafted)
    whole = _with_reading(whole, found) if found else whole
    dumped = whole.model_dump(mode="json", by_alias=True)
    whole = whole.model_copy(update={"digest": document.digest_of_dumped(dumped)})
    deps.progress("verify", f"proposal {whole.proposal}, digest {whole.digest[:12]}")
    kept = frozen.keep_all(deps, [(whole, canonical({**dumped, "digest": whole.digest}), "document")])
    return {"document": kept[0], "digest": whole.digest}


def _with_draft(item: ItemResult, drafted: Drafted) -> ItemResult:
    statements = drafted.statements.get(item.number, ())
    return item.model_copy(update={"draft": statements, "fell_back": item.number in drafted.fell_back})


def _with_reading(whole: ReviewDocument, found: Read) -> ReviewDocument:
    """What was read and doubted stands beside what was judged, and is signed with it."""
    more = {"concerns": found.concerns, "reading": found.reading, "usage": whole.usage.plus(found.usage)}
    return whole.model_copy(update=more)


def assemble(deps: Deps, state: ReviewState, case: Case, judged: Judged, drafted: Drafted) -> ReviewDocument:
    """The document without its digest. Pure but for reading what the review froze."""
    card, people, row = frozen.card(deps, state), case.people, frozen.row(deps, state)
    found = judgement(judged.items, judged.checks, case.gate.policy)
    proposal = found.decision
    every = deps.reviews.of(card.subject, card.version, case.gate.id)
    taken = taken_on(case)
    return ReviewDocument(
        review=row.id, supersedes=row.supersedes, subject=card.subject, name=card.name or card.subject,
        version=card.version, gate=case.gate.id, gate_version=case.gate.version, gate_title=case.gate.title,
        as_of=case.scope.as_of, zone=case.scope.zone, product_version=agent.__version__, rehearsal=row.rehearsal,
        sandbox=deps.settings.get("CLEARANCE_CLOCK") is not None or document.is_sandbox(case.answers),
        gate_digest=state["gate"], card_digest=state["card"],
        people_digest=state["people"], card=frozen.raw_card(deps, state), collected=judged.collected, proposal=proposal,
        reasons=decide.reasons(judged.items, judged.checks, case.scope.zone),
        checks=judged.checks,
        items=judged.items, gaps=document.gap_rows(case.told, case.answers, case.digests),
        summary=tuple(line.text for line in drafted.summary), summary_lines=drafted.summary, overview=drafted.overall,
        open_items=tuple(r for r in open_rows(case, taken) if _stands(r.digest, judged.items)),
        waivers=tuple(r for r in waiver_rows(case, taken) if _stands(r.digest, judged.items)),
        signers=document.signers(case.gate, card, people, proposal), score=found.score,
        categories=case.gate.categories, controls=document.controls(case.gate),
        not_applying=tuple(r for r in not_applying_rows(case, taken) if _stands(r.digest, judged.items)),
        layout=case.gate.report, files=case.gate.files, planned=planned(case, taken, judged.items), debts=debts(case),
        notes_for=tuple(i.number for i in case.gate.items if i.note_from_signers),
        earlier=document.earlier(every, row.id, people, shares(deps, every, row.id)),
        redacted=document.redacted(case.answers),
        drafted_by=drafted.by,
        evidence=document.evidence_types(case.answers, case.digests), usage=_usage(deps, drafted, row),
    )  # fmt: skip


def _stands(digest: str, items: tuple[ItemResult, ...]) -> bool:
    return any(digest in (item.open_item, item.waived, item.not_applicable) for item in items)


def _usage(deps: Deps, drafted: Drafted, row: ReviewRow) -> Usage:
    seconds = (deps.clock() - row.started_at).total_seconds()
    more = {"calls": dict(deps.meter.calls), "reused": deps.meter.reused, "seconds": round(seconds, 2)}
    return drafted.usage.model_copy(update=more)
