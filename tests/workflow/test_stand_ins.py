"""A person's statement stands in where the source is blind, and for no other failure to see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent import resources
from agent.cards import Card
from agent.configuration import Configuration
from agent.domain import ItemResult, Outcome, Verdict
from agent.drafting.parts import sentence
from agent.errors import ConfigError
from agent.people import People
from agent.workflow import planning
from agent.workflow.binding import Scope
from agent.workflow.judge import run_probe
from agent.workflow.judging import Case, judge_item
from agent.yaml_lines import FastLoader
from collectors.evidence import Answer, Evidence, Facts, Gap, GapReason, Source
from collectors.slack.facts import ScheduledMessage, ScheduledMessagesFacts
from tests.builders import ZONE, at, message, number, resource, time
from tests.gates.seeds import WRITTEN_OUT

NOW = at("2026-06-17T10:00")
CONFIG = Configuration(resources.folder("config"), None)
HERE = Source(vendor="test", base_url="")
STATED = message("2026-06-19T09:00")
REASONS = [reason for reason in GapReason if reason is not GapReason.BLIND]


def card(**first: Any) -> dict[str, Any]:
    """The worked example's, its plan of one message that Slack holds."""
    path = CONFIG.own / "worlds/put-right/overlay/cards/finance-invoice-recon/card.yaml"
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader)
    line = {
        "id": "launch-post",
        "title": "Post",
        "source": "slack.scheduled_messages",
        "channel": "C1",
        "audience": "a",
    }
    found: dict[str, Any] = json.loads(json.dumps({**raw, "comms": [{**line, **first}]}, default=str))
    return found


def gap(reason: GapReason) -> Gap:
    return Gap(request_type="slack.scheduled_messages", params={}, source=HERE, at=NOW, reason=reason, what="w",
               next_step="n")  # fmt: skip


def evidence(facts: Facts) -> Evidence:
    return Evidence(request_type="t", params={}, source=HERE, collected_at=NOW, facts=facts, body={})


def judged(slack: Answer, stated: Answer, **first: Any) -> tuple[ItemResult, Case]:
    """Item 8 with these answers."""
    gate, raw = CONFIG.gate("pilot-to-prod"), card(**first)
    defaults = Card.model_validate(raw).model_dump(mode="json", by_alias=True)
    scope = Scope(card=raw, defaults=defaults, as_of=NOW, zone=ZONE)
    rows = planning.plan(gate, planning.windowed(gate, scope)).bound
    rows = tuple(row for row in rows if row.item == 8)
    answers = {row.key: stated if row.name == "stated_message" else slack for row in rows}
    digests = {key: f"digest of {key}" for key in answers}
    case = Case(gate, scope, rows, answers, digests, People(), NOW, run_probe)
    item = gate.item(8)
    assert item is not None
    return judge_item(case, item), case


def scheduled(when: str) -> ScheduledMessagesFacts:
    """One message that waits in the channel."""
    one = ScheduledMessage(
        message=resource("Q1"), post_at=time(when), scheduled_on=time("2026-06-16T09:00"), text=None
    )  # fmt: skip
    return ScheduledMessagesFacts(channel=resource("C1"), count=number(1, "messages"), messages=(one,))


def test_where_slack_is_blind_a_statement_decides_and_says_whose_it_is():
    found, case = judged(gap(GapReason.BLIND), evidence(STATED))
    (finding,) = found.findings
    assert found.verdict is Verdict.MET
    assert "states of what its source does not show" in sentence(finding, ZONE)
    assert finding.note
    assert len(found.gaps) == 1  # that Slack was blind is still told
    assert {row.name for row in case.told} == {"message", "stated_message"}


@pytest.mark.parametrize("reason", REASONS)
def test_nothing_but_blindness_lets_a_statement_stand_in(reason: GapReason):
    """Refused, throttled, out of reach, gone, malformed, cut, not configured: nobody's word mends that."""
    found, _ = judged(gap(reason), evidence(STATED))
    assert found.verdict is Verdict.UNDETERMINED
    assert {one.outcome for one in found.findings} == {Outcome.UNKNOWN}


def test_a_statement_that_no_key_proves_stands_in_for_nothing():
    unproven = STATED.model_copy(update={"statement": STATED.statement.model_copy(update={"proven": False})})
    found, _ = judged(gap(GapReason.BLIND), evidence(unproven))
    assert found.verdict is Verdict.UNDETERMINED


def test_blind_and_without_a_statement_it_is_blindness_that_is_told():
    found, _ = judged(gap(GapReason.BLIND), gap(GapReason.GONE))
    (finding,) = found.findings
    assert "slack.scheduled_messages could not be seen: blind" in sentence(finding, ZONE)
    assert found.verdict is Verdict.UNDETERMINED


def test_what_slack_shows_is_never_replaced():
    """A good word beside a late post changes nothing, and is left out of what decided."""
    late = evidence(scheduled("2026-06-25T09:00"))
    found, case = judged(late, evidence(STATED))
    assert found.verdict is Verdict.NOT_MET
    assert {row.name for row in case.told} == {"message"}


def test_a_statement_that_is_not_needed_and_not_there_is_no_gap():
    late = evidence(scheduled("2026-06-25T09:00"))
    found, _ = judged(late, gap(GapReason.GONE))
    assert found.gaps == ()


def test_a_late_word_where_slack_is_blind_fails():
    found, _ = judged(gap(GapReason.BLIND), evidence(message("2026-06-25T09:00")))
    assert found.verdict is Verdict.NOT_MET


def test_statements_stand_in_where_the_gate_says_so_and_nowhere_else():
    """Item 9's and item 4's sources are never stood in for."""
    gate = CONFIG.gate("pilot-to-prod")
    found = {item.number: rule.stands_in for item in gate.items for rule in item.rules if rule.stands_in}
    assert found == {6: {"kept": "stated_kept"}, 8: {"message": "stated_message"}}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{message: stated_message}", "{message: message}", "'message' is no request of this item for a statement"),
        ("{message: stated_message}", "{other: stated_message}", "this rule takes no fact from 'other'"),
        ('[test, interview]\n    why_a_person: "A meeting', '[test]\n    why_a_person: "A meeting',
         "the item's methods do not list interview"),
        ("stated_message, each: $card.comms", "stated_message, each: $card.retention", "must be asked for each of"),
    ],
)  # fmt: skip
def test_a_gate_cannot_let_anything_else_stand_in(tmp_path: Path, old: str, new: str, told: str):
    text = WRITTEN_OUT.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "pilot-to-prod.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        CONFIG.load_gate(tmp_path / "pilot-to-prod.yaml")
    assert told in str(refused.value)
