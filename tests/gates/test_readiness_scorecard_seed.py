"""The readiness scorecard: its questions, weights, thresholds, and every section of its report."""

from __future__ import annotations

import re

import pytest

from tests.gates.seeds import OWN, boxes, bullets, missing, part, places, seed

GATE = OWN.gate("readiness-scorecard")
SEED = "production-readiness-helper.md"
SHORT = (
    "security",
    "performance",
    "monitoring",
    "data",
    "testing",
    "support",
    "infrastructure",
    "continuity",
    "experience",
)


def test_every_question_that_the_report_names_is_an_item():
    """32 in nine categories, whatever its framework is called."""
    card = part(seed(SEED), r"^## Production Readiness Scorecard", r"^## Technical Debt")
    rows = [len(bullets(chunk)) for chunk in re.split(r"^### .*$", card, flags=re.MULTILINE)[1:]]

    gaps = [
        p for name, n in zip(SHORT, rows, strict=True) for p in missing(GATE, f"Scorecard, {name}, question {{}}", n)
    ]
    assert gaps == []
    assert sum(rows) == 32 == len([item for item in GATE.items if item.category in SHORT])
    assert "36 Questions" in seed(SEED)
    assert any("36" in note and "32" in note for note in GATE.notes)


def test_its_weights_and_thresholds():
    """In its order; the stricter of its two ways of saying a threshold."""
    weights = re.findall(r"\(Weight: (\d+)%\)", seed(SEED))

    assert [str(one.weight) for one in GATE.policy.categories if one.weight] == weights
    assert (GATE.policy.needs.above, GATE.policy.needs.at_least) == (80, None)
    assert {one.id: one.needs.above for one in GATE.policy.categories if one.weight and one.needs} == {
        "security": 90,
        "performance": 90,
    }
    for said in ("80% overall", "90%+", ">90%", ">80%"):
        assert said in seed(SEED)


@pytest.mark.parametrize(
    ("begins", "ends", "place"),
    [
        (r"^### Critical Deployment Blockers \(Must", r"^##", "Critical blockers, {}"),
        (r"^### High Priority Production Requirements", r"^##", "High priority, {}"),
        (r"^### Medium Priority Readiness", r"^##", "Medium priority, {}"),
        (r"^### Strategic Technical Debt \(Acc", r"^##", "Strategic debt, {}"),
        (r"^\*\*Conscious Trade-offs", r"^\*\*|^##", "Conscious trade-offs, {}"),
        (r"^\*\*Business Justification", r"^\*\*|^##", "Business justification, {}"),
        (r"^\*\*Technical Health Indicators", r"^\*\*|^##", "Launch day metrics, technical {}"),
        (r"^\*\*Business Success Metrics", r"^\*\*|^##", "Launch day metrics, business {}"),
        (r"^\*\*Continuous Monitoring", r"^\*\*|^##", "Learning framework, monitoring {}"),
        (r"^\*\*Iteration Planning", r"^\*\*|^##", "Learning framework, iteration {}"),
        (r"^\*\*Data Collection Framework", r"^\*\*|^##", "Data collection, framework {}"),
        (r"^\*\*Feedback Loop Optimization", r"^\*\*|^##", "Data collection, feedback {}"),
        (r"^\*\*Preparation", r"^\*\*|^##", "Launch day, preparation {}"),
        (r"^\*\*Contingency Plans", r"^\*\*|^##", "Contingency plans, {}"),
        (r"^### Launch Success Indicators", r"^##|^```", "Launch success indicators, {}"),
        (r"^\*\*Handoff Criteria", r"^\*\*|^##", "Handoff criteria, {}"),
        (r"^\*\*Required Files", r"^\*\*|^##", "Input sources, {}"),
    ],
)
def test_every_line_of_its_lists_has_its_place(begins: str, ends: str, place: str):
    """None is missing, and none is made up."""
    found = bullets(part(seed(SEED), begins, ends))

    assert found
    assert missing(GATE, place, len(found)) == []
    assert place.format(len(found) + 1) not in places(GATE)


def test_its_boxes_of_launch_and_of_debt():
    """The five criteria of a launch, the four debts that nobody may leave."""
    text = seed(SEED)

    assert missing(GATE, "Minimum launch criteria, {}", len(boxes(part(text, r"^### Minimum Launch Criteria")))) == []
    assert missing(GATE, "Unacceptable debt, {}", len(boxes(part(text, r"^### Unacceptable Debt")))) == []


@pytest.mark.parametrize(
    "place",
    ["Executive summary, estimate", "Blockers, critical", "Blockers, security issues", "Blockers, data protection",
     "Blockers, compliance violations", "Blockers, high", "Blockers, performance concerns",
     "Blockers, operational readiness", "Technical debt, strategic", "Technical debt, unacceptable",
     "Action plan, immediate", "Action plan, short-term", "Action plan, medium-term", "Go / no-go"],
)  # fmt: skip
def test_every_section_of_its_report_stands_in_ours(place: str):
    assert place in places(GATE)


def test_its_further_files():
    """Beside the report, the three that it names."""
    named = re.findall(r"`\$\{DOCS_PATH\}/([a-z-]+\.md)`", seed(SEED))

    assert [file.name for file in GATE.files] == named[1:]
    assert len(named) == 4
    assert GATE.policy.labels.done.label == "READY"
    for label in ("READY", "NEEDS WORK", "BLOCKED"):
        assert label in seed(SEED)
