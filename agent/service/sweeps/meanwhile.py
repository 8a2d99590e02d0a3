"""A review that somebody else made of a subject while the sweep was under way: does it see what the sweep does not?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pydantic import ValidationError

from agent.errors import StoreAway, StoreError
from agent.service.joining import seen_at, started_state
from agent.service.sweeps.shared import Common, Planned
from agent.store import log
from agent.store.database import stamp
from agent.store.reviews import ReviewRow
from agent.workflow import frozen
from agent.workflow.collect import AHEAD, is_local
from collectors.evidence import Answer

LONGEST = timedelta(
    hours=1
)  # for which a review asks, counted from its start: it may have been killed and gone on with


def saw_more(common: Common, planned: Planned, answers: Mapping[str, str], row: ReviewRow) -> bool:
    """Is it as of later than the oldest answer here, or over files that were changed since they were read here, or did
    another sweep, of whichever instant, begin it with an answer that is later than the one here? Of one that began
    before this sweep and was assessed since, its own answers say so.

    When it was begun says nothing: another sweep may have asked for its answers an hour before. Nor when this sweep
    asked: it may have found in the locker what was asked before it was interrupted.
    """
    if row.rehearsal or is_dated_ahead(common, row):
        return False
    if max(row.as_of, row.started_at) <= common.as_of:
        return _was_assessed_since(common, row) and _holds_later(common, planned, answers, row)
    if row.as_of > common.began and _is_over_other_files(common, planned, row):
        return True
    digests, ours = _ours(common, planned, answers)
    if row.as_of > common.as_of and any(row.as_of > seen_at(one) for one in ours.values()):
        return True
    brought = frozen.answered(common.deps, started_state(common.deps, row.id))
    return _is_later(common, {key: ours[digest] for key, digest in digests.items()}, set(ours), brought)


def _ours(common: Common, planned: Planned, answers: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Answer]]:
    """Digests by question, and the answers by digest."""
    digests = {asked.key: answers[asked.key] for asked in planned.rows if asked.state == "asked"}
    return digests, common.deps.locker.all_answers(set(digests.values()))


def _was_assessed_since(common: Common, row: ReviewRow) -> bool:
    if not row.document or row.started_at <= common.as_of - LONGEST:
        return False
    since = stamp(common.as_of)
    return any(entry.event == "assessed" and entry.at > since for entry in log.entries(common.deps.engine, row.id))


def _holds_later(common: Common, planned: Planned, answers: Mapping[str, str], row: ReviewRow) -> bool:
    """One whose document cannot be read shows nothing; whoever compares with it says so."""
    try:
        document = frozen.document(common.deps, row)
        theirs = frozen.of(common.deps, document.collected, frozen.Collected).answers
    except StoreAway:
        raise
    except (StoreError, ValidationError):  # the latter of what another version wrote
        return False
    digests, ours = _ours(common, planned, answers)
    return _is_later(common, {key: ours[digest] for key, digest in digests.items()}, set(ours), theirs)


def _is_later(
    common: Common, ours: Mapping[str, Answer], known: Collection[str], brought: Mapping[str, str]
) -> bool:  # fmt: skip
    """Is there among what it `brought` an answer that a source gave after ours: to the same question or, where that
    moved with the instant, after all of ours of its type? What is dated ahead counts for nothing. `known`: the digests
    of ours.
    """
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
