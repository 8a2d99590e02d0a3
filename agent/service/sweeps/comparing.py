"""Is a subject's last review still what would be shown? Evidence is compared, and then everything is judged again.

Evidence, card and gate can be the same and the judgement another: windows and ages move with the day, waivers and
statements end, people change. So the rules, which are pure, are run over what was found now, as of now; no graph is
run and no model asked for it. Where the last review cannot say it all whatever is found now (there is none, or the card
or the gate changed), nothing is judged here: the new review judges it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import agent
from agent.domain import GRAPH_VERSION, ReviewDocument
from agent.service.sweeps import abouts, standing
from agent.service.sweeps.meanwhile import is_dated_ahead, saw_more
from agent.service.sweeps.planning import raw_card, unasked
from agent.service.sweeps.sameness import is_same_evidence
from agent.service.sweeps.shared import About, Common, Planned
from agent.signing import signoffs
from agent.store.reviews import ReviewRow
from agent.workflow import previous
from agent.workflow.judge import Judged, judged_over, run_probe
from agent.workflow.judging import Case
from agent.workflow.notices import signable_until

OPEN_NO_MORE = ("superseded", "failed")
MEANWHILE = "was reviewed while the sweep was under way, and that is left to stand"


@dataclass(frozen=True)
class Compared:
    """`why` there is to be a new review; "" = the last one still says it all. `note` goes with the line then.

    `earlier` is the review that a new one's prose is compared with; `any_earlier`, whether there is one at all.
    `found`: what was judged to tell, None where the new review is the first to judge.
    """

    found: Found | None
    last: ReviewRow | None
    earlier: ReviewDocument | None
    any_earlier: bool
    why: str
    note: str = ""


@dataclass(frozen=True)
class Found:
    """The answers of now, and what the rules make of them."""

    case: Case
    judged: Judged

    def about(self) -> About:
        return abouts.about(self.case, self.judged)


def compare(common: Common, planned: Planned, answers: Mapping[str, str]) -> Compared:
    """One subject with the answers of all of the sweep."""
    rows = common.deps.reviews.of(planned.subject, None, planned.gate)
    shown = previous.shown(rows, planned.version)
    before = previous.last_of(common.deps, shown)
    last = shown[-1] if shown and shown[-1].version == planned.version else None
    stands = last is not None and saw_more(common, planned, answers, last)
    why = _whatever_is_found(common, planned, rows, last, before, stands=stands)
    if why or last is None or before is None:
        return Compared(None, last, before, bool(shown), why)
    found = judged_now(common, planned, answers)
    why, note = ("", MEANWHILE) if stands else _news(common, found, before, last)
    return Compared(found, last, before, bool(shown), why, note)


def judged_now(common: Common, planned: Planned, answers: Mapping[str, str]) -> Found:
    case = case_of(common, planned, answers)
    return Found(case, judged_over(case, ""))


def last_shown(common: Common, planned: Planned) -> ReviewRow | None:
    """The last review of this version that came to a document."""
    rows = common.deps.reviews.of(planned.subject, planned.version, planned.gate)
    return next((row for row in reversed(rows) if row.document and not row.rehearsal), None)


def _whatever_is_found(
    common: Common, planned: Planned, rows: Sequence[ReviewRow], last: ReviewRow | None, before: ReviewDocument | None,
    *, stands: bool,
) -> str:  # fmt: skip
    """Why there is to be a new review whatever the answers are."""
    if last is None:
        return "this version was not reviewed before"
    if before is None:
        return "its last review cannot be read"
    if any(row.state == "running" and not row.rehearsal and row.version == last.version for row in rows):
        return "a review of it was begun"
    if last.state in OPEN_NO_MORE:  # nobody can sign it, and what took its place came to nothing
        return "its last review is open no more"
    if last.state == "signing" and _was_signed_in_vain(common, last):  # a role takes one signature: nobody can sign it
        return "a signature over it counts no more"
    if is_dated_ahead(common, last):  # nobody may sign it, and nothing of now would ever be later than it
        return "its last review is dated ahead"
    return "" if stands else _frozen_otherwise(common, planned, before)


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


def _news(common: Common, found: Found, before: ReviewDocument, last: ReviewRow) -> tuple[str, str]:
    """Why there is to be a new review, or why not."""
    case, judged = found.case, found.judged
    if standing.standing(case, judged.items, judged.checks) != standing.stood(before, case.gate):
        return "it stands otherwise", ""
    if not is_same_evidence(common, case, before):
        kept = _signed_meanwhile(common, last, before)
        return ("", kept) if kept else ("its evidence moved", "")
    return "", _note(common, last, before)


def _was_signed_in_vain(common: Common, last: ReviewRow) -> bool:
    people = common.deps.configuration.people()
    return any(signoffs.revoked(one, people) for one in common.deps.reviews.signoffs(last.id, last.digest))


def _frozen_otherwise(common: Common, planned: Planned, before: ReviewDocument) -> str:
    if before.card_digest != planned.card:
        return "its card changed"
    if before.gate_digest != common.gate_digests[planned.gate]:
        return "the gate or one of its controls changed"
    if (before.product_version, before.graph_version) != (agent.__version__, GRAPH_VERSION):
        return "it was made by another version of Clearance"
    return ""


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
    told = {"returned": "was sent back for more evidence", "revoked": "was revoked"}
    return told.get(last.state, "")
