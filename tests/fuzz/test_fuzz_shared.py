"""Every request that several gates share, with one answer broken: no crash, and its rule comes out no better."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import pytest

from agent import resources
from agent.domain import Finding, Outcome
from agent.workflow.sealing import unsound
from collectors.connections import Connections
from collectors.evidence import Evidence
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.server import serve
from collectors.sandbox.start import STAND_INS
from collectors.sandbox.world import load_world
from tests.bench.collect import access
from tests.bench.fleet import Made
from tests.collectors.failures import LONG
from tests.fuzz.mutations import KINDS
from tests.fuzz.shared_cases import CASES, Case
from tests.fuzz.tampering import Break, Tampering

SEED = os.environ.get("CLEARANCE_FUZZ_SEED", "2026-06-12")
MORE = int(os.environ.get("CLEARANCE_FUZZ_MORE", "1"))
RANK = {Outcome.PASS: 2, Outcome.NOT_APPLICABLE: 2, Outcome.WARN: 1, Outcome.FAIL: 0, Outcome.UNKNOWN: 0}


@dataclass(frozen=True)
class Place:
    type_: str
    case: Case
    conn: Connections
    tampering: Tampering

    def said(self) -> list[Outcome]:
        """What the rule says of each question; a gap is unknown, a crash is a crash."""
        answers = REQUESTS[self.type_].collector()(self.conn, list(self.case.asks))
        sound = [unsound(one, ask) or one for one, ask in zip(answers, self.case.asks, strict=True)]
        return [self._judged(one).outcome if isinstance(one, Evidence) else Outcome.UNKNOWN for one in sound]

    def _judged(self, answer: Evidence) -> Finding:
        return self.case.judge(answer.facts)


@pytest.fixture(scope="module", params=CASES)
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Place, Sequence[Outcome]]]:
    """The stand-in with things in order and things that are not."""
    case, shipped = CASES[request.param], load_world(resources.folder("config") / "worlds/put-right")
    data = shipped.vendor(case.vendor)
    case.spoil(data)
    world = Made(**shipped.model_dump(), data=data)
    stand_in = STAND_INS[case.vendor](world)
    tampering = Tampering(stand_in)
    running = serve(tampering)
    limits = Limits((), sleep=lambda seconds: None)
    way = {case.vendor: access(case.vendor, world, running.url)}
    conn = Connections(clock=lambda: world.clock, limits=limits, timeout=LONG, **way)
    there = Place(request.param, case, conn, tampering)
    yield there, there.said()
    running.close()
    if hasattr(stand_in, "close"):
        stand_in.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_answer_never_crashes_and_never_improves(place: tuple[Place, Sequence[Outcome]], kind: str):
    """Cut, without a field, with a null, with another type."""
    there, whole = place
    keys = sorted(there.tampering.asked)
    for number in range(there.case.trials * MORE):
        seed = f"{SEED}/{there.type_}/{kind}/{number}"
        key = Random(seed).choice(keys)
        with there.tampering.breaking(Break(key, kind, seed)):
            now = there.said()
        better = [new for new, old in zip(now, whole, strict=True) if RANK[new] > RANK[old]]
        assert not better, f"{seed}: {key[:3]}, {there.tampering.told}"


def test_something_is_in_order_and_something_is_not(place: tuple[Place, Sequence[Outcome]]):
    """Else a broken answer could improve nothing."""
    _, whole = place
    assert Outcome.PASS in whole
    assert Outcome.FAIL in whole
