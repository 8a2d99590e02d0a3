"""What is under way is waited for: one question at a time goes to a source, however many reviews need its answer."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from agent.service.assess import assess
from agent.surfaces.demo_world import lay_out
from agent.workflow.collect import is_local
from agent.workflow.flight import Flights
from collectors.sandbox.faults import Fault
from collectors.sandbox.start import start
from collectors.sandbox.world import load_world

T = datetime(2026, 6, 12, 16, tzinfo=UTC)
LONG_AGO = T - timedelta(days=1)


def test_a_question_under_way_is_joined_and_brings_the_same_answer():
    flights = Flights()
    with flights.taking("me", {"q": LONG_AGO}, T) as first:
        with flights.taking("me", {"q": LONG_AGO, "r": LONG_AGO}, T) as second:
            assert (set(second.own), set(second.others)) == ({"r"}, {"q"})
        first.land({"q": "digest"})

    assert second.joined() == {"q": "digest"}


def test_as_somebody_else_it_is_asked_again():
    """Evidence is never shared between credentials."""
    flights = Flights()
    with flights.taking("me", {"q": LONG_AGO}, T), flights.taking("you", {"q": LONG_AGO}, T) as yours:
        assert set(yours.own) == {"q"}


def test_one_that_began_too_early_is_not_joined():
    """What was put right meanwhile must be seen. Whoever comes then joins the newer one, also when the older ends."""
    flights = Flights()
    with flights.taking("me", {"q": LONG_AGO}, T):
        newer = flights.taking("me", {"q": T + timedelta(seconds=1)}, T + timedelta(seconds=2))
        taken = newer.__enter__()
    with flights.taking("me", {"q": T + timedelta(seconds=1)}, T + timedelta(seconds=3)) as late:
        assert (set(taken.own), set(late.others)) == ({"q"}, {"q"})
    newer.__exit__(None, None, None)


def test_when_whoever_asked_gives_up_the_others_are_told():
    """They ask for themselves then, and nothing is under way any more."""
    flights = Flights()
    with pytest.raises(KeyboardInterrupt), flights.taking("me", {"q": LONG_AGO}, T):  # noqa: PT012
        with flights.taking("me", {"q": LONG_AGO}, T) as waiting:
            pass
        raise KeyboardInterrupt

    assert waiting.joined() == {}
    with flights.taking("me", {"q": LONG_AGO}, T) as again:
        assert set(again.own) == {"q"}


def test_two_reviews_at_once_take_the_calls_of_one(tmp_path: Path):
    """Two threads, one process, slow sources: every question goes out once, and both reviews rest on its answer."""
    world = load_world(resources.folder("config") / "worlds/as-written")
    overlay = lay_out(world.overlay, tmp_path / "overlay", tmp_path / "keys")
    with start(world) as sandbox, ThreadPoolExecutor(2) as pool:
        for proxy in sandbox.faults.values():
            proxy.set(Fault(kind="delay", seconds=0.05))

        def calls_of(home: str, reviews: int) -> tuple[Counter[str], set[str]]:
            env = {**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path / home), "CLEARANCE_CONFIG": str(overlay)}
            deps = assemble(settings.read(env))
            jobs = [pool.submit(assess, deps, world.subject, world.gate, as_of=world.clock) for _ in range(reviews)]
            documents = [job.result().document for job in jobs]
            assert len({document.review for document in documents}) == reviews
            return deps.meter.calls, {d for doc in documents for d, kind in doc.evidence.items() if not is_local(kind)}

        alone, both = calls_of("alone", 1), calls_of("both", 2)

    assert both[0] == alone[0]
    assert len(both[1]) == len(alone[1])
