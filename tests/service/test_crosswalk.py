"""Items x controls x methods, and the forms by which people answer."""

from __future__ import annotations

import pytest
import yaml

from agent.service.crosswalk import crosswalk, form, shared_form
from tests.gates.seeds import OWN

GATES = [OWN.gate(id) for id in OWN.gate_paths()]
SHARED_BY_MOST = ("on-call-covered", "rollback-drilled", "logs-kept", "monitors-tell-someone", "encryption-at-rest",
                  "encryption-in-transit", "authorization", "budget-alerts", "vulnerability-scans",
                  "credentials-rotated",
                  "guardrails-fired", "error-tracking", "slos-promised", "backup-restore", "load-tested")  # fmt: skip


def test_every_item_stands_in_the_crosswalk():
    rows = crosswalk(GATES)
    found = {(row.gate, row.item) for row in rows}

    wanted = {(gate.id, item.number) for gate in GATES for item in gate.items if not gate.parts(item.number)}
    assert found == wanted
    assert all(row.methods for row in rows)


def test_what_checklists_share_is_one_control():
    """Each of these is written once, in one file."""
    known = {row.control for row in crosswalk(GATES)}

    assert [name for name in SHARED_BY_MOST if name not in known] == []
    for gate in GATES:
        for item in gate.items:
            assert set(item.control) <= set(OWN.control_paths())


def test_a_form_asks_exactly_what_people_answer_there():
    gate = OWN.gate("deployment-readiness")
    asked = yaml.safe_load(form(gate, "components"))

    assert (asked["gate"], asked["part"]) == ("deployment-readiness", "components")
    assert list(asked["boxes"]) == [item.id for item in gate.items if item.category == "components"]
    assert all("confidence" in box for box in asked["boxes"].values())


def test_one_form_answers_what_several_gates_ask():
    """By the control's id; nothing of it is asked in a gate's own form."""
    asked = yaml.safe_load(shared_form(OWN.controls().values()))

    assert (asked["gate"], asked["part"]) == ("controls", "shared")
    assert {"encryption-at-rest", "backup-restore", "load-tested"} <= set(asked["boxes"])
    assert "authentication" not in yaml.safe_load(form(OWN.gate("production-readiness"), "s9"))["boxes"]


SAME = {2: ("dashboards-live", "monitors-tell-someone"), 4: ("guardrails-fired",), 7: ("runbook-known",),
        9: ("rollback-drilled",)}  # fmt: skip


@pytest.mark.parametrize("number", sorted(SAME))
def test_the_worked_gate_asks_what_the_controls_ask(number: int):
    """Written out there, for those who read one gate alone, and held to the control word for word."""
    gate, known = OWN.gate("pilot-to-prod"), OWN.controls()
    item = gate.item(number)

    assert item
    for control in (known[name] for name in SAME[number]):
        assert [one for one in control.requests if one not in item.requests] == []
        assert [one for one in control.rules if one not in item.rules] == []
        assert {name: gate.windows[name] for name in control.windows} == control.windows
