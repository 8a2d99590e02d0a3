"""Runs the reviews that something came of, each as `assess` would, over answers that are there already."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from agent.deps import Deps, Meter
from agent.domain import GRAPH_VERSION, ReviewDocument
from agent.errors import ClearanceError
from agent.service.assess import Begin, assess_frozen, new_review
from agent.service.running import graph_of
from agent.service.sweeps.common import Common, Planned, counting
from agent.workflow.planning import Bound
from agent.workflow.state import ReviewState

AT_ONCE = 8  # reviews that wait for a model at the same time


@contextmanager
def one_graph(deps: Deps) -> Iterator[Deps]:
    """All reviews share one open graph: to compile it and to open its checkpoints costs more than to run it."""
    with graph_of(deps) as graph:
        yield replace(deps, graph=graph, progress=lambda step, sentence: None)


def review(common: Common, deps: Deps, planned: Planned, answers: dict[str, str]) -> ReviewDocument:
    """One review. It joins one that is under way; ClearanceError where it cannot be made."""
    state: ReviewState = {
        "review": new_review(), "graph_version": GRAPH_VERSION, "subject": planned.subject,
        "as_of": common.as_of.isoformat(), "gate": common.gate_digests[planned.gate], "card": planned.card,
        "people": common.people_digest, "only": [],
        "answers": [
            {"key": row.key, "digest": answers[row.key]} for row in _asked_once(planned) if row.key in answers
        ],
    }  # fmt: skip
    own = Meter()
    own.reuse(len(state["answers"]))
    begin = Begin(common.gates[planned.gate], planned.version, state, started_by=common.order.by)
    return assess_frozen(counting(deps, own, common.deps.meter), begin, []).document


def _asked_once(planned: Planned) -> list[Bound]:
    return list({row.key: row for row in planned.rows if row.state == "asked"}.values())


def review_each(
    common: Common, deps: Deps, wanted: list[Planned], answers: dict[str, str],
    done: Callable[[Planned, ReviewDocument | ClearanceError], None],
) -> None:  # fmt: skip
    """Each of them, and `done` in this thread for each. One that fails costs no other anything."""

    def one(planned: Planned) -> tuple[Planned, ReviewDocument | ClearanceError]:
        try:
            return planned, review(common, deps, planned, answers)
        except ClearanceError as error:
            return planned, error

    if deps.model is None and deps.reader is None:  # nothing to wait for: threads would only take turns
        for planned in wanted:
            done(*one(planned))
        return
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sweep") as pool:
        for planned, found in pool.map(one, wanted):
            done(planned, found)
