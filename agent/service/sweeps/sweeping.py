"""One sweep from its beginning, or from where a killed one left it, to its digest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from math import ceil

from agent.deps import Deps
from agent.digests import Cost, Digest
from agent.drafting.batches import POLL_SECONDS
from agent.errors import ConfigError, Refused, StoreAway, StoreError
from agent.gates import Gate
from agent.holder import is_dead
from agent.in_parts import written_in_parts
from agent.service import own_switch
from agent.service.assess import refuse_changed
from agent.service.finishing import finish
from agent.service.orders import OrderedSweep
from agent.service.running import new_lease
from agent.service.sweep_order import Progress, SweepOrder, Swept, Tick
from agent.service.sweeps import afterwards, choosing, digesting, drafting, planning, shared, telling
from agent.service.sweeps.course import LINES, TAKEN, Course
from agent.service.sweeps.keeping import kept_alive
from agent.service.sweeps.reviewing import one_graph
from agent.service.sweeps.shared import Planned
from agent.service.sweeps.tidying import tidied_seldom
from agent.service.sweeps.wave import run_wave
from agent.service.together import within_one_budget
from agent.store.sweeps import SubjectRow, SweepRow, Sweeps
from agent.workflow import frozen

YOUNG = timedelta(hours=6)  # how long after its start an unfinished sweep is still worth going on with
LEAST, MOST = 200, 1000  # reviews whose evidence is fetched together: what lists show is held for all of them
WAVES = 10  # between the two: lists are read once a wave
POLL = 0.2  # seconds between looks at a sweep that another process runs
Gates = tuple[dict[str, Gate], dict[str, str]]  # those to be asked; those that cannot be, with why
GONE = "was planned, and then the sweep was interrupted; since then its card or what was open of it is gone"


def unseen(tick: Tick) -> None:
    """Nobody looks."""


def run(deps: Deps, order: SweepOrder, progress: Progress = unseen, poll: float = POLL_SECONDS) -> Swept:
    """Finish one sweep. The same order twice at once: the second waits for the first and gives its digest.

    `poll`: seconds between two looks at a batch of drafts.

    Raises UsageError and ConfigError for what would stop every review (a gate, people.yaml, the overlay).
    """
    said = finish(deps)
    own = shared.held(deps)
    gates, broken = _gates(own, order)
    telling.readers(own)
    gates, broken = _kept(own, order, gates, broken)
    shared.refuse_damaged_people(own)
    said += own_switch.begin(deps, OrderedSweep(sweep=order))  # as it was given: the job that ordered "all" is joined
    store, lease, now = Sweeps(deps.engine), new_lease(deps), deps.clock()
    meant = order.model_copy(update={"gates": tuple(gates)})
    row = store.begin(shared.new_id(), meant.key(), meant.model_dump_json(), now, lease, young=now - YOUNG)
    if row.lease_holder != lease:
        taken = _wait(deps, store, row, lease, progress)
        if not taken:
            return _result(order, row.id, _finished(deps, store.get(row.id)), joined=True, said=said)
        said.append(f"{row.id} was begun by a process that is gone; this one went on with it")
        row = store.get(row.id)
    with kept_alive(deps, store, row.id, lease), tidied_seldom():
        digest = _sweep(own, order, row, lease, gates, broken, progress, said, poll)
    return _result(order, row.id, digest, joined=False, said=said)


def made_since(deps: Deps, order: SweepOrder, since: datetime) -> str:
    """The sweep of this order that finished, as of `since` or later; "" where there is none."""
    gates, _ = _gates(shared.held(deps), order)
    return Sweeps(deps.engine).made(order.model_copy(update={"gates": tuple(gates)}).key(), since)


def _gates(deps: Deps, order: SweepOrder) -> Gates:
    """Those to be asked, and of "all" those that cannot be read, with why. One that is named has to be right."""
    every = deps.configuration.gates() if "all" in order.gates else None
    named = {id: deps.configuration.gate(id) for id in dict.fromkeys(order.gates) if id != "all"}
    if every is None:
        return named, {}
    if not every.right:
        raise ConfigError("\n".join(every.told))
    return {id: every.right[id] for id in sorted(every.right)}, every.wrong


def _kept(deps: Deps, order: SweepOrder, gates: dict[str, Gate], broken: dict[str, str]) -> Gates:
    """The same, less those of which the locker's copy is damaged: over it nobody may sign, nor be told "unchanged"."""
    damaged = dict[str, StoreError]()
    for gate in gates.values():
        digest = frozen.keep(deps, gate, "gate")
        refuse_changed(deps, gate, digest)
        try:
            deps.locker.get(digest)
        except StoreAway:
            raise
        except StoreError as error:
            damaged[gate.id] = error
    right = {id: gate for id, gate in gates.items() if id not in damaged}
    if damaged and ("all" not in order.gates or not right):
        raise next(iter(damaged.values()))
    return right, broken | {id: str(error) for id, error in damaged.items()}


def _wait(deps: Deps, store: Sweeps, row: SweepRow, lease: str, progress: Progress) -> bool:
    """Until the sweep is finished (False), or its process is gone and it is ours (True)."""
    told = False
    while store.get(row.id).state == "running":
        holder = store.get(row.id).lease_holder
        if store.take(row.id, lease, deps.clock(), dead=holder if holder and is_dead(holder) else ""):
            return True
        if not told:
            progress(Tick(stage="wait", sentence=f"{row.id} is under way in {holder}; waiting for its end"))
            told = True
        time.sleep(POLL)
    return False


def _finished(deps: Deps, row: SweepRow) -> Digest:
    """What another process made of it."""
    if not row.digest:
        raise Refused(f"{row.id} was left behind for a later sweep; sweep again")
    return Digest.model_validate_json(deps.locker.get(row.digest))


def _result(order: SweepOrder, sweep: str, digest: Digest, *, joined: bool, said: Sequence[str]) -> Swept:
    digest = digest.only_changed() if order.only_changed else digest
    joins = (f"{sweep} was under way already; this is its result",) if joined else ()
    return Swept(sweep=sweep, digest=digest, joined=joined, said=(*said, *joins))


def _sweep(
    deps: Deps, order: SweepOrder, row: SweepRow, lease: str, gates: dict[str, Gate], broken: dict[str, str],
    progress: Progress, said: list[str], poll: float,
) -> Digest:  # fmt: skip
    spent = Cost.model_validate(json.loads(row.cost))
    deps = within_one_budget(deps, spent.tokens)
    one = Course(
        common=shared.common(deps, order, row, gates, broken), store=Sweeps(deps.engine), lease=lease,
        progress=progress, cost=spent, notes=said, lines=1 if deps.model else LINES,
    )  # fmt: skip
    desk = drafting.Desk(one.common, drafting.read(row.batches), one.keep_batches, poll)
    planned = _plan(one)
    one.total = one.finished + len(planned)
    with one_graph(deps) as within:
        for wave in waves(planned, wave_of(len(planned), batch=order.batch)):
            run_wave(one, desk, within, wave)
    one.flush()
    one.tick("digest", one.total, one.total)
    digest = digesting.digest(one.common, one.spent(), tuple(dict.fromkeys(one.notes)))
    (kept,) = frozen.keep_all(deps, [(digest, written_in_parts(digest), "sweep")])
    if not one.store.finish(row.id, lease, kept, deps.clock(), telling.notices(deps, row, digest)):
        raise Refused(TAKEN.format(sweep=row.id))
    return digest


def wave_of(count: int, *, batch: bool) -> int:
    """How many of so many reviews make a wave. A Message Batch is waited for once a wave, for an hour maybe."""
    return MOST if batch else min(MOST, max(LEAST, ceil(count / WAVES)))


def waves(planned: Sequence[Planned], size: int) -> Iterator[list[Planned]]:
    rows = iter(planned)
    while wave := list(islice(rows, size)):
        yield wave


def _plan(one: Course) -> list[Planned]:
    """Everything that is to be reviewed and was not, before this sweep was interrupted."""
    common, deps = one.common, one.common.deps
    before = {(row.subject, row.gate): row for row in one.store.rows(common.sweep.id)}
    ended = {place for place, row in before.items() if row.state != "planned"}
    opened = afterwards.subjects_of(afterwards.unfinished(deps), common.order.due_within, common.as_of)
    found: list[Planned] = []
    rows: list[SubjectRow] = []
    for subject, card in choosing.chosen(deps, common.order, common.as_of, opened):
        raw = None if isinstance(card, choosing.Broken) else frozen.keep_json(deps, card.raw, "card")
        for gate in common.gates:
            if (subject, gate) in ended:
                continue
            row = SubjectRow(subject, gate)
            if isinstance(card, choosing.Broken):
                rows.append(replace(row, state="failed", note=card.why))
                continue
            assert raw is not None
            try:
                found.append(planning.plan(common, gate, card.raw, raw))
                rows.append(replace(row, version=card.card.version))
            except ConfigError as error:
                rows.append(replace(row, state="failed", version=card.card.version, note=str(error)))
        one.tick("plan", len(found), 0)
    one.store.plan(common.sweep.id, rows)
    told = {(row.subject, row.gate): row.note for row in rows}
    for place in before.keys() - ended - {(planned.subject, planned.gate) for planned in found}:
        one.ended(replace(before[place], state="failed", note=told.get(place) or GONE))
    return found
