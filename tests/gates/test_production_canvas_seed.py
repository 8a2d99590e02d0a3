"""The Complete Production Canvas: prerequisites, validation points, squares, and what it says for after launch."""

from __future__ import annotations

import re

import pytest

from tests.gates.seeds import OWN, boxes, bullets, missing, part, places, seed

GATE = OWN.gate("production-canvas")
SEED = "complete-production-canvas.md"


def test_its_prerequisites_stop_everything():
    """All seven, each critical, none to be waived or left out."""
    found = boxes(part(seed(SEED), r"^## Prerequisites"))

    assert missing(GATE, "Prerequisites, box {}", len(found)) == []
    assert len(found) == 7
    before = [item for item in GATE.items if item.category == "before"]
    assert all(item.critical and not item.waivable and not item.may_not_apply for item in before)
    assert GATE.policy.stages[0].categories == ("before",)


def test_its_validation_points():
    """35 in five phases."""
    text = seed(SEED)
    phases = {n: boxes(part(text, rf"^### Step {n + 1}: Complete Phase {n}", r"^##+ ")) for n in range(1, 6)}

    gaps = [
        place
        for n, rows in phases.items()
        for place in missing(GATE, f"Phase {n} validation gate, box {{}}", len(rows))
    ]
    assert gaps == []
    assert sum(map(len, phases.values())) == 35
    assert len([item for item in GATE.items if re.fullmatch(r"p\d", item.category)]) == 35


def test_its_eleven_squares_are_confirmed_by_experts():
    """Each by the role that the canvas names for its step."""
    found = boxes(part(seed(SEED), r"^## Final Production Canvas Validation"))
    squares = [item for item in GATE.items if item.category == "squares"]

    assert missing(GATE, "Final validation, square {}", len(found)) == []
    assert len(found) == len(squares) == 11
    assert all("by" in item.with_ for item in squares)
    for expert in (
        "Production Architect",
        "ROI Analyst",
        "Data Strategist",
        "Model Integration Specialist",
        "Security",
    ):
        assert expert in seed(SEED)
        assert any(expert in signer.title for signer in GATE.signers)


@pytest.mark.parametrize(
    ("heading", "place"),
    [
        (r"^### Week 1", "Post-Deployment, week 1, {}"),
        (r"^### Month 1", "Post-Deployment, month 1, {}"),
        (r"^### Ongoing", "Post-Deployment, ongoing, {}"),
        (r"^\*\*❌ Don't Measure", "Success metrics, not to measure, {}"),
        (r"^\*\*✅ Do Measure", "Success metrics, to measure, {}"),
        (r"^## When to Scale Further", "When to scale further, {}"),
        (r"^## When to Sunset", "When to sunset, {}"),
        (r"^## Success Pattern", "Success pattern, {}"),
    ],
)
def test_what_it_says_for_after_launch_stands_in_the_report(heading: str, place: str):
    """Line by line, in our own words."""
    found = bullets(part(seed(SEED), heading, r"^##+ |^\*\*[✅❌]|^---|\Z"))

    assert found
    assert missing(GATE, place, len(found)) == []
    assert place.format(len(found) + 1) not in places(GATE)


def test_its_decision_gate_asks_the_other_checklist():
    """100 % of the Production Readiness Checklist, signed."""
    assert missing(GATE, "Decision gate, rule {}", 3) == []
    assert "ROI validation, formula" in places(GATE)
    assert "Production Readiness Checklist 100%" in seed(SEED)
    assert GATE.policy.stages[-1].categories == ("checklist",)
    assert [item.control for item in GATE.items if item.category == "checklist"] == [("readiness-checklist-cleared",)]
