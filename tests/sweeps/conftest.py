"""Sweeps over running stand-ins: a few subjects that differ in name alone, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.service.sweep_order import Tick
from agent.service.sweeps import SweepOrder, Swept, run
from agent.service.sweeps.tidying import tidied_seldom
from agent.yaml_lines import Loader
from tests.acceptance.conftest import GATE, SUBJECT, Desk, RunningWorld, desk_over, start_world
from tests.acceptance.overlays import own_gate
from tests.acceptance.prepared import Hands, Prepared

VENDORS = ("pagerduty", "launchdarkly", "datadog", "aws")
OTHERS = ("claims-triage", "vendor-onboarding")
ALL = SweepOrder(gates=(GATE,), everything=True)
OWN = SweepOrder(gates=("our-own",), everything=True)


@dataclass
class Fleet:
    """A home with several subjects. `deps` stand on a clock that stands still until it is moved."""

    desk: Desk
    clock: Hands
    ticks: list[Tick] = field(default_factory=list)

    def deps(self, *without: str, **more: str) -> Deps:
        deps = self.desk.deps(*without, **more)
        return replace(deps, clock=self.clock, connections=replace(deps.connections, clock=self.clock))

    def sweep(self, order: SweepOrder = ALL, *without: str, **more: str) -> Swept:
        return run(self.deps(*without, **more), order, self.ticks.append, poll=0.05)

    def asked(self) -> dict[str, int]:
        """Calls that each stand-in has seen so far."""
        return {vendor: len(self.desk.world.seen(vendor)) for vendor in VENDORS}

    def card(self, subject: str, change: Callable[[Any], None]) -> None:
        edited(self.desk.overlay / f"cards/{subject}/card.yaml", change)

    def people(self, change: Callable[[Any], None]) -> None:
        edited(self.desk.overlay / "people.yaml", change)

    def document(self, review: str) -> ReviewDocument:
        deps = self.deps()
        return ReviewDocument.model_validate_json(deps.locker.get(deps.reviews.get(review).document))


def edited(path: Path, change: Callable[[Any], None]) -> None:
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)
    change(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def with_others(overlay: Path) -> None:
    """More subjects, each with the card of the first and statements of its own: none."""
    text = (overlay / f"cards/{SUBJECT}/card.yaml").read_text(encoding="utf-8")
    for other in OTHERS:
        folder = overlay / "cards" / other
        folder.mkdir()
        card = yaml.load(text, Loader=Loader)
        folder.joinpath("card.yaml").write_text(yaml.safe_dump({**card, "subject": other}), encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def tidied() -> Iterator[None]:
    """As if another sweep were under way: a sweep alone first looks through all that its process holds, and what a run
    of tests holds is many times what a worker does. tests/sweeps/test_tidying.py looks at just that.
    """
    with tidied_seldom():
        yield


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    yield from start_world("put-right", tmp_path_factory.mktemp("sweeps"))


def refetching(overlay: Path) -> None:
    """A gate whose evidence counts for three hours, so that a sweep in the afternoon asks everything again."""
    with_others(overlay)
    own_gate(overlay, "fetched_within: 24 hours", "fetched_within: 3 hours")


@pytest.fixture
def fleet(world: RunningWorld, tmp_path: Path) -> Iterator[Fleet]:
    desk = desk_over(world, tmp_path, refetching)
    yield Fleet(desk, Hands(desk.deps().clock()))
    for vendor in VENDORS:
        world.faults(vendor)


@pytest.fixture(scope="session")
def swept_once(world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Hands, Swept]:
    """Swept at ten in the morning, by the gate of three hours. Never worked on, only copied."""
    desk = desk_over(world, tmp_path_factory.mktemp("swept"), refetching)
    fleet = Fleet(desk, Hands(desk.deps().clock()))
    swept = fleet.sweep(OWN)
    return Prepared(desk, ""), fleet.clock, swept


@pytest.fixture
def swept(swept_once: tuple[Prepared, Hands, Swept], tmp_path: Path) -> Iterator[tuple[Fleet, Swept]]:
    """A copy of it, at two in the afternoon."""
    prepared, clock, done = swept_once
    fleet = Fleet(prepared.copy(tmp_path), Hands(clock.now))
    fleet.clock.go(hours=4)
    yield fleet, done
    for vendor in VENDORS:
        fleet.desk.world.faults(vendor)
