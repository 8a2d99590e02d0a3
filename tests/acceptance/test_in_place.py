"""A gate, control or card is changed with its version: in place it is refused, or told, wherever it matters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.domain import SignOffDecision
from agent.errors import ConfigError, Refused
from agent.service import signing
from agent.service.assess import assess
from agent.service.finishing import finish
from agent.service.permission import may_deploy
from tests.acceptance.conftest import SIGNERS, SUBJECT, Desk
from tests.acceptance.overlays import card_with
from tests.acceptance.prepared import Prepared, as_person

OURS, CONTROL = "our-own", "our-control"
STRICT, LOOSE = "within_days: 30", "within_days: 31"
TITLE = "title: The switch is on"
WITH_CONTROL = """\
id: our-control
version: "1"
title: The switch is on
methods: [test]
requests:
  - name: flag
    type: launchdarkly.flag
    with:
      project: $card.kill_switch.project
      environment: $card.kill_switch.environment
      flag: $card.kill_switch.flag
rules:
  - {probe: switch_is_on_and_off_really_stops, facts: {flag: flag}}
remediation: {who: $card.people.builders, how: Switch it on.}
"""


def with_a_control(overlay: Path) -> None:
    """A gate of the overlay's own with one item, by a control of its own."""
    for folder in ("gates", "controls"):
        (overlay / folder).mkdir(exist_ok=True)
    (overlay / "controls" / f"{CONTROL}.yaml").write_text(WITH_CONTROL)
    item = {"number": 1, "id": "on", "title": "On", "methods": ["test"], "control": CONTROL}
    label = {"done": {"label": "YES"}, "short": {"label": "NO"}}
    signer = {"role": "lead", "title": "Lead", "one_of": "$card.people.lead", "when": "always"}
    gate = {
        "id": OURS, "version": "1", "title": "Ours", "from_stage": "Pilot", "to_stage": "Production", "items": [item],
        "policy": {"name": "all_of", "labels": label}, "signers": [signer],
    }  # fmt: skip
    (overlay / "gates" / f"{OURS}.yaml").write_text(json.dumps(gate))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def signed(prepared: Prepared, tmp_path: Path) -> Desk:
    """The put-right world, cleared by everybody."""
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    assert may_deploy(desk.deps(), SUBJECT, "1.0", "pilot-to-prod", sandbox=True).code == 0
    return desk


def test_a_gate_that_was_used_is_changed_with_its_version_or_not_at_all(put_right: Desk):
    """`assess`, `gates check` and `sign` refuse it; a rehearsal says so; the next version is another gate."""
    with_a_control(put_right.overlay)
    path = put_right.overlay / "gates" / f"{OURS}.yaml"
    review = assess(put_right.deps(), SUBJECT, OURS).document.review
    assert put_right.cli("gates", "check", str(path)).returncode == 0

    edit(path, '"methods": ["test"]', '"waivable": false, "methods": ["test"]')
    told = f"gate {OURS} is still version 1 and is not as {review} used it"
    with pytest.raises(ConfigError, match=told):
        assess(put_right.deps(), SUBJECT, OURS)
    refused = put_right.cli("assess", SUBJECT, "--gate", OURS)
    assert (refused.returncode, told in refused.stderr) == (2, True)
    checked = put_right.cli("gates", "check", str(path))
    assert (checked.returncode, f"{path}:1: version: {told}" in checked.stderr) == (2, True)
    with pytest.raises(Refused, match=f"gate {OURS} is still version 1"):
        put_right.sign("morteza.moradi", "lead", review)
    rehearsed = assess(put_right.deps(), SUBJECT, OURS, as_of=put_right.deps().clock())
    assert any(told in sentence for sentence in rehearsed.said)

    edit(path, '"version": "1"', '"version": "2"')
    assert assess(put_right.deps(), SUBJECT, OURS).document.gate_version == "2"
    edit(path, '"version": "2"', '"version": "1"')
    with pytest.raises(ConfigError, match=told):
        assess(put_right.deps(), SUBJECT, OURS)


def test_a_control_is_held_to_its_own_version(put_right: Desk):
    """Whichever gate points to it; raised, it needs no new version of the gate."""
    with_a_control(put_right.overlay)
    path = put_right.overlay / "controls" / f"{CONTROL}.yaml"
    review = assess(put_right.deps(), SUBJECT, OURS).document.review

    edit(path, TITLE, "title: The switch may be on")
    told = f"control {CONTROL} is still version 1 and is not as {review} used it"
    with pytest.raises(ConfigError, match=told):
        assess(put_right.deps(), SUBJECT, OURS)
    checked = put_right.cli("gates", "check", str(path))
    assert (checked.returncode, f"{path}:2: version: {told}" in checked.stderr) == (2, True)
    with pytest.raises(Refused, match=f"control {CONTROL} is still version 1"):
        put_right.sign("morteza.moradi", "lead", review)

    edit(path, 'version: "1"', 'version: "2"')
    document = assess(put_right.deps(), SUBJECT, OURS).document
    assert list(document.controls) == [f"{CONTROL}@2"]
    deps, who = as_person(put_right, "morteza.moradi")
    signing.sign(deps, who, document.review, "lead", SignOffDecision.CLEARED)
    assert may_deploy(put_right.deps(), SUBJECT, "1.0", OURS, sandbox=True).code == 0
    edit(path, "how: Switch it on.", "how: Do nothing.")
    after = may_deploy(put_right.deps(), SUBJECT, "1.0", OURS, sandbox=True)
    assert (after.code, f"control {CONTROL} is still version 2" in after.sentence) == (20, True)


def later_launch(card: dict[str, object]) -> None:
    card["launch"]["date"] = "2026-06-23"  # type: ignore[index]


def loosened(card: dict[str, object]) -> None:
    card["targets"][0]["value"] = 80  # type: ignore[index]


@pytest.mark.parametrize(("change", "keys"), [(later_launch, "launch"), (loosened, "targets")])
def test_a_card_that_was_changed_since_is_not_signed_nor_deployed(
    prepared: Prepared,
    signed: Desk,
    tmp_path_factory: pytest.TempPathFactory,
    change: Callable[[object], None],
    keys: str,
):
    """Nor one that was taken away; one that speaks of the next version leaves this version's decision alone."""
    waiting = prepared.copy(tmp_path_factory.mktemp("waiting"))
    told = f"the card of {SUBJECT} is still version 1.0 and is not as {prepared.review} used it \\({keys}\\)"
    card_with(change)(waiting.overlay)
    with pytest.raises(Refused, match=told):
        waiting.sign(*SIGNERS[0], prepared.review)

    card_with(change)(signed.overlay)
    after = may_deploy(signed.deps(), SUBJECT, "1.0", "pilot-to-prod", sandbox=True)
    assert (after.code, f"used it ({keys})" in after.sentence) == (20, True)
    launched = signed.deps(CLEARANCE_CLOCK="2026-06-22T12:00:00-04:00")
    finish(launched)
    assert launched.registry.get(SUBJECT, "1.0", "pilot-to-prod").status == "approved for 2026-06-22"
    card_with(lambda card: card.update(version="1.1"))(signed.overlay)
    assert may_deploy(signed.deps(), SUBJECT, "1.0", "pilot-to-prod", sandbox=True).code == 0
    finish(launched)
    assert launched.registry.get(SUBJECT, "1.0", "pilot-to-prod").status == "Production"
    (signed.overlay / f"cards/{SUBJECT}/card.yaml").unlink()
    assert may_deploy(signed.deps(), SUBJECT, "1.0", "pilot-to-prod", sandbox=True).code == 20


def test_a_target_that_was_loosened_after_its_approval_is_goalposts_moved(prepared: Prepared, tmp_path: Path):
    """At every gate that asks for the targets, and all five do; the next assessment says what was changed."""
    desk = prepared.copy(tmp_path)
    card_with(loosened)(desk.overlay)
    for gate in sorted(desk.deps().configuration.gate_paths()):
        done = assess(desk.deps(), SUBJECT, gate)
        assert done.document.proposal == "blocked"
        assert any("Goalposts moved" in reason.text for reason in done.document.reasons), gate
        if gate == "pilot-to-prod":
            assert any("used it (targets)" in sentence for sentence in done.said)
