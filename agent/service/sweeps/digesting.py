"""Puts the digest together from what became of each subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.digests import EVERY_SUBJECT, Blind, Changed, Cost, Digest, Lapse, Trouble, Unchanged
from agent.domain import Decision, ReviewDocument
from agent.errors import ClearanceError
from agent.service.sweeps import afterwards, news
from agent.service.sweeps.shared import About, Common
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
    found, quiet, steady, unshown = _sorted_out(common, rows, seen, reviews)
    opened = afterwards.unfinished(deps)
    changes = news.worst_first(found)
    now = deps.clock()
    return Digest(
        sweep=common.sweep.id, gates=tuple(common.gates), as_of=common.as_of, ended=now,
        since=last.id if last else "", since_at=last.as_of if last else None,
        sandbox=deps.settings.get("CLEARANCE_CLOCK") is not None or any(one.sandbox for one in reviews.values()),
        subjects=len({row.subject for row in rows}), reviewed=sum(row.state == "reviewed" for row in rows),
        steady=steady, quiet=len(quiet), changed=changes, owners=news.by_owner(changes), lapses=_lapses(rows),
        due=tuple(due for one in opened.rows if one.gate in common.gates and (due := one.due(now))),
        blind=_blind(rows),
        troubles=(*_unasked(common), *_troubles(rows), *unshown, *_unread(common, opened)),
        unchanged=tuple(quiet), notes=tuple(notes), cost=cost,
    )  # fmt: skip


def _sorted_out(
    common: Common,
    rows: Sequence[SubjectRow],
    seen: Mapping[str, Mapping[str, SubjectRow]],
    reviews: Mapping[str, ReviewRow],
) -> tuple[list[Changed], list[Unchanged], int, list[Trouble]]:
    """What changed since each subject stood in a sweep, what is silent, how many say what they said, and what the store
    cannot show."""
    found: list[Changed] = []
    quiet: list[Unchanged] = []
    unshown: list[Trouble] = []
    steady = 0
    for row in rows:
        if not row.review:
            continue
        was = seen[row.gate].get(row.subject)
        same = was is not None and was.review == row.review
        now = reviews[row.review]
        try:
            change = None if same else _change(common, was, now)
        except ClearanceError as error:
            unshown.append(Trouble(subject=row.subject, gate=row.gate, why=f"{row.review} cannot be shown: {error}"))
            continue
        if change is not None:
            found.append(change)
        elif row.state == "unchanged":
            quiet.append(_line(row, now))
        else:
            steady += 1
    return found, quiet, steady, unshown


def _unread(common: Common, opened: afterwards.Unfinished) -> tuple[Trouble, ...]:
    """Decisions of which nobody can say what stays open: not listed is not nothing."""
    return tuple(
        Trouble(subject=one.subject, gate=one.gate, why=one.why) for one in opened.unread if one.gate in common.gates
    )


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


def _unasked(common: Common) -> Iterator[Trouble]:
    for gate, why in common.broken.items():
        yield Trouble(subject=EVERY_SUBJECT, gate=gate, why=f"was not asked, for the gate cannot be read; {why}")


def _troubles(rows: Sequence[SubjectRow]) -> tuple[Trouble, ...]:
    """A card that cannot be read is one trouble, at however many gates."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.state == "failed":
            found.setdefault((row.subject, row.note), []).append(row.gate)
    return tuple(Trouble(subject=who, gate=", ".join(gates), why=why) for (who, why), gates in found.items())


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
