"""Use case: assess a subject against a gate: a new review, or one that runs or was killed."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from agent import in_place
from agent.configuration import LoadedCard
from agent.deps import Deps, Meter
from agent.domain import GRAPH_VERSION, ReviewDocument
from agent.errors import ClearanceError, ConfigError, Queued, Refused, StoreError, UsageError
from agent.gates import Gate
from agent.people import People
from agent.service import joining, own_switch, versions
from agent.service.finishing import finish
from agent.service.orders import AssessOrder, Order
from agent.service.running import held, new_lease, run, take
from agent.service.summing_up import summed_up
from agent.store import jobs
from agent.store.database import stamp
from agent.store.outbox import Notice
from agent.store.reviews import ReviewRow
from agent.workflow import frozen, notices, planning
from agent.workflow.binding import Scope
from agent.workflow.collect import asked_as
from agent.workflow.state import ReviewState
from collectors.evidence import GapReason, canonical

JOIN_POLL = 0.1  # seconds between looks at a review that another process runs


def assess_all(
    deps: Deps, subject: str, gates: Sequence[str], *, as_of: datetime | None = None, new: bool = False,
    started_by: str = "",
) -> list[Assessed]:  # fmt: skip
    """One review a gate, all as of one instant: what several gates ask is asked once.

    Queued while Clearance is switched off, when each of them is. ConfigError or UsageError, before anything is asked,
    with what is wrong with every gate that cannot be assessed.
    """
    began, done, queued = deps.clock(), list[Assessed](), list[Queued]()
    _refuse_unreadable(deps, subject, gates, as_of or began, rehearsal=as_of is not None)
    for gate in gates:
        own = _own_meter(deps)
        try:
            done.append(assess(own, subject, gate, as_of=as_of, new=new, started_by=started_by, together=began))
        except Queued as error:
            queued.append(error)
    if queued:
        together = Queued("\n".join(map(str, queued)))
        together.kept = any(one.kept for one in queued)
        raise together
    return done


def _refuse_unreadable(deps: Deps, subject: str, gates: Sequence[str], at: datetime, *, rehearsal: bool) -> None:
    wrong: list[ClearanceError] = []
    for gate in gates:
        try:
            read = deps.configuration.gate(gate)
            state = _freeze(deps, deps.configuration.card(subject), read, at, ())
            refuse_changed(deps, read, state["gate"], rehearsal=rehearsal)
            _try_plan(deps, state)
        except (ConfigError, UsageError) as error:
            wrong.append(error)
    if wrong:
        told = "\n".join(dict.fromkeys(str(one) for one in wrong))
        raise type(wrong[0])(f"{told}\nno gate was assessed")


def _own_meter(deps: Deps) -> Deps:
    """Each review counts its own calls."""
    meter = Meter()
    return replace(deps, meter=meter, connections=replace(deps.connections, observe=meter.observe))


@dataclass(frozen=True)
class Assessed:
    """`said` tells what happened besides: joined, went on, superseded."""

    document: ReviewDocument
    said: tuple[str, ...]


def assess(
    deps: Deps, subject: str, gate_id: str, *, as_of: datetime | None = None, only: tuple[int, ...] = (),
    new: bool = False, started_by: str = "", together: datetime | None = None,
) -> Assessed:  # fmt: skip
    """Assess, and wait for people: the proposal is no permission.

    `together`: when several assessments began that are reckoned as of one instant, so that they ask the same.
    """
    said = finish(deps)
    gate = deps.configuration.gate(gate_id)
    loaded = deps.configuration.card(subject)
    _check_only(only, gate_id, {item.number for item in gate.items})
    state = _freeze(deps, loaded, gate, as_of or together, only)
    said += refuse_changed(deps, gate, state["gate"], rehearsal=as_of is not None)
    _try_plan(deps, state)
    begin = Begin(gate, loaded.card.version, state, rehearsal=as_of is not None, new=new, started_by=started_by)
    done = assess_frozen(deps, begin, said)
    return replace(done, said=(*done.said, *_answered(deps, begin, done.document)))


def _answered(deps: Deps, begin: Begin, document: ReviewDocument) -> list[str]:
    """What waited in the queue for just this is done with it: no worker does it again.

    Not where something was not configured: a worker may have the credentials that are lacking here.
    """
    if begin.rehearsal or any(gap.reason == GapReason.NOT_CONFIGURED for gap in document.gaps):
        return []
    orders = {begin.new, False}  # who asked for any review is served by a new one as well
    asked = (AssessOrder(subject=begin.state["subject"], gate=begin.gate.id, only=tuple(begin.state["only"]), new=new)
             for new in orders)  # fmt: skip
    keys, began = [one.key for one in asked], deps.reviews.get(document.review).started_at
    try:
        done = jobs.answer(deps.engine, keys, document.review, began, deps.clock())
    except StoreError as error:  # the review is made; at worst it is made once more
        return [f"what is queued for the same stays queued: {error}"]
    return [f"job {id}, which was queued for the same, is done with it" for id in done]


@dataclass(frozen=True)
class Begin:
    """A review that is planned: its gate, the subject's version, and what is frozen of both in `state`.

    `new`: whatever is under way is left behind. `order`: what is queued in its place while Clearance is switched off,
    where that is more than this review. `joins`: reviews under way that are waited for whatever they are over, since
    they see more than this one would. `may_start` raises Refused where none may be begun, once nothing is left to join.
    """

    gate: Gate
    version: str
    state: ReviewState
    rehearsal: bool = False
    new: bool = False
    started_by: str = ""
    order: Order | None = None
    joins: Callable[[ReviewRow], bool] = lambda row: False
    may_start: Callable[[], None] = lambda: None


def assess_frozen(deps: Deps, begin: Begin, said: list[str]) -> Assessed:
    """Run it, or join the one that is under way over the same things; what happened besides is added to `said`."""
    state, alone = begin.state, not begin.new and not begin.rehearsal
    rows = deps.reviews.of(state["subject"], begin.version, begin.gate.id)
    running = [row for row in rows if row.state == "running" and not row.rehearsal]
    if running and alone:
        row = running[-1]
        if begin.joins(row) or joining.may_join(deps, row, state, by_hand=begin.order is None):
            return _join(deps, row, begin, said)
        if joining.is_worth_waiting(deps, row, state):
            said = [*said, joining.waited(deps, row, state)]
            ended = deps.reviews.get(row.id)
            return _ended(deps, ended, begin, said) if begin.joins(ended) else assess_frozen(deps, begin, said)
        alone = False
        said.append(
            f"{row.id} was begun too long ago, or over another card, gate, answers or set of items; it is left behind"
        )
    said += _begins(deps, begin)
    superseded = next((row for row in reversed(rows) if row.document and not row.rehearsal), None)
    lease = new_lease(deps)
    begin.may_start()
    row = _start(deps, begin, superseded, lease, alone=alone)
    if row.id != state["review"]:
        return assess_frozen(deps, begin, said)  # another began it in between
    if superseded and superseded.state == "returned" and not row.rehearsal:
        said.append(f"{superseded.id} was sent back; what changed since: clearance diff {superseded.id} {row.id}")
    if not begin.rehearsal:
        versions.note(deps, begin.gate, state["gate"], row.id)
    said += _same_card(deps, state["subject"], state["card"], superseded)
    said += [_left_behind(deps, old, row.id) for old in rows if old.state == "signing" and not row.rehearsal]
    return _run(deps, row, state, said, lease)


def _begins(deps: Deps, begin: Begin) -> list[str]:
    """Nothing before this asks a source, and nothing after it is asked while Clearance is switched off."""
    subject, gate = begin.state["subject"], begin.gate.id
    if begin.rehearsal:
        own_switch.refuse(deps, f"the rehearsal of {subject} at {gate}")
    only = tuple(begin.state["only"])
    order = AssessOrder(subject=subject, gate=gate, only=only, new=begin.new, asked_by=begin.started_by)
    return own_switch.begin(deps, begin.order or order)


def refuse_changed(deps: Deps, gate: Gate, digest: str, *, rehearsal: bool = False) -> list[str]:
    """A gate is changed with its version. A rehearsal may try what is being written, and says so."""
    changed = versions.changed(deps, gate, digest)
    if changed and not rehearsal:
        raise ConfigError("\n".join(changed))
    return [*changed]


def _same_card(deps: Deps, subject: str, digest: str, before: ReviewRow | None) -> list[str]:
    """A card that was mended is assessed anew; what people sign is over this one alone."""
    if before is None:
        return []
    try:
        earlier = frozen.document(deps, before)
    except StoreError as error:
        return [f"{before.id}, the review before, cannot be compared with: {error}"]
    if earlier.card_digest == digest:
        return []
    keys = in_place.card_keys(earlier.card, json.loads(deps.locker.get(digest)))
    told = f"the card of {subject} is still version {earlier.version} and is not as {before.id} used it"
    return [f"{told} ({', '.join(keys)})"]


def _left_behind(deps: Deps, old: ReviewRow, new: str) -> str:
    count = len(deps.reviews.signoffs(old.id, old.digest))
    kept = f", and its {count} signature{'s' * (count != 1)} no longer count{'s' * (count == 1)}" if count else ""
    return f"{old.id} is superseded by {new}{kept}; what changed: clearance diff {old.id} {new}"


def _check_only(only: tuple[int, ...], gate: str, numbers: set[int]) -> None:
    unknown = sorted(set(only) - numbers)
    if unknown:
        raise UsageError(f"--only: gate {gate} has no item {unknown[0]}; it has {', '.join(map(str, sorted(numbers)))}")


def _freeze(
    deps: Deps, loaded: LoadedCard, gate: Gate, as_of: datetime | None, only: tuple[int, ...]
) -> ReviewState:  # fmt: skip
    return {
        "review": new_review(),
        "graph_version": GRAPH_VERSION,
        "subject": loaded.card.subject,
        "as_of": (as_of or deps.clock()).isoformat(),
        "gate": frozen.keep(deps, gate, "gate"),
        "card": frozen.keep_json(deps, loaded.raw, "card"),
        "people": deps.locker.put(canonical(_people(deps).model_dump(mode="json")), "people", deps.clock()),
        "only": list(only),
        "asked_as": asked_as(deps),
        "answers": [],
    }


def new_review() -> str:
    return f"rv-{secrets.token_hex(4)}"


def _people(deps: Deps) -> People:
    return deps.configuration.people()


def _try_plan(deps: Deps, state: ReviewState) -> None:
    """A card that the gate cannot be asked about is refused before a review exists."""
    scope: Scope = frozen.scope(deps, state)
    planning.plan(frozen.gate(deps, state), scope)


def _start(deps: Deps, begin: Begin, superseded: ReviewRow | None, lease: str, *, alone: bool) -> ReviewRow:
    now, state = deps.clock(), begin.state
    row = {
        "id": state["review"], "subject": state["subject"], "version": begin.version, "gate": begin.gate.id,
        "as_of": stamp(datetime.fromisoformat(state["as_of"])), "started_at": stamp(now),
        "started_by": begin.started_by, "rehearsal": int(begin.rehearsal), "graph_version": GRAPH_VERSION,
        "state": "running", "supersedes": superseded.id if superseded and not begin.rehearsal else "",
        "lease_holder": lease,
    }  # fmt: skip
    begun: JsonValue = json.loads(json.dumps(state))
    target = deps.settings.get("CLEARANCE_PUBLISH")
    frozen: dict[str, JsonValue] = {"state": begun, **({"publish": target} if target else {})}
    return deps.reviews.get(deps.reviews.start(row, frozen, now, alone=alone))


def _run(deps: Deps, row: ReviewRow, state: ReviewState, said: list[str], lease: str) -> Assessed:
    with held(deps, row.id, lease) as own:
        document, shown, aloud = run(own, row.id, state)
        _wait_for_people(own, row, document, shown)
    return Assessed(shown, (*said, *aloud))


def _wait_for_people(deps: Deps, row: ReviewRow, document: str, shown: ReviewDocument) -> None:
    """`document`: the digest under which the locker has what is `shown`."""
    body: dict[str, Any] = {"document": document, "digest": shown.digest, "proposal": shown.proposal.value}
    marks: dict[str, Any] = {"sandbox": int(shown.sandbox)}
    to = "rehearsal" if row.rehearsal else "signing"
    moved = deps.reviews.move(
        row.id,
        to,
        "assessed",
        dict(body),
        deps.clock(),
        when=("running",),
        lease=deps.lease,
        notices=_notices(deps, shown, to),
        summary=summed_up(shown),
        lease_holder="",  # what is left to do with it is anybody's
        lease_until="",
        **body,
        **marks,
    )
    if not moved and not deps.reviews.get(row.id).ended_by:
        raise Refused(f"{row.id} was taken over by another process while this one stood still; look at it there")
    if not moved:
        by = deps.reviews.get(row.id).ended_by
        raise Refused(
            f"{row.id} was superseded by {by} while it was assessed; look at that one: clearance reviews show {by}"
        )


def _notices(deps: Deps, shown: ReviewDocument, to: str) -> tuple[Notice, ...]:
    """To everybody who is to sign; a rehearsal asks nobody."""
    if to != "signing":
        return ()
    gate = frozen.of(deps, shown.gate_digest, Gate)
    return notices.asked_to_sign(shown, gate, _people(deps), shown.signers, deps.clock())


def _document(deps: Deps, review: str) -> ReviewDocument:
    return ReviewDocument.model_validate_json(deps.locker.get(deps.reviews.get(review).document))


def _join(deps: Deps, row: ReviewRow, begin: Begin, said: list[str]) -> Assessed:
    """Wait for the process that runs it; go on in its place when it is gone."""
    told = False
    while (row := deps.reviews.get(row.id)).state == "running":
        lease = take(deps, row, when="running")
        if lease and not (begin.joins(row) or joining.may_take_over(deps, row, begin.state)):
            deps.reviews.release(row.id, lease)
            return assess_frozen(deps, begin, said)
        if lease:
            said = [*said, *_goes_on(deps, row, lease)]
            return _run(deps, row, joining.taken_over(deps, row, begin.state), said, lease)
        if not told:
            deps.progress("join", f"{row.id} is being assessed by {row.lease_holder}; waiting for it")
            told = True
        time.sleep(JOIN_POLL)
    return _ended(deps, row, begin, said)


def _ended(deps: Deps, row: ReviewRow, begin: Begin, said: list[str]) -> Assessed:
    """Its result where that answers what is asked, else what took its place if that may be joined, else a new one."""
    if row.state in joining.SHOWN and (begin.joins(row) or joining.is_result(deps, row, begin.state)):
        return Assessed(_document(deps, row.id), (*said, f"{row.id} was being assessed already; this is its result"))
    if row.state == "superseded":
        by = deps.reviews.get(row.ended_by)
        said = [*said, f"{row.id}, which was waited for, was superseded by {by.id}"]
        if begin.joins(by) or joining.may_join(deps, by, begin.state, by_hand=begin.order is None):
            return _join(deps, by, begin, said)
    elif row.state in joining.SHOWN:
        how = joining.other_access(begin.state)
        said = [*said, f"{row.id}, which was waited for, ended {how}; it is no answer here"]
    return assess_frozen(deps, begin, said)


def _goes_on(deps: Deps, row: ReviewRow, lease: str) -> list[str]:
    """What a killed process began runs no more; to go on with it is new work."""
    only = tuple(joining.started_state(deps, row.id)["only"])
    order = AssessOrder(subject=row.subject, gate=row.gate, only=only, asked_by=row.started_by)
    try:
        aloud = own_switch.begin(deps, order)
    except Queued:
        deps.reviews.release(row.id, lease)
        raise
    return [*aloud, f"{row.id} was begun by a process that is gone; this one went on with it"]
