"""A gate is read and checked once for what its files hold, and anew where one of them is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.configuration import Configuration
from agent.errors import ConfigError
from agent.gates import Gate
from tests.builders import ROOT


def gate_and_control(
    overlay: Path, gate: str = "pilot-to-prod", control: str = "targets-reached"
) -> tuple[Path, Path]:  # fmt: skip
    """Copies of the product's own in an overlay: the gate `mine` with the control `ours` in place of that control."""
    own = ROOT / "config"
    paths = overlay / "gates" / "mine.yaml", overlay / "controls" / "ours.yaml"
    texts = (
        (own / "gates" / f"{gate}.yaml").read_text(encoding="utf-8").replace(f"id: {gate}", "id: mine", 1)
        .replace(f"control: {control}\n", "control: ours\n"),
        (own / "controls" / f"{control}.yaml").read_text(encoding="utf-8").replace(f"id: {control}", "id: ours", 1),
    )  # fmt: skip
    for path, text in zip(paths, texts, strict=True):
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return paths


def version_of(control: str, gate: Gate) -> str:
    return next(one.version for one in gate.controls if one.id == control)


def test_a_gate_that_changed_is_another(tmp_path: Path):
    gate, _ = gate_and_control(tmp_path)
    known = Configuration(ROOT / "config", tmp_path)
    before = known.gate("mine")
    assert known.gate("mine") is before

    gate.write_text(gate.read_text().replace("title: Pilot-to-Prod Checklist", "title: Ours"), encoding="utf-8")
    assert known.gate("mine").title == "Ours"
    gate.write_text("id: mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is missing"):
        known.gate("mine")


def test_a_control_that_changed_makes_another_gate(tmp_path: Path):
    """One that becomes wrong is told for the gate that points to it, and so is one that is gone."""
    _, control = gate_and_control(tmp_path)
    known = Configuration(ROOT / "config", tmp_path)
    text, before = control.read_text(encoding="utf-8"), known.gate("mine")

    control.write_text(text.replace('version: "1"', 'version: "of ours"', 1), encoding="utf-8")
    after = known.gate("mine")
    assert [version_of("ours", one) for one in (before, after)] == ["1", "of ours"]
    control.write_text(text.replace("requests:", "requestz:", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="is wrong itself"):
        known.gate("mine")
    control.unlink()
    with pytest.raises(ConfigError, match="there is no control 'ours'"):
        known.gate("mine")


def test_a_control_that_is_another_and_equals_what_it_was_makes_another_gate(tmp_path: Path):
    """To Python true equals 1; to whoever reads the gate it does not."""
    _, control = gate_and_control(tmp_path, "deployment-readiness", "component-ready")
    known = Configuration(ROOT / "config", tmp_path)
    before = known.gate("mine").model_dump_json()

    control.write_text(control.read_text().replace("confidence: true", "confidence: 1"), encoding="utf-8")

    assert known.gate("mine").model_dump_json() == before.replace('"confidence":true', '"confidence":1') != before
