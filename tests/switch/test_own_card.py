"""Clearance is an agent as well: its own card, shipped as an example, goes through its own gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cards import Card
from agent.configuration import Configuration
from agent.domain import Verdict
from agent.service.assess import assess
from agent.service.own_switch import FLAG_KEY
from agent.service.switch_card import switch_card
from agent.surfaces.demo_world import lay_out
from tests.acceptance.conftest import GATE, ROOT, Desk, RunningWorld, start_world
from tests.surfaces.cli import Desk as Fresh

OVERLAY = ROOT / "config" / "worlds" / "itself" / "overlay"


@pytest.fixture(scope="module")
def itself(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("itself")
    for world in start_world("itself", folder / "sandbox"):
        overlay = lay_out(OVERLAY, folder / "overlay", folder / "keys")
        yield Desk(world, folder / "home", overlay, folder / "keys")


def card() -> Card:
    return Configuration(ROOT / "config", OVERLAY).card("clearance").card


def test_its_card_is_right(tmp_path: Path):
    done = Fresh(tmp_path, {"CLEARANCE_CONFIG": str(OVERLAY)}).run("cards", "check", "--gate", GATE)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "its targets are those approved" in done.stdout


def test_its_kill_switch_is_the_one_that_it_asks(itself: Desk):
    assert card().kill_switch.flag == FLAG_KEY
    shown = switch_card(itself.deps(), "clearance")
    assert shown.link.endswith("/platform/production/features/clearance-enabled")


def test_the_runbook_that_is_asked_about_is_the_one_at_the_top(itself: Desk):
    """A copy, since a wheel has no top; `cp runbook.md config/worlds/itself/overlay/documents/` where this fails."""
    assert card().runbook.path == "runbook.md"
    assert (OVERLAY / "documents" / "runbook.md").read_bytes() == (ROOT / "runbook.md").read_bytes()


def test_it_goes_through_its_own_gate(itself: Desk):
    """Every item is met on its world, and the tenth waits for people: it signs nothing for itself."""
    document = assess(itself.deps(), "clearance", GATE).document

    assert document.gaps == ()
    assert {item.number: item.verdict for item in document.items} == {
        **dict.fromkeys(range(1, 10), Verdict.MET), 10: Verdict.PENDING,
    }  # fmt: skip
    assert document.proposal.value == "cleared"
    deps = itself.deps()
    assert deps.reviews.get(document.review).state == "signing"
    assert deps.registry.get("clearance", "1.0", GATE) is None


def test_without_its_sources_it_is_not_cleared(itself: Desk, tmp_path: Path):
    """The same card where nothing is configured: nothing could be seen, and that blocks."""
    desk = Desk(RunningWorld("none", {}, ""), tmp_path / "home", itself.overlay, itself.keys)

    document = assess(desk.deps(), "clearance", GATE).document

    assert document.proposal.value == "blocked"
    assert Verdict.UNDETERMINED in {item.verdict for item in document.items}
