"""What is under way is waited for: one question at a time goes to a source, however many reviews need its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import resources, settings
from agent.deps import Deps
from agent.service.assembly import assemble
from agent.service.assess import assess
from agent.surfaces.demo_world import lay_out
from agent.workflow.collect import Batch, gather, is_local
from agent.workflow.flight import Flights
from collectors.connections import identity
from collectors.evidence import Answer, Evidence, Gap, GapReason, Source
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault
from collectors.sandbox.start import start
from collectors.sandbox.world import load_world
from tests.collectors.asked import ASKS

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


OF_A_RUN = 5  # calls that several types need: services (two), maintenance windows, a flag and the model's flag


def test_two_reviews_at_once_take_the_calls_of_one(tmp_path: Path):
    """Two threads, one process, slow sources: every question goes out once, and both reviews rest on its answer.

    What several types need is asked by each review whose flight needs it: no call is shared between reviews.
    """
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

    assert sum((both[0] - alone[0]).values()) <= OF_A_RUN
    assert not alone[0] - both[0]
    assert len(both[1]) == len(alone[1])


# --- what is joined, and when it was seen ----------------------------------------------------------------------------

ASK = ASKS["pagerduty.incidents"]
KEY = ASK.key()


@dataclass
class Desk:
    """Reviews of one process over one sandbox, and the clock they share."""

    deps: Deps
    now: datetime

    def begun(self) -> Deps:
        """A review of its own."""

        def clock() -> datetime:
            return self.now

        connections = replace(self.deps.connections, clock=clock)
        return replace(self.deps, clock=clock, connections=connections.of_a_run())

    def asked(self, review: Deps) -> Answer:
        (answer,) = REQUESTS[ASK.type].collector()(review.connections, [ASK])
        return answer

    def joined(self, landed: Answer, since: datetime) -> Answer:
        """What a review gets that needs an answer from `since` on, and joins another's flight which brings `landed`."""
        review = self.begun()
        who = identity(review.connections, "pagerduty")
        with review.flights.taking(who, {KEY: LONG_AGO}, self.now) as others:
            others.land({KEY: review.locker.keep(KEY, who, landed, "rv-other", self.now)})
            found = gather(review, Batch(ASK.type, {KEY: ASK}, {KEY: since}, "rv-own"))
        return review.locker.answer(found.digests[KEY])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    world = load_world(resources.folder("config") / "worlds/put-right")
    overlay = lay_out(world.overlay, tmp_path / "overlay", tmp_path / "keys")
    with start(world) as sandbox:
        env = {**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path / "home"), "CLEARANCE_CONFIG": str(overlay)}
        yield Desk(assemble(settings.read(env)), world.clock)


def a_gap(reason: GapReason, at: datetime) -> Gap:
    source = Source(vendor="pagerduty", base_url="")
    return Gap(request_type=ASK.type, params=ASK.params(), source=source, at=at, reason=reason, what="", next_step="")


@pytest.mark.parametrize("asked_from", [-10, 0, 10])
def test_evidence_of_a_flight_is_as_old_as_the_calls_it_rests_on(desk: Desk, asked_from: int):
    """They were made for another type, before the flight: "check again" that began in between asks."""
    called, other = desk.now, desk.begun()
    gather(other, Batch("pagerduty.on_call", {"q": ASKS["pagerduty.on_call"]}, {}, "rv-other"))
    desk.now += timedelta(seconds=20)
    landed = desk.asked(other)
    assert isinstance(landed, Evidence)
    assert landed.collected_at == called

    found = desk.joined(landed, called + timedelta(seconds=asked_from))

    assert isinstance(found, Evidence)
    assert found.collected_at == (called if asked_from <= 0 else desk.now)


def test_a_gap_that_a_flight_met_is_met_by_all_who_waited(desk: Desk):
    """A source that is down is not waited for once a review."""
    gap = a_gap(GapReason.UNREACHABLE, desk.now)
    assert desk.joined(gap, desk.now) == gap


@pytest.mark.parametrize(("reason", "before"), [(GapReason.UNREACHABLE, 1), (GapReason.BLIND, 0)])
def test_a_gap_that_was_met_before_or_may_be_stood_in_for_is_looked_into(desk: Desk, reason: GapReason, before: int):
    gap = a_gap(reason, desk.now - timedelta(seconds=before))
    desk.now += timedelta(seconds=1)
    assert isinstance(desk.joined(gap, desk.now - timedelta(seconds=1)), Evidence)


def test_who_joined_in_vain_asks_once_and_takes_what_comes(desk: Desk):
    """Another gap too."""
    access = desk.deps.connections.pagerduty
    assert access
    desk.deps = replace(
        desk.deps, connections=replace(desk.deps.connections, pagerduty=replace(access, token="unknown"))
    )
    found = desk.joined(a_gap(GapReason.BLIND, desk.now), desk.now)
    assert isinstance(found, Gap)
    assert found.reason is GapReason.DENIED
