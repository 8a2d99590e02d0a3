"""The deployment checklist: prerequisites, components, steps, risks, rollback, approvals, metrics."""

from __future__ import annotations

import re

import pytest

from tests.gates.seeds import OWN, boxes, bullets, missing, part, places, seed

GATE = OWN.gate("deployment-readiness")
SEED = "phase-6-deployment-readiness.md"
NUMBERED = re.compile(r"^\d+\. (.+)$", re.MULTILINE)


@pytest.mark.parametrize("phase", range(1, 6))
def test_the_prerequisites_of_each_phase(phase: int):
    """Asked anew, whatever the checklist has ticked."""
    found = boxes(part(seed(SEED), rf"^### ✅ Phase {phase} Complete", r"^##"))

    assert found
    assert missing(GATE, f"Phase {phase}, box {{}}", len(found)) == []
    assert len([item for item in GATE.items if item.category == f"phase{phase}"]) == len(found)


def test_each_component_is_asked_with_a_confidence():
    """Six rows, and no mean of them."""
    rows = re.findall(
        r"^\| (?!\*\*|Component|-)(.+?)\|", part(seed(SEED), r"^## Deployment Readiness Score"), re.MULTILINE
    )

    assert missing(GATE, "Components, row {}", len(rows)) == []
    assert len(rows) == 6
    assert {item.control for item in GATE.items if item.category == "components"} == {("component-ready",)}


def test_its_threshold_for_tests():
    """75 %, on the count itself."""
    item = next(item for item in GATE.items if item.id == "tests_passed")

    assert "75% production threshold" in seed(SEED)
    assert [rule.with_ for rule in item.rules] == [{"at_least": 75}]


@pytest.mark.parametrize("step", range(1, 6))
def test_the_tasks_deliverables_and_criteria_of_each_step(step: int):
    """Line by line."""
    text = part(seed(SEED), rf"^### Step {step}:", r"^##")
    tasks = NUMBERED.findall(part(text, r"^\*\*Tasks", r"^\*\*"))
    deliverables = bullets(part(text, r"^\*\*Deliverables", r"^\*\*"))
    success = bullets(part(text, r"^\*\*Success Criteria", r"^\*\*|^---"))

    assert tasks
    assert deliverables
    assert success
    assert missing(GATE, f"Step {step}, task {{}}", len(tasks)) == []
    assert missing(GATE, f"Step {step}, deliverable {{}}", len(deliverables)) == []
    assert missing(GATE, f"Step {step}, success {{}}", len(success)) == []


@pytest.mark.parametrize("risk", range(1, 6))
def test_each_risk_with_its_mitigations(risk: int):
    """Likelihood and impact in the item's own words."""
    text = part(seed(SEED), rf"^### Risk {risk}:", r"^##")

    assert missing(GATE, f"Risk {risk}, mitigation {{}}", len(bullets(text))) == []
    likelihood, impact = (
        re.search(rf"\*\*{word}\*\*: ([\w ]+?)\s*$", text, re.MULTILINE) for word in ("Likelihood", "Impact")
    )
    item = next(item for item in GATE.items if item.id == f"risk_{risk}")
    assert likelihood
    assert impact
    assert item.asks.startswith(f"Likelihood {likelihood[1].lower()}, impact {impact[1].lower()}.")


@pytest.mark.parametrize("level", range(1, 4))
def test_each_level_of_rollback_with_its_time(level: int):
    time = re.search(r"\*\*Time\*\*: (.+)", part(seed(SEED), rf"^### Level {level}:", r"^##"))
    item = next(item for item in GATE.items if item.id == f"rollback_{level}")

    assert time
    assert f"Rollback, level {level}" in item.seed
    assert all(number in item.asks for number in re.findall(r"\d+", time[1]))


def test_its_twelve_approvals_and_its_four_approvers():
    """Each answered by its own role; the four sign."""
    text = seed(SEED)
    groups = {
        name: len(boxes(part(text, rf"^### {name} Approval", r"^##"))) for name in ("Technical", "Quality", "Business")
    }

    assert [p for name, n in groups.items() for p in missing(GATE, f"{name} approval, box {{}}", n)] == []
    assert sum(groups.values()) == 12
    assert all("by" in item.with_ for item in GATE.items if item.category == "approvals")
    kickoff = boxes(part(text, r"^## Phase 6 Kick-Off"))
    assert [signer.title for signer in GATE.signers] == kickoff


@pytest.mark.parametrize(
    ("begins", "place"),
    [
        (r"^### Success Criteria", "Success criteria, box {}"),
        (r"^### Deployment Success", "Success metrics, deployment {}"),
        (r"^### Operational Success", "Success metrics, operational {}"),
        (r"^### Quality Success", "Success metrics, quality {}"),
        (r"^### Business Success", "Success metrics, business {}"),
    ],
)
def test_every_box_of_success(begins: str, place: str):
    """Measured where the pilot can; listed and unticked where only deploying shows it."""
    found = boxes(part(seed(SEED), begins, r"^##|^---"))

    assert found
    assert missing(GATE, place, len(found)) == []


@pytest.mark.parametrize(
    ("begins", "place"),
    [
        (r"^### Primary Goals", "Objectives, goal {}"),
        (r"^### Immediate \(Upon", "Next actions, immediate {}"),
        (r"^### Short-term \(Days", "Next actions, short-term {}"),
        (r"^### Medium-term \(Days", "Next actions, medium-term {}"),
    ],
)
def test_goals_and_next_actions(begins: str, place: str):
    found = NUMBERED.findall(part(seed(SEED), begins, r"^##|^---"))

    assert found
    assert missing(GATE, place, len(found)) == []


def test_its_timeline():
    days = re.findall(r"^Day \d:", seed(SEED), re.MULTILINE)

    assert missing(GATE, "Timeline, day {}", len(days)) == []
    assert "Timeline, day 4" not in places(GATE)
