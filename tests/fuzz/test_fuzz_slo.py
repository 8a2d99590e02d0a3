"""datadog.slo, which no rule of a gate reads yet: a broken answer never tells of more than the whole one did."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest

from agent import resources
from agent.workflow.sealing import unsound
from collectors.connections import Connections, DatadogAccess
from collectors.datadog.facts import SloAsk, SloFacts
from collectors.datadog.slo import slo
from collectors.evidence import Evidence, Window
from collectors.rate import Limits
from collectors.sandbox.datadog import Datadog
from collectors.sandbox.server import serve
from collectors.sandbox.world import load_world
from tests.collectors.failures import LONG
from tests.fuzz.mutations import KINDS
from tests.fuzz.tampering import Break, Key, Tampering

SEED = os.environ.get("CLEARANCE_FUZZ_SEED", "2026-06-12")
TRIALS = 25 * int(os.environ.get("CLEARANCE_FUZZ_MORE", "1"))
PILOT = Window.model_validate({"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"})
ASK = SloAsk(id="5a1e0000000040008000000000000001", window=PILOT)


@dataclass(frozen=True)
class Place:
    tampering: Tampering
    conn: Connections
    whole: SloFacts

    def asked(self) -> list[Key]:
        return sorted(self.tampering.asked)

    def told(self) -> SloFacts | None:
        """The facts of an answer that can be sealed; None for a gap."""
        (answer,) = slo(self.conn, [ASK])
        sound = unsound(answer, ASK) or answer
        if not isinstance(sound, Evidence):
            return None
        assert isinstance(sound.facts, SloFacts)
        return sound.facts


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    world = load_world(resources.folder("config") / "worlds/put-right")
    tampering = Tampering(Datadog(world))
    running = serve(tampering)
    keys = DatadogAccess(world.credentials.datadog_api_key, world.credentials.datadog_app_key, running.url)
    limits = Limits((), sleep=lambda seconds: None)
    conn = Connections(clock=lambda: world.clock, datadog=keys, limits=limits, timeout=LONG)
    (answer,) = slo(conn, [ASK])
    assert isinstance(answer, Evidence)
    assert isinstance(answer.facts, SloFacts)
    yield Place(tampering, conn, answer.facts)
    running.close()


def more(now: SloFacts, whole: SloFacts) -> list[str]:
    """In what respect `now` looks better than `whole`."""
    values = {"value": (now.value, whole.value), "corrected": (now.corrected, whole.corrected)}
    found = [name for name, (new, old) in values.items() if new and (old is None or new.value > old.value)]
    if whole.state.value != "data" and now.state.value == "data":
        found.append("state")
    if now.value and whole.samples and not (now.samples and now.samples.value <= whole.samples.value):
        found.append("samples")
    if now.value and whole.modified and now.modified and now.modified.value < whole.modified.value:
        found.append("modified")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_answer_never_crashes_and_never_tells_of_more(place: Place, kind: str):
    """Cut, without a field, with a null, with another type."""
    place.told()
    keys = place.asked()
    for number in range(TRIALS):
        seed = f"{SEED}/datadog.slo/{kind}/{number}"
        key = Random(seed).choice(keys)
        with place.tampering.breaking(Break(key, kind, seed)):
            now = place.told()
        assert place.tampering.told
        assert now is None or not more(now, place.whole), f"{seed}: {key[:2]}, {place.tampering.told}"


def test_the_whole_answer_leaves_room_to_tell_of_more(place: Place):
    assert place.whole.value is not None
    assert place.whole.value.value < 100
