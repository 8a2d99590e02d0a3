"""`cards check --gate`: every key that an item would need, once, and what comes of it when it is not there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import resources
from agent.configuration import Configuration, load_card
from agent.service.card_lacks import Lack, lacks
from agent.workflow import planning
from agent.workflow.binding import Scope
from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.surfaces.cli import Desk

CONFIG = Configuration(resources.folder("config"), None)
GATE = CONFIG.gate("pilot-to-prod")
CARD = CONFIG.own / "worlds" / "put-right" / "overlay" / "cards" / "finance-invoice-recon" / "card.yaml"
NOW = datetime(2026, 6, 17, 14, tzinfo=UTC)


def lacking(tmp_path: Path, *at: str | int, put: Any = None) -> tuple[Lack, ...]:
    """What the worked example's card lacks once the key at this path is taken away, or another value is put there."""
    raw = yaml.load(CARD.read_text(encoding="utf-8"), Loader=FastLoader)
    inner = raw
    for part in at[:-1]:
        inner = inner[part]
    if at:
        inner.pop(at[-1]) if put is None else inner.update({at[-1]: put})
    path = tmp_path / "other.yaml"
    path.write_text(plain_yaml.dump(raw, sort_keys=False), encoding="utf-8")
    found = lacks(GATE, load_card(path), NOW)
    assert_nothing_is_left_out(path, found)
    return found


def assert_nothing_is_left_out(path: Path, found: tuple[Lack, ...]) -> None:
    """Every question that a review of this card could not ask is among the lacks."""
    loaded = load_card(path)
    scope = Scope(
        card=loaded.raw, defaults=loaded.card.model_dump(mode="json", by_alias=True), as_of=NOW, zone="UTC"
    )  # fmt: skip
    unasked = {row.item for row in planning.plan(GATE, planning.windowed(GATE, scope)).bound if row.state == "missing"}
    assert unasked <= {one.item for one in found}


def test_the_worked_example_lacks_nothing(tmp_path: Path):
    assert lacking(tmp_path) == ()


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (("monitors",), {(2, "monitors.ids")}),
        (("activity",), {(5, "activity.query"), (9, "activity.query")}),
        (("targets", 0, "source", "query"), {(1, "targets[0].source.query")}),
        (("retention", 0, "bucket"), {(6, "retention[0].bucket")}),
        (("retention", 1, "at_least"), {(6, "retention[1].at_least")}),
        (("identity", "credentials", 0, "secret"), {(5, "identity.credentials[0].secret")}),
        (("targets_approved",), {(1, "targets_approved")}),
        (("people", "approvers_m8"), {(1, "people.approvers_m8")}),
        (("people", "sponsor"), {(0, "people.sponsor")}),
        (("people", "second_approver"), {(10, "people.second_approver"), (0, "people.second_approver")}),
        (("dashboards", 0, "watchers"), {(2, "dashboards[0].watchers")}),
        (("runbook", "owners"), set()),
        (("name",), set()),
    ],
)
def test_a_key_that_is_not_there_is_told_with_its_item(tmp_path: Path, at: Any, told: set[tuple[int, str]]):
    """What has a default, or somebody to fall back on, is not lacking."""
    assert {(one.item, one.key) for one in lacking(tmp_path, *at)} == told


def test_the_sentence_says_what_becomes_undetermined(tmp_path: Path):
    (one,) = lacking(tmp_path, "monitors")
    assert one.sentence == (
        "item 2 (Monitoring dashboards live and being watched): the card lacks monitors.ids; without it "
        "datadog.monitors cannot be asked, and the item is undetermined"
    )


def test_every_key_that_a_source_needs_is_told_at_once(tmp_path: Path):
    """The source's own keys: a channel for Slack, a project for LangSmith."""
    assert {one.key for one in lacking(tmp_path, "comms", put=[{"id": "p", "source": "slack.scheduled_messages"}])} == {
        "comms[0].channel", "comms[0].audience",
    }  # fmt: skip
    guardrail = {"id": "g", "source": "langsmith.guardrail_runs", "query": "q", "outcomes": ["blocked"]}
    assert {one.key for one in lacking(tmp_path, "guardrails", put=[guardrail])} == {"guardrails[0].project"}


def test_the_command_tells_it_and_is_code_2(tmp_path: Path):
    text = CARD.read_text(encoding="utf-8").replace("monitors: {source: datadog, ids: [4200001, 4200002]}\n", "")
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    desk = Desk(tmp_path)
    plain = desk.run("cards", "check", "c.yaml")
    told = desk.run("cards", "check", "c.yaml", "--gate", "pilot-to-prod", "--json")
    assert plain.returncode == 0, plain.stderr
    assert told.returncode == 2
    assert [row["key"] for row in json.loads(told.stdout)["lacks"]["c.yaml"]] == ["monitors.ids"]
