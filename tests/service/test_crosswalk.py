"""Items x controls x methods, and the forms by which people answer."""

from __future__ import annotations

import shutil
from pathlib import Path

from agent.service.crosswalk import crosswalk, form, shared_form
from tests import plain_yaml
from tests.gates.seeds import OWN, WRITTEN_OUT

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
    asked = plain_yaml.load(form(gate, "components"))

    assert (asked["gate"], asked["part"]) == ("deployment-readiness", "components")
    assert list(asked["boxes"]) == [item.id for item in gate.items if item.category == "components"]
    assert all("confidence" in box for box in asked["boxes"].values())


def test_one_form_answers_what_several_gates_ask():
    """By the control's id; nothing of it is asked in a gate's own form."""
    asked = plain_yaml.load(shared_form(OWN.controls().values()))

    assert (asked["gate"], asked["part"]) == ("controls", "shared")
    assert {"encryption-at-rest", "backup-restore", "load-tested"} <= set(asked["boxes"])
    assert "authentication" not in plain_yaml.load(form(OWN.gate("production-readiness"), "s9"))["boxes"]


def test_the_worked_gate_asks_through_controls_what_version_1_wrote_out(tmp_path: Path):
    """Every request and rule has one home; what is asked, and judged in which order, is what it was."""
    written_out = Path(shutil.copy(WRITTEN_OUT, tmp_path / "pilot-to-prod.yaml"))
    gate, before = OWN.gate("pilot-to-prod"), OWN.load_gate(written_out)

    assert all(item.control for item in gate.items)
    own = {item.number: [spec.name for spec in item.requests] for item in OWN.raw_items(OWN.gate_paths()[gate.id])}
    assert {number: names for number, names in own.items() if names} == {2: ["views", "watch"]}
    for now, then in zip(gate.items, before.items, strict=True):
        assert now.rules == then.rules
        assert sorted(map(repr, now.requests)) == sorted(map(repr, then.requests))
        gone = {"control": (), "requests": (), "rules": ()}
        assert now.model_copy(update=gone) == then.model_copy(update=gone)
    assert (gate.windows, gate.checks, gate.policy) == (before.windows, before.checks, before.policy)
    assert (gate.version, before.version) == ("3", "1")
