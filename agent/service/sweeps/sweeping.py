"""One sweep from its beginning, or from where a killed one left it, to its digest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from agent.deps import Deps
from agent.digests import Cost, Digest
from agent.domain import ReviewDocument, Usage
from agent.errors import ClearanceError, ConfigError, Refused
from agent.gates import Gate
from agent.holder import is_dead
from agent.service import own_switch
from agent.service.finishing import finish
from agent.service.orders import OrderedSweep
from agent.service.running import new_lease
from agent.service.sweep_order import Progress, SweepOrder, Swept, Tick
from agent.service.sweeps import afterwards, choosing, digesting, planning
from agent.service.sweeps import common as shared
from agent.service.sweeps.common import About, Common, Planned
from agent.service.sweeps.comparing import Compared, compare
from agent.service.sweeps.keeping import kept_alive
from agent.service.sweeps.prefetching import prefetch
from agent.service.sweeps.reviewing import one_graph, review_each
from agent.service.together import within_one_budget
from agent.store.sweeps import SubjectRow, SweepRow, Sweeps
from agent.workflow import frozen

YOUNG = timedelta(hours=6)  # how long after its start an unfinished sweep is still worth going on with
WAVE = 1000  # subjects that are fetched, judged and reviewed together
LINES = 100  # subjects whose end is written in one transaction
POLL = 0.2  # seconds between looks at a sweep that another process runs


def unseen(tick: Tick) -> None:
    """Nobody looks."""


def run(deps: Deps, order: SweepOrder, progress: Progress = unseen) -> Swept:
    """Finish one sweep. The same order twice at once: the second waits for the first and gives its digest.

    Raises UsageError and ConfigError for what would stop every review (a gate, people.yaml, the overlay).
    """
    said = finish(deps)
    own = shared.held(deps)
    gates = _gates(own, order)
    order = order.model_copy(update={"gates": tuple(gates)})
    said += own_switch.begin(deps, OrderedSweep(sweep=order))
    store, lease, now = Sweeps(deps.engine), new_lease(deps), deps.clock()
    row = store.begin(shared.new_id(), order.key(), order.model_dump_json(), now, lease, young=now - YOUNG)
    if row.lease_holder != lease:
        taken = _wait(deps, store, row, lease, progress)
        if not taken:
            return _result(deps, order, store.get(row.id), joined=True, said=said)
        said.append(f"{row.id} was begun by a process that is gone; this one went on with it")
        row = store.get(row.id)
    with kept_alive(deps, store, row.id, lease):
        _sweep(within_one_budget(own), order, row, lease, gates, progress, said)
    return _result(deps, order, store.get(row.id), joined=False, said=said)


def _gates(deps: Deps, order: SweepOrder) -> dict[str, Gate]:
    ids = sorted(deps.configuration.gate_paths()) if "all" in order.gates else order.gates
    return {id: deps.configuration.gate(id) for id in dict.fromkeys(ids)}


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


def _result(deps: Deps, order: SweepOrder, row: SweepRow, *, joined: bool, said: Sequence[str]) -> Swept:
    if not row.digest:
        raise Refused(f"{row.id} was left behind for a later sweep; sweep again")
    digest = Digest.model_validate_json(deps.locker.get(row.digest))
    if order.only_changed:
        digest = digest.model_copy(update={"unchanged": ()})
    joins = (f"{row.id} was under way already; this is its result",) if joined else ()
    return Swept(sweep=row.id, digest=digest, joined=joined, said=(*said, *joins))


@dataclass
class _Run:
    """One process's work on a sweep."""

    common: Common
    store: Sweeps
    lease: str
    progress: Progress
    cost: Cost
    notes: list[str]
    total: int = 0
    finished: int = 0
    waiting: list[SubjectRow] = field(default_factory=list)

    def tick(self, stage: str, done: int, total: int, sentence: str = "") -> None:
        left = self.common.deps.connections.limits.left()
        self.progress(Tick.model_validate(
            {"stage": stage, "done": done, "total": total, "sentence": sentence, "left": left}
        ))  # fmt: skip

    def ended(self, row: SubjectRow) -> None:
        self.waiting.append(row)
        self.finished += 1
        if len(self.waiting) >= LINES:
            self.flush()

    def flush(self) -> None:
        """What became of the last subjects, and what it cost so far."""
        if self.waiting:
            self.store.done(self.common.sweep.id, self.waiting)
            self.waiting.clear()
        if not self.store.note(self.common.sweep.id, self.lease, cost=self.spent().model_dump(mode="json")):
            raise Refused(f"{self.common.sweep.id} was taken over by another process while this one stood still")

    def spent(self) -> Cost:
        """What was spent before this process, and by it."""
        meter = self.common.deps.meter
        calls = dict(self.cost.calls)
        for vendor, count in meter.calls.items():
            calls[vendor] = calls.get(vendor, 0) + count
        seconds = (self.common.deps.clock() - self.common.as_of).total_seconds()
        return self.cost.model_copy(
            update={"calls": calls, "reused": self.cost.reused + meter.reused, "seconds": round(seconds, 2)}
        )

    def pay(self, usage: Usage) -> None:
        """A review's tokens; its calls were counted as they went out."""
        had = Usage.model_validate(self.cost.model_dump())
        more = usage.model_copy(update={"calls": {}, "reused": 0, "seconds": 0})
        self.cost = Cost.model_validate(had.plus(more).model_dump())


def _sweep(
    deps: Deps, order: SweepOrder, row: SweepRow, lease: str, gates: dict[str, Gate], progress: Progress,
    said: list[str],
) -> None:  # fmt: skip
    one = _Run(
        common=shared.common(deps, order, row, gates), store=Sweeps(deps.engine), lease=lease, progress=progress,
        cost=Cost.model_validate(json.loads(row.cost)), notes=said,
    )  # fmt: skip
    planned = _plan(one)
    one.total = len(planned)
    with one_graph(deps) as within:
        for wave in _waves(planned):
            _wave(one, within, wave)
    one.flush()
    one.tick("digest", one.total, one.total)
    digest = digesting.digest(one.common, one.spent(), tuple(dict.fromkeys(one.notes)))
    one.store.finish(row.id, lease, frozen.keep(deps, digest, "sweep"), deps.clock())


def _waves(planned: Sequence[Planned]) -> Iterator[list[Planned]]:
    rows = iter(planned)
    while wave := list(islice(rows, WAVE)):
        yield wave


def _plan(one: _Run) -> list[Planned]:
    """Everything that is to be reviewed and was not, before this sweep was interrupted."""
    common, deps = one.common, one.common.deps
    ended = {(row.subject, row.gate) for row in one.store.rows(common.sweep.id) if row.state != "planned"}
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
    return found


def _wave(one: _Run, deps: Deps, wave: list[Planned]) -> None:
    """Fetched together, judged one by one, and reviewed where something came of it."""
    wave, answers = _fetched(one, wave)
    changed: list[tuple[Planned, Compared]] = []
    for planned in wave:
        found = compare(one.common, planned, answers)
        if found.why:
            changed.append((planned, found))
        else:
            assert found.last is not None
            one.ended(_row(planned, "unchanged", found.last.id, found.note, found.about))
        one.tick("compare", one.finished + len(changed), one.total)
    one.flush()
    abouts = {(planned.subject, planned.gate): found.about for planned, found in changed}

    def done(planned: Planned, found: ReviewDocument | ClearanceError) -> None:
        about = abouts[planned.subject, planned.gate]
        if isinstance(found, ReviewDocument):
            one.pay(found.usage)
            one.ended(_row(planned, "reviewed", found.review, "", about))
        else:
            one.ended(_row(planned, "failed", "", str(found), about))
        one.tick("review", one.finished, one.total)

    review_each(one.common, deps, [planned for planned, _ in changed], answers, done)
    one.flush()


def _row(planned: Planned, state: str, review: str, note: str, about: About) -> SubjectRow:
    kept = about.model_dump_json(exclude_defaults=True)
    return SubjectRow(planned.subject, planned.gate, planned.version, state, review, note, kept)


def _fetched(one: _Run, wave: list[Planned]) -> tuple[list[Planned], dict[str, str]]:
    """Every answer, in two rounds: some questions can be put only once others are answered."""
    asks, answers = planning.Asks(), dict[str, str]()
    for planned in wave:
        asks.add(planned.rows)
    answers |= prefetch(one.common, asks, lambda count: one.tick("prefetch", count, len(asks)))
    wave = [planning.followed(one.common, planned, answers) for planned in wave]
    for planned in wave:
        asks.add(planned.rows)
    more, known = asks.without(answers), len(answers)
    answers |= prefetch(one.common, more, lambda count: one.tick("prefetch", known + count, len(asks)))
    one.flush()
    return wave, answers
