"""Use case: deliver what the outbox holds. It never stands in the way of a signature or a report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from time import monotonic

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outputs import notices
from agent.outputs.telling.channel import CONSOLE, Message, NotTold
from agent.people import People
from agent.service.finishing import shown
from agent.store import outbox
from agent.store.database import stamp
from agent.store.outbox import OutboxRow
from agent.store.reviews import ReviewRow
from agent.workflow.notices import reached

WITHIN = 10.0  # seconds that one call delivers for; what is left is the next one's


@dataclass(frozen=True)
class Delivered:
    """`console`: messages for people who are reached through nothing else; `failed`: sentences on what stays behind."""

    console: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    count: int = 0


def deliver(deps: Deps, within: float = WITHIN, *, seen: bool = True) -> Delivered:
    """Everything that is due, as far as time allows. A channel that failed once waits for the next call.

    `seen`: somebody reads what is said on the console; where nobody does, what has no other way to go stays.
    """
    began, broken, count = monotonic(), set[str](), 0
    console, failed = [], []
    people = cache(deps.configuration.people)  # read once, and by who delivers only
    for row in outbox.due(deps.engine, deps.clock()):
        if monotonic() - began > within:
            break
        if row.is_for_chat:
            from agent.service import answering  # what a thread is told takes the whole of a review to say

            failed += answering.give(deps, row, broken)
            continue
        channel = deps.channels.for_person(people().people.get(row.person))
        if channel is None and not seen:
            continue
        if (channel and channel.name in broken) or not outbox.claim(deps.engine, row.id, deps.clock()):
            continue
        try:
            said = _deliver(deps, row, people())
            console += [said] if said else []
            count += 1
        except NotTold as error:
            broken.add(channel.name if channel else CONSOLE)
            outbox.failed(deps.engine, row, str(error), deps.clock())
            failed.append(f"{row.person} could not be told that {_headline(row)}: {error}")
    return Delivered(tuple(console), tuple(failed), count)


def _deliver(deps: Deps, row: OutboxRow, people: People) -> str:
    """The message itself where it is for the console, "" where it went elsewhere or nobody needs it any more."""
    overtaken = _overtaken(deps, row, people)
    if overtaken:
        outbox.done(deps.engine, row.id, overtaken, deps.clock())
        return ""
    someone = people.people.get(row.person)
    channel = deps.channels.for_person(someone)
    if channel is None or someone is None:
        outbox.done(deps.engine, row.id, CONSOLE, deps.clock())
        return f"{people.name_of(row.person)}: {_headline(row)}"
    message = Message(f"{row.review}.{row.id}", _headline(row), notices.text(row.kind, row.review, row.about))
    deps.channels.send(channel, someone, message)
    outbox.done(deps.engine, row.id, channel.name, deps.clock())
    return ""


def _headline(row: OutboxRow) -> str:
    return notices.headline(row.kind, row.review, row.about)


def _overtaken(deps: Deps, row: OutboxRow, people: People) -> str:
    """Why a message says nothing true any more; "" where it does."""
    if row.kind == notices.SWEPT:
        return ""
    now = deps.reviews.get(row.review)
    if row.kind in ("waiting", "reminder"):
        if now.state != "signing":
            return f"not needed: the review is {now.state}"
        return "" if _still_asked(deps, row, people) else "not needed: signed in the meantime"
    if row.kind in ("lapsing", "launched") and now.state != "reported":
        return f"not needed: the review is {now.state}"
    return _of_an_ending(deps, row, now) if "item" in row.about else ""


def _of_an_ending(deps: Deps, row: OutboxRow, now: ReviewRow) -> str:
    """A waiver or an open item matters as long as the decision that rests on it is the one that counts."""
    standing = deps.registry.get(now.subject, now.version, now.gate)
    if now.state != "reported" or standing is None or standing.review != row.review:
        return "not needed: the decision that rested on it does not stand"
    after = row.about["after"]
    return "not needed: what comes after it is due as well" if after and after <= stamp(deps.clock()) else ""


def _still_asked(deps: Deps, row: OutboxRow, people: People) -> bool:
    try:
        missing = shown(deps, row.review).missing
    except ClearanceError:  # a review that cannot be read is told of by other means; its signers are still asked
        return True
    return any(row.person in reached(signer, people, deps.clock()) for signer in missing)
