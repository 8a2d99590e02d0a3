"""Use case: take away what nobody needs any more, and say of all the rest why it stays.

What people signed stays until its gate's retention is over: document, evidence, statements, signatures. The log, the
keys and the published bundles are never touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agent import periods
from agent.deps import Deps
from agent.errors import ClearanceError, UsageError
from agent.gates import RETENTION, Gate
from agent.store import checkpoints, pruning
from agent.store.database import instant
from agent.store.pruning import Blob
from agent.store.reviews import OPEN_STATES, ReviewRow
from agent.workflow import frozen

AGE, YOUNGEST = timedelta(days=90), timedelta(days=7)


@dataclass(frozen=True)
class Stays:
    """Why a review stays; `until` is None where no day is known."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """`reviews` and `threads` (of checkpoints) are ids, `blobs` digests. `stay`: by reason, how many reviews or pieces.

    `until`: the first day on which retention of something signed is over.
    """

    cutoff: datetime
    reviews: tuple[str, ...]
    threads: tuple[str, ...]
    blobs: Mapping[str, Blob]
    jobs: int
    stay: Mapping[str, int]
    until: datetime | None = None

    @property
    def bytes(self) -> int:
        return sum(blob.size for blob in self.blobs.values())


@dataclass
class _Known:
    """What was read of the store, once."""

    signed: frozenset[str]
    standing: frozenset[str]
    swept: frozenset[str]
    newest: frozenset[str]
    events: Mapping[str, str]
    gates: dict[str, str] = field(default_factory=dict)


def plan(deps: Deps, older_than: timedelta = AGE) -> Plan:
    """What would go, and why the rest stays; nothing is changed. UsageError where `older_than` is under a week."""
    if older_than < YOUNGEST:
        raise UsageError(f"--older-than: {YOUNGEST.days}d at least, so that nothing goes that somebody works on")
    now = deps.clock()
    cutoff = now - older_than
    threads = checkpoints.threads(deps.engine, deps.settings.home)  # before the reviews: each of them is there by then
    rows = [row for row in deps.reviews.all() if row.state != "pruned"]
    known = _read(deps, rows)
    stay = {row.id: _stays(deps, row, known, cutoff, now) for row in rows}
    go = [row.id for row in rows if stay[row.id] is None]
    blobs, held = _blobs(deps, [id for id, why in stay.items() if why], known, cutoff)
    reasons = Counter(why.why for why in stay.values() if why) + held
    until = min((why.until for why in stay.values() if why and why.until), default=None)
    jobs = pruning.old_jobs(deps.engine, cutoff)
    return Plan(cutoff, tuple(go), _threads(threads, rows, cutoff), blobs, jobs, reasons, until)


def _read(deps: Deps, rows: list[ReviewRow]) -> _Known:
    newest = {(row.subject, row.version, row.gate): row.id for row in rows if row.document and not row.rehearsal}
    return _Known(
        pruning.signed(deps.engine), pruning.standing(deps.engine), pruning.last_swept(deps.engine),
        frozenset(newest.values()), pruning.last_events(deps.engine),
    )  # fmt: skip


def _stays(deps: Deps, row: ReviewRow, known: _Known, cutoff: datetime, now: datetime) -> Stays | None:
    """None where nothing speaks for it any more."""
    last = instant(known.events[row.id])
    if row.state in OPEN_STATES:
        return Stays("is being assessed, or waits for people")
    if row.id in known.standing:
        return Stays("is what the registry's word on a subject rests on")
    if row.id in known.signed:
        until = _kept_until(deps, row, known, last)
        if until is None:
            return Stays("is signed, and how long its gate keeps that could not be read")
        if now < until:
            return Stays("is signed, and its gate's retention is not over", until)
    if row.id in known.newest:
        return Stays("is the latest of its subject, version and gate")
    if row.id in known.swept:
        return Stays("is what the next sweep compares with")
    return Stays("is too young") if max(last, row.started_at) >= cutoff else None


def _kept_until(deps: Deps, row: ReviewRow, known: _Known, last: datetime) -> datetime | None:
    """The longer of what its gate said when it was signed and of what it says now; None where neither can be read."""
    spans = [span for span in (_then(deps, row), _now(deps, row.gate, known)) if span]
    day = last.astimezone(UTC)
    return max((day + timedelta(days=periods.days_from(day.date(), span)) for span in spans), default=None)


def _then(deps: Deps, row: ReviewRow) -> str:
    try:
        gate = deps.locker.get(frozen.document(deps, row).gate_digest)
        return Gate.model_validate_json(gate).retention or RETENTION
    except (ClearanceError, ValueError):
        return ""


def _now(deps: Deps, gate: str, known: _Known) -> str:
    if gate not in known.gates:
        try:
            known.gates[gate] = deps.configuration.gate(gate).retention or RETENTION
        except ClearanceError:  # it is not there any more, and what it said when it was signed counts
            known.gates[gate] = ""
    return known.gates[gate]


def _threads(there: frozenset[str], rows: list[ReviewRow], cutoff: datetime) -> tuple[str, ...]:
    """Checkpoints hold only work: those of reviews that are over, and of none that there is."""
    kept = {row.id for row in rows if row.state in OPEN_STATES or row.started_at >= cutoff}
    return tuple(sorted(there - kept))


def _blobs(deps: Deps, kept: list[str], known: _Known, cutoff: datetime) -> tuple[dict[str, Blob], Counter[str]]:
    """Those that go, and how many of the old ones stay for what reason."""
    there = pruning.all_blobs(deps.engine)
    roots = pruning.named_by(deps.engine, kept, there)
    of_signed = pruning.reached(deps.engine, _all(roots, known.signed), there)
    of_others = pruning.reached(deps.engine, _all(roots, set(roots) - known.signed), there) - of_signed
    anyway = pruning.held_anyway(deps.engine, cutoff) & set(there)
    held = of_signed | of_others | pruning.reached(deps.engine, anyway, there)
    old = {digest for digest, blob in there.items() if instant(blob.stored_at) < cutoff}
    go = {digest: there[digest] for digest in old - held}
    told = Counter({
        "pieces under reviews that somebody signed": len(old & of_signed),
        "pieces under other reviews that stay": len(old & of_others),
        "statements, and last answers to a question": len((old & held) - of_signed - of_others),
    })  # fmt: skip
    return go, +told


def _all(roots: Mapping[str, set[str]], reviews: frozenset[str] | set[str]) -> set[str]:
    return {digest for review in reviews for digest in roots.get(review, ())}


def prune(deps: Deps, older_than: timedelta = AGE) -> Plan:
    """Take it away. Gives what was planned; whatever came to life in between stays all the same."""
    planned = plan(deps, older_than)
    now = deps.clock()
    for review in planned.reviews:
        pruning.forget_review(deps.engine, review, now)
    checkpoints.drop(deps.engine, deps.settings.home, planned.threads)
    pruning.drop_blobs(deps.engine, planned.blobs, planned.cutoff)
    pruning.drop_old_work(deps.engine, planned.cutoff)
    return planned
