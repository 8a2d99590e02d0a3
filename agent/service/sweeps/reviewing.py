"""Runs the reviews that something came of, each as `assess` would, over answers that are there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from agent.deps import Deps, Meter
from agent.domain import GRAPH_VERSION, ReviewDocument
from agent.errors import ClearanceError, Queued, Refused, StoreAway
from agent.service.assess import Begin, assess_frozen, new_review
from agent.service.orders import OrderedSweep
from agent.service.running import graph_of
from agent.service.sweeps.comparing import Compared, compare, last_shown
from agent.service.sweeps.meanwhile import saw_more
from agent.service.sweeps.shared import Common, Planned, counting
from agent.workflow import frozen
from agent.workflow.collect import asked_as
from agent.workflow.planning import Bound
from agent.workflow.state import ReviewState

AT_ONCE = 8  # reviews that wait for a model at the same time
Found = ReviewDocument | Compared | ClearanceError


@dataclass(frozen=True)
class Wanted:
    """A subject that is to be reviewed, since `last` ("" = there was none) does not say what would be said now."""

    planned: Planned
    last: str


@contextmanager
def one_graph(deps: Deps) -> Iterator[Deps]:
    """All reviews share one open graph: to compile it and to open its checkpoints costs more than to run it."""
    with graph_of(deps) as graph:
        yield replace(deps, graph=graph, progress=lambda step, sentence: None)


def review_each(
    common: Common, deps: Deps, wanted: Sequence[Wanted], answers: Mapping[str, str],
    done: Callable[[Wanted, Found], None],
) -> None:  # fmt: skip
    """Each of them, and `done` in this thread for each. One that fails costs no other anything."""

    def one(asked: Wanted) -> tuple[Wanted, Found]:
        try:
            return asked, _reviewed(common, deps, asked, answers)
        except (Queued, StoreAway):  # switched off, or nothing can be kept: what is left of the sweep waits with it
            raise
        except ClearanceError as error:
            return asked, error

    if deps.model is None and deps.reader is None:  # nothing to wait for: threads would only take turns
        for asked in wanted:
            done(*one(asked))
        return
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sweep") as pool:
        for asked, found in pool.map(one, wanted):
            done(asked, found)


def _reviewed(common: Common, deps: Deps, asked: Wanted, answers: Mapping[str, str]) -> ReviewDocument | Compared:
    """A review, or what is said of one that somebody else made meanwhile."""
    last = last_shown(common, asked.planned)
    if (last.id if last else "") != asked.last:
        again = compare(common, asked.planned, answers)
        if not again.why:
            return again
    return review(common, deps, asked.planned, answers)


def review(common: Common, deps: Deps, planned: Planned, answers: Mapping[str, str]) -> ReviewDocument:
    """One review. It joins one that is under way; ClearanceError where it cannot be made."""
    known = {row.key: answers[row.key] for row in _asked_once(planned)}
    state: ReviewState = {
        "review": new_review(), "graph_version": GRAPH_VERSION, "subject": planned.subject,
        "as_of": common.as_of.isoformat(), "gate": common.gate_digests[planned.gate], "card": planned.card,
        "people": common.people_digest, "only": [], "asked_as": asked_as(deps),
        "answers": [], "known": frozen.known(deps, known),
    }  # fmt: skip
    own = Meter()
    own.reuse(len(known))
    order = OrderedSweep(sweep=common.order)
    begin = Begin(
        common.gates[planned.gate], planned.version, state, started_by=common.order.by, order=order,
        joins=lambda row: saw_more(common, planned, answers, row),
        may_start=lambda: _refuse_older_answers(common, planned, answers),
    )  # fmt: skip
    return assess_frozen(counting(deps, own, common.deps.meter), begin, []).document


def _refuse_older_answers(common: Common, planned: Planned, answers: Mapping[str, str]) -> None:
    """Raise Refused where the last review saw more: whatever became of it, what we saw is for nobody to sign."""
    last = last_shown(common, planned)
    if last is not None and saw_more(common, planned, answers, last):
        raise Refused(
            f"{last.id} saw what is later than this sweep's answers, and cannot stand for them; "
            f"look again: clearance assess {planned.subject} --gate {planned.gate}"
        )


def _asked_once(planned: Planned) -> list[Bound]:
    return list({row.key: row for row in planned.rows if row.state == "asked"}.values())
