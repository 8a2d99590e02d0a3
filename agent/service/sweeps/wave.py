"""Some subjects of a sweep: fetched together, judged one by one, and reviewed where something came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import ClearanceError
from agent.service import own_switch
from agent.service.orders import OrderedSweep
from agent.service.sweeps import drafting, planning
from agent.service.sweeps.common import About, Planned
from agent.service.sweeps.comparing import Compared, compare
from agent.service.sweeps.course import Course
from agent.service.sweeps.prefetching import prefetch
from agent.service.sweeps.reviewing import Found, Wanted, review_each
from agent.store.sweeps import SubjectRow


def run_wave(one: Course, desk: drafting.Desk, deps: Deps, wave: list[Planned]) -> None:
    """Each subject comes to its end: unchanged, reviewed or failed. Queued once Clearance is switched off."""
    one.notes.extend(own_switch.begin(one.common.deps, OrderedSweep(sweep=one.common.order)))
    wave, answers = _fetched(one, wave)
    wanted: list[Wanted] = []
    asks: list[drafting.Asks] = []
    for planned in wave:
        found = _compared(one, planned, answers)
        if found is not None:  # what is raw in it ends here
            wanted.append(Wanted(planned, found.about, found.last.id if found.last else ""))
            asks += [asked] if (asked := desk.prompt(planned, found)) else []
        one.tick("compare", one.finished + len(wanted), one.total)
    one.flush()
    if asks:
        own_switch.begin(one.common.deps, OrderedSweep(sweep=one.common.order))
        one.tick("draft", 0, len(asks))
        deps = desk.drafted(deps, asks)
    review_each(one.common, deps, wanted, answers, lambda asked, found: _ended(one, asked, found))
    one.flush()


def _compared(one: Course, planned: Planned, answers: Mapping[str, str]) -> Compared | None:
    """None where there is to be no new review; what became of the subject is noted then."""
    try:
        found = compare(one.common, planned, answers)
    except ClearanceError as error:
        one.ended(_row(planned, "failed", "", str(error), About()))
        return None
    if found.why or found.last is None:
        return found
    one.ended(_row(planned, "unchanged", found.last.id, found.note, found.about))
    return None


def _ended(one: Course, asked: Wanted, found: Found) -> None:
    planned = asked.planned
    if isinstance(found, ReviewDocument):
        one.pay(found.usage)
        one.ended(_row(planned, "reviewed", found.review, "", asked.about))
    elif isinstance(found, Compared):
        one.ended(_row(planned, "unchanged", found.last.id if found.last else "", found.note, found.about))
    else:
        one.ended(_row(planned, "failed", "", str(found), asked.about))
    one.tick("review", one.finished, one.total)


def _row(planned: Planned, state: str, review: str, note: str, about: About) -> SubjectRow:
    kept = about.model_dump_json(exclude_defaults=True)
    return SubjectRow(planned.subject, planned.gate, planned.version, state, review, note, kept)


def _fetched(one: Course, wave: list[Planned]) -> tuple[list[Planned], dict[str, str]]:
    """Every answer, in two rounds: some questions can be put only once others are answered."""
    asks, answers = planning.Asks(), dict[str, str]()
    now = one.common.deps.clock()
    wave = [replace(planned, asked_at=now) for planned in wave]
    for planned in wave:
        asks.add(planned.rows)
    answers |= prefetch(one.common, asks, lambda count: one.tick("prefetch", count, len(asks)))
    wave = [found for planned in wave if (found := _followed(one, planned, answers))]
    for planned in wave:
        asks.add(planned.rows)
    more, known = asks.without(answers), len(answers)
    answers |= prefetch(one.common, more, lambda count: one.tick("prefetch", known + count, len(asks)))
    one.flush()
    return wave, answers


def _followed(one: Course, planned: Planned, answers: dict[str, str]) -> Planned | None:
    """None where its card asks what cannot be asked, which costs no other subject anything."""
    try:
        return planning.followed(one.common, planned, answers)
    except ClearanceError as error:
        one.ended(_row(planned, "failed", "", str(error), About()))
        return None
