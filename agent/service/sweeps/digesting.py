"""Puts the digest together from what became of each subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.digests import Blind, Changed, Cost, Digest, Lapse, Trouble, Unchanged
from agent.domain import Decision, ReviewDocument
from agent.errors import ClearanceError
from agent.service.sweeps import afterwards, news
from agent.service.sweeps.common import About, Common
from agent.store.reviews import ReviewRow
from agent.store.sweeps import SubjectRow, Sweeps
from agent.workflow import frozen


def digest(common: Common, cost: Cost, notes: Sequence[str]) -> Digest:
    """Of a sweep in which every subject has its row."""
    deps, store = common.deps, Sweeps(common.deps.engine)
    rows = store.rows(common.sweep.id)
    seen = {gate: store.last_seen(gate, common.sweep.seq) for gate in common.gates}
    before = [row for gate in common.gates if (row := store.before(gate, common.sweep.seq))]
    last = max(before, key=lambda row: row.seq) if before else None
    reviews = deps.reviews.many([row.review for row in rows if row.review])
    found, quiet, steady = _sorted_out(common, rows, seen, reviews)
    changes = news.worst_first(found)
    now = deps.clock()
    return Digest(
        sweep=common.sweep.id, gates=tuple(common.gates), as_of=common.as_of, ended=now,
        since=last.id if last else "", since_at=last.as_of if last else None,
        sandbox=deps.settings.get("CLEARANCE_CLOCK") is not None or any(one.sandbox for one in reviews.values()),
        subjects=len({row.subject for row in rows}), reviewed=sum(row.state == "reviewed" for row in rows),
        steady=steady, quiet=len(quiet), changed=changes, owners=news.by_owner(changes), lapses=_lapses(rows),
        due=tuple(due for one in afterwards.unfinished(deps) if one.gate in common.gates and (due := one.due(now))),
        blind=_blind(rows),
        troubles=tuple(
            Trouble(subject=row.subject, gate=row.gate, why=row.note) for row in rows if row.state == "failed"
        ),
        unchanged=tuple(quiet), notes=tuple(notes), cost=cost,
    )  # fmt: skip


def _sorted_out(
    common: Common,
    rows: Sequence[SubjectRow],
    seen: Mapping[str, Mapping[str, SubjectRow]],
    reviews: Mapping[str, ReviewRow],
) -> tuple[list[Changed], list[Unchanged], int]:
    """What changed since each subject stood in a sweep, what is silent, and how many say what they said."""
    found, quiet, steady = [], [], 0
    for row in rows:
        if not row.review:
            continue
        was = seen[row.gate].get(row.subject)
        same = was is not None and was.review == row.review
        now = reviews[row.review]
        change = None if same else _change(common, was, now)
        if change is not None:
            found.append(change)
        elif row.state == "unchanged":
            quiet.append(_line(row, now))
        else:
            steady += 1
    return found, quiet, steady


def _change(common: Common, was: SubjectRow | None, now: ReviewRow) -> Changed | None:
    return news.changed(_document(common, was.review) if was else None, frozen.document(common.deps, now))


def _document(common: Common, review: str) -> ReviewDocument | None:
    """None where the store no longer holds it: then all of the review after it is news."""
    try:
        return frozen.document(common.deps, common.deps.reviews.get(review))
    except ClearanceError:
        return None


def _line(row: SubjectRow, now: ReviewRow) -> Unchanged:
    return Unchanged(
        subject=row.subject, gate=row.gate, review=row.review, since=now.as_of, proposal=Decision(now.proposal),
        note=row.note,
    )  # fmt: skip


def _lapses(rows: Sequence[SubjectRow]) -> tuple[Lapse, ...]:
    found = [
        Lapse(
            subject=row.subject, gate=row.gate, review=row.review, what=one.what, ends=one.ends, launch=about.launch,
            owner=one.owner,
        )
        for row in rows
        for about in (About.model_validate_json(row.about),)
        for one in about.lapses
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.launch, one.ends, one.subject)))


def _blind(rows: Sequence[SubjectRow]) -> tuple[Blind, ...]:
    """By type of request and reason, what concerns most subjects first."""
    found: dict[tuple[str, str], Blind] = {}
    for row in rows:
        for one in About.model_validate_json(row.about).blind:
            key = (one.request_type, one.reason)
            had = found.get(key) or Blind(**one.model_dump(exclude={"questions"}), subjects=0, questions=0)
            more = {"subjects": had.subjects + 1, "questions": had.questions + one.questions}
            found[key] = had.model_copy(update=more)
    return tuple(sorted(found.values(), key=lambda one: (-one.subjects, one.request_type)))
