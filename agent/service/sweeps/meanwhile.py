"""A review that somebody else made of a subject while the sweep was under way: does it see what the sweep does not?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from agent.service.joining import seen_at, started_state
from agent.service.sweeps.shared import Common, Planned
from agent.store.reviews import ReviewRow
from agent.workflow import frozen
from agent.workflow.collect import AHEAD, is_local
from collectors.evidence import Answer


def saw_more(common: Common, planned: Planned, answers: Mapping[str, str], row: ReviewRow) -> bool:
    """Is it as of later than the oldest answer here, or over files that were changed since they were read here, or did
    another sweep, of whichever instant, begin it with an answer that is later than the one here?

    When it was begun says nothing: another sweep may have asked for its answers an hour before. Nor when this sweep
    asked: it may have found in the locker what was asked before it was interrupted.
    """
    if row.rehearsal or max(row.as_of, row.started_at) <= common.as_of or is_dated_ahead(common, row):
        return False
    if row.as_of > common.began and _is_over_other_files(common, planned, row):
        return True
    digests = {asked.key: answers[asked.key] for asked in planned.rows if asked.state == "asked"}
    ours = common.deps.locker.all_answers(set(digests.values()))
    if row.as_of > common.as_of and any(row.as_of > seen_at(one) for one in ours.values()):
        return True
    return _brought_later(common, {key: ours[digest] for key, digest in digests.items()}, set(ours), row)


def _brought_later(common: Common, ours: Mapping[str, Answer], known: Collection[str], row: ReviewRow) -> bool:
    """Did it begin with an answer that a source gave after ours: to the same question or, where that moved with the
    instant, after all of ours of its type? What is dated ahead counts for nothing. `known`: the digests of ours.
    """
    brought = frozen.answered(common.deps, started_state(common.deps, row.id))
    other = {key: digest for key, digest in brought.items() if digest not in known}
    held = common.deps.locker.all_answers(set(other.values()))
    theirs = {key: held[digest] for key, digest in other.items() if not is_local(held[digest].request_type)}
    now = common.deps.clock() + AHEAD
    return any(_last_seen(ours, key, one) < seen_at(one) <= now for key, one in theirs.items())


def _last_seen(ours: Mapping[str, Answer], key: str, theirs: Answer) -> datetime:
    alike = [ours[key]] if key in ours else [one for one in ours.values() if one.request_type == theirs.request_type]
    return max((seen_at(one) for one in alike), default=seen_at(theirs))


def is_dated_ahead(common: Common, row: ReviewRow) -> bool:
    """By a clock that was wrong. It says nothing of what is seen now."""
    return row.as_of > common.deps.clock() + AHEAD


def _is_over_other_files(common: Common, planned: Planned, row: ReviewRow) -> bool:
    begun = started_state(common.deps, row.id)
    ours = (planned.card, common.gate_digests[planned.gate], common.people_digest)
    return (begun["card"], begun["gate"], begun["people"]) != ours
