"""Some subjects of a sweep: fetched together, judged one by one, and reviewed where something came of it."""

from __future__ import annotations

from collections.abc import Mapping

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.errors import ClearanceError, StoreAway
from agent.service import own_switch
from agent.service.orders import OrderedSweep
from agent.service.sweeps import abouts, drafting, planning
from agent.service.sweeps.comparing import Compared, compare, judged_now
from agent.service.sweeps.course import Course
from agent.service.sweeps.prefetching import prefetch
from agent.service.sweeps.reviewing import Found, Wanted, review_each
from agent.service.sweeps.shared import About, Planned
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
            wanted.append(Wanted(planned, found.last.id if found.last else ""))
            asks += _prompts(desk, planned, found, answers)
        one.tick("compare", one.finished + len(wanted), one.total)
    one.flush()
    if asks:
        own_switch.begin(one.common.deps, OrderedSweep(sweep=one.common.order))
        one.tick("draft", 0, len(asks))
        deps = desk.drafted(deps, asks)
    review_each(one.common, deps, wanted, answers, lambda asked, found: _ended(one, asked.planned, answers, found))
    one.flush()


def _prompts(desk: drafting.Desk, planned: Planned, found: Compared, answers: Mapping[str, str]) -> list[drafting.Asks]:
    """None where it cannot be written: the review itself comes to that, and says it."""
    try:
        asked = desk.prompt(planned, found, answers)
    except ClearanceError:
        return []
    return [asked] if asked else []


def _compared(one: Course, planned: Planned, answers: Mapping[str, str]) -> Compared | None:
    """None where there is to be no new review; what became of the subject is noted then."""
    try:
        found = compare(one.common, planned, answers)
    except StoreAway:  # costs no subject its place: whoever goes on with the sweep compares it
        raise
    except ClearanceError as error:
        one.ended(_row(planned, "failed", "", str(error), About()))
        return None
    if found.why:
        return found
    _unchanged(one, planned, found)
    return None


def _unchanged(one: Course, planned: Planned, compared: Compared) -> None:
    assert compared.last is not None  # what else could have said that it is unchanged
    assert compared.found is not None
    one.ended(_row(planned, "unchanged", compared.last.id, compared.note, compared.found.about()))


def _ended(one: Course, planned: Planned, answers: Mapping[str, str], found: Found) -> None:
    if isinstance(found, ReviewDocument):
        one.pay(found.usage)
        one.ended(_row(planned, "reviewed", found.review, "", _about(one, found)))
    elif isinstance(found, Compared):
        _unchanged(one, planned, found)
    else:
        one.ended(_row(planned, "failed", "", str(found), _seen_anyway(one, planned, answers)))
    one.tick("review", one.finished, one.total)


def _about(one: Course, shown: ReviewDocument) -> About:
    """Nothing where what the review collected cannot be read: the review stands all the same."""
    try:
        return abouts.of_review(one.common.deps, shown)
    except StoreAway:
        raise
    except ClearanceError:
        return About()


def _seen_anyway(one: Course, planned: Planned, answers: Mapping[str, str]) -> About:
    """Of a subject whose review could not be made: which sources were silent is told all the same."""
    try:
        return judged_now(one.common, planned, answers).about()
    except StoreAway:
        raise
    except ClearanceError:
        return About()


def _row(planned: Planned, state: str, review: str, note: str, about: About) -> SubjectRow:
    kept = about.model_dump_json(exclude_defaults=True)
    return SubjectRow(planned.subject, planned.gate, planned.version, state, review, note, kept)


def _fetched(one: Course, wave: list[Planned]) -> tuple[list[Planned], dict[str, str]]:
    """Every answer, in two rounds: some questions can be put only once others are answered."""
    asks, answers = planning.Asks(), dict[str, str]()
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
    except StoreAway:
        raise
    except ClearanceError as error:
        one.ended(_row(planned, "failed", "", str(error), About()))
        return None
