"""A gate of one's own begins from any of the five, in one's own overlay, and is right from the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.configuration import Configuration
from agent.errors import ConfigError, UsageError
from agent.service.new_gate import new_gate
from tests.builders import ROOT


def own(overlay: Path | None) -> Configuration:
    return Configuration(ROOT / "config", overlay)


@pytest.mark.parametrize("like", sorted(own(None).gate_paths()))
def test_it_begins_from_any_gate(like: str, tmp_path: Path):
    path = new_gate(own(tmp_path), "our-gate", like)

    assert path == tmp_path / "gates" / "our-gate.yaml"
    begun, model = own(tmp_path).gate("our-gate"), own(None).gate(like)
    assert (begun.version, len(begun.items), begun.policy) == ("1", len(model.items), model.policy)


@pytest.mark.parametrize(
    ("id", "like", "told"),
    [("Our Gate", "pilot-to-prod", "is no id"), ("../x", "pilot-to-prod", "is no id"),
     ("mine", "nothing", "no such gate"), ("pilot-to-prod", "pilot-to-prod", "there is a gate")],
)  # fmt: skip
def test_what_cannot_be_a_gate_is_refused(id: str, like: str, told: str, tmp_path: Path):
    with pytest.raises(UsageError, match=told):
        new_gate(own(tmp_path), id, like)


def test_nothing_is_overwritten_and_without_an_overlay_there_is_no_place(tmp_path: Path):
    new_gate(own(tmp_path), "mine", "pilot-to-prod")

    with pytest.raises(UsageError, match="there is a gate mine already"):
        new_gate(own(tmp_path), "mine", "production-canvas")
    with pytest.raises(ConfigError, match="CLEARANCE_CONFIG"):
        new_gate(own(None), "other", "pilot-to-prod")
