"""Cards that name LangSmith, GitHub, Slack and Okta: their answers decide, and without them nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from agent.cards import Target
from agent.domain import Finding, ItemResult, Outcome, ReviewDocument, Verdict
from agent.drafting.parts import sentence
from agent.probes.success_criteria import targets_digest
from agent.service.assess import assess
from tests.acceptance.conftest import GATE, SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.overlays import card_with

PROJECT = SUBJECT
DeskWith = Callable[[Callable[[Any], None]], Desk]
BEHIND = {"LANGSMITH_API_KEY": {4, 6}, "OKTA_TOKEN": {5}, "GITHUB_TOKEN": {7}, "SLACK_BOT_TOKEN": {8}}


def over_langsmith(card: Any) -> None:
    card["retention"][1] |= {"source": "langsmith.retention", "project": PROJECT}
    for guardrail in card["guardrails"]:
        tagged = f'has(tags, "{guardrail["id"]}")'
        guardrail |= {"source": "langsmith.guardrail_runs", "project": PROJECT, "query": tagged}


def over_slack(card: Any) -> None:
    card["comms"][0] |= {"source": "slack.scheduled_messages", "channel": "C0FINANCE1", "message": "Q0LAUNCH001"}


def over_github(card: Any) -> None:
    card["runbook"] |= {"source": "github.file", "path": "acme/finance-agents/docs/runbook.md"}


def over_okta(card: Any) -> None:
    card["identity"]["source"] = "okta.identity"


def over_all(card: Any) -> None:
    for change in (over_langsmith, over_slack, over_github, over_okta):
        change(card)


@pytest.fixture
def desk_with(put_right_world: RunningWorld, tmp_path: Path) -> DeskWith:
    """A desk in the put-right world whose card was changed."""
    return lambda change: desk_over(put_right_world, tmp_path, card_with(change))


def found(document: ReviewDocument, number: int) -> ItemResult:
    return next(item for item in document.items if item.number == number)


def saying(document: ReviewDocument, number: int, probe: str, about: str = "") -> Finding:
    """What one rule of an item says, of one element where it is asked for each."""
    return next(one for one in found(document, number).findings if (one.probe, one.about) == (probe, about))


def told(finding: Finding) -> str:
    return f"{finding.outcome}: {sentence(finding, 'America/New_York')}"


def verdicts(document: ReviewDocument) -> dict[int, Verdict]:
    return {item.number: item.verdict for item in document.items}


def undetermined(document: ReviewDocument) -> set[int]:
    return {number for number, verdict in verdicts(document).items() if verdict is Verdict.UNDETERMINED}


def test_all_four_together_meet_items_four_to_eight(desk_with: DeskWith):
    """As the sources that they stand for do; the evidence is theirs."""
    document = desk_with(over_all).assess()

    assert {number: verdict for number, verdict in verdicts(document).items() if 4 <= number <= 8} == dict.fromkeys(
        range(4, 9), Verdict.MET
    )
    assert (document.proposal, document.gaps) == ("cleared", ())
    asked = {"langsmith.guardrail_runs", "langsmith.retention", "okta.identity", "github.file"}
    assert asked | {"slack.scheduled_messages"} <= set(document.evidence.values())


@pytest.mark.parametrize("setting", sorted(BEHIND))
def test_without_its_credential_a_source_leaves_its_items_undetermined(desk_with: DeskWith, setting: str):
    """The statements about launch post and traces still lie there, and stand in for nothing."""
    document = desk_with(over_all).assess(setting)

    assert undetermined(document) == BEHIND[setting]
    assert document.proposal == "blocked"
    assert {gap.reason for gap in document.gaps} == {"not_configured"}


@pytest.mark.parametrize("setting", sorted(BEHIND))
def test_with_a_wrong_credential_a_source_is_denied_and_its_items_are_undetermined(desk_with: DeskWith, setting: str):
    """Never an empty and happy source."""
    deps = desk_with(over_all).deps(**{setting: "wrong-wrong-wrong-wrong"})

    document = assess(deps, SUBJECT, GATE).document

    assert undetermined(document) == BEHIND[setting]
    assert {gap.reason for gap in document.gaps} == {"denied"}


# --- item 1 ----------------------------------------------------------------------------------------------------------


def acceptance(value: float = 0.9, **more: object) -> Callable[[Any], None]:
    """The target as a feedback score at LangSmith, approved as it stands."""
    source = {"request": "langsmith.run_stats", "project": PROJECT, "statistic": "feedback.acceptance", **more}

    def change(card: Any) -> None:
        wanted = {key: held for key, held in source.items() if held is not None}
        card["targets"][0] |= {"value": value, "unit": "", "source": wanted}
        targets = TypeAdapter(tuple[Target, ...]).validate_python(card["targets"])
        card["targets_approved"]["digest"] = targets_digest(targets)

    return change


@pytest.mark.parametrize(("value", "verdict"), [(0.9, Verdict.MET), (0.95, Verdict.NOT_MET)])
def test_a_target_is_held_against_a_score_of_the_pilot_s_runs(desk_with: DeskWith, value: float, verdict: Verdict):
    """92 of 100 were accepted."""
    document = desk_with(acceptance(value)).assess()

    assert found(document, 1).verdict is verdict
    assert "Acceptance came to 0.92" in told(saying(document, 1, "target_is_reached", "acceptance"))


def test_a_target_s_filter_is_asked_with_and_a_filter_that_fits_no_run_measures_nothing(desk_with: DeskWith):
    """What the card narrows down is never measured over everything."""
    document = desk_with(acceptance(filter='eq(name, "another_agent")')).assess()

    assert undetermined(document) == {1}
    assert "could not be measured" in told(saying(document, 1, "target_is_reached", "acceptance"))


def test_a_target_that_names_no_statistic_is_not_guessed(desk_with: DeskWith):
    """The number of runs would be a number too."""
    document = desk_with(acceptance(statistic=None)).assess()

    assert undetermined(document) == {1}
    assert [gap.what for gap in document.gaps] == ["the card does not say source.statistic"]


# --- item 4 ----------------------------------------------------------------------------------------------------------


def test_guardrails_may_come_from_different_sources(desk_with: DeskWith):
    """One names LangSmith; the others name nothing, which means the logs as it always did."""

    def change(card: Any) -> None:
        runs = {"source": "langsmith.guardrail_runs", "project": PROJECT, "query": 'has(tags, "tool_allowlist")'}
        card["guardrails"][1] |= runs

    desk = desk_with(change)
    whole, without = desk.assess(), desk.assess("LANGSMITH_API_KEY", new=True)

    assert found(whole, 4).verdict is Verdict.MET
    assert told(saying(whole, 4, "guardrail_fired", "tool_allowlist")) == (
        "pass: Tool allow-list fired on 10 June 2026, 10:31:44 EDT and blocked the input."
    )
    outcomes = {one.about: one.outcome for one in found(without, 4).findings}
    assert outcomes == {
        "input_validation": Outcome.PASS, "tool_allowlist": Outcome.UNKNOWN, "output_schema": Outcome.PASS
    }  # fmt: skip


def test_a_guardrail_that_names_langsmith_and_no_project_is_undetermined(desk_with: DeskWith):
    """And says which key the card lacks."""
    document = desk_with(lambda card: card["guardrails"][0].update(source="langsmith.guardrail_runs")).assess()

    assert undetermined(document) == {4}
    assert [gap.what for gap in document.gaps] == ["the card does not say project"]


def test_a_guardrail_without_a_run_in_the_pilot_is_undetermined(desk_with: DeskWith):
    """LangSmith kept all of the pilot, but a filter that fits no run says nothing about the guardrail."""

    def change(card: Any) -> None:
        over_langsmith(card)
        card["guardrails"][0]["query"] = 'has(tags, "another_guardrail")'

    document = desk_with(change).assess()

    assert undetermined(document) == {4}
    assert "Whether Input validation was triggered" in told(saying(document, 4, "guardrail_fired", "input_validation"))


# --- items 5 to 8 ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("agent-finance-invoice-recon", Verdict.MET),
        ("agent-finance-invoice-recon-poc", Verdict.NOT_MET),
        ("agent-finance", Verdict.UNDETERMINED),
        ("agent-hr-onboarding", Verdict.UNDETERMINED),
    ],
)
def test_the_identity_at_okta_is_the_one_of_exactly_this_label(desk_with: DeskWith, name: str, verdict: Verdict):
    """Active, inactive, only the beginning of a label, and one that two applications bear."""

    def change(card: Any) -> None:
        over_okta(card)
        card["identity"]["name"] = name

    document = desk_with(change).assess()

    assert found(document, 5).verdict is verdict


@pytest.mark.parametrize(
    ("project", "verdict"),
    [(PROJECT, Verdict.MET), (f"{PROJECT}-staging", Verdict.NOT_MET), ("elsewhere", Verdict.UNDETERMINED)],
)
def test_the_traces_are_kept_as_their_project_is_set(desk_with: DeskWith, project: str, verdict: Verdict):
    """180 days by the workspace, 14 by the tier, and a project that is not there."""
    wanted = {"source": "langsmith.retention", "project": project}

    document = desk_with(lambda card: card["retention"][1].update(wanted)).assess()

    assert found(document, 6).verdict is verdict


def test_a_lock_on_traces_is_not_known(desk_with: DeskWith):
    """LangSmith's settings tell of none."""
    wanted = {"source": "langsmith.retention", "project": PROJECT, "locked": True}

    assert undetermined(desk_with(lambda card: card["retention"][1].update(wanted)).assess()) == {6}


@pytest.mark.parametrize(
    ("path", "verdict"),
    [("docs/runbook.md", Verdict.MET), ("docs/README.md", Verdict.NOT_MET), ("docs/gone.md", Verdict.UNDETERMINED)],
)
def test_the_answers_are_about_the_runbook_in_the_repository(desk_with: DeskWith, path: str, verdict: Verdict):
    """That text, another text, and no text."""

    def change(card: Any) -> None:
        over_github(card)
        card["runbook"]["path"] = f"acme/finance-agents/{path}"

    document = desk_with(change).assess()

    assert found(document, 7).verdict is verdict


@pytest.mark.parametrize(
    ("channel", "message", "verdict"),
    [
        ("C0FINANCE1", "Q0LAUNCH001", Verdict.MET),
        ("C0FINANCE1", "reconciliation goes live", Verdict.MET),
        ("C0FINANCE1", None, Verdict.MET),
        ("C0FINANCE1", "Q0POSTED001", Verdict.UNDETERMINED),
        ("C0EXECS001", None, Verdict.MET),
    ],
)
def test_the_launch_post_is_the_one_that_slack_holds(
    desk_with: DeskWith, channel: str, message: str | None, verdict: Verdict
):
    """By id, by its words, alone in its channel; what was posted cannot be seen. Of an empty channel Slack is blind:
    there Morteza's statement about this message stands in."""

    def change(card: Any) -> None:
        over_slack(card)
        card["comms"][0] |= {"channel": channel, "message": message}

    document = desk_with(change).assess()

    assert found(document, 8).verdict is verdict


def test_a_launch_that_moves_before_its_post_makes_the_post_late(desk_with: DeskWith):
    """Its time is Slack's and not the card's."""

    def change(card: Any) -> None:
        over_slack(card)
        card["launch"]["date"] = "2026-06-18"

    document = desk_with(change).assess()

    assert told(saying(document, 8, "message_is_drafted_and_scheduled", "launch-post")) == (
        "fail: Finance team Slack post, as Q0LAUNCH001 in C0FINANCE1, is scheduled for 22 June 2026, 09:00 EDT, "
        "after the launch on Thursday, 18 June 2026."
    )


def test_one_post_does_not_serve_two_lines_of_the_plan(desk_with: DeskWith):
    """The digest's line points to the same channel, and only one post waits there."""

    def change(card: Any) -> None:
        for line in card["comms"][:2]:
            line |= {"source": "slack.scheduled_messages", "channel": "C0FINANCE1"}

    assert undetermined(desk_with(change).assess()) == {8}
