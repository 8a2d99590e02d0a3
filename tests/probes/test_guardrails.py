"""Item 4: each guardrail fired in the pilot."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agent.cards import Guardrail
from agent.probes.guardrails import guardrail_fired
from collectors.langsmith.facts import GuardrailRunsFacts
from tests.builders import PILOT, log_events, told

INPUT = Guardrail(id="input_validation", title="Input validation", query="q", outcomes=("blocked", "rejected"))


def fired(*events: tuple[str, str | None]) -> str:
    return told(guardrail_fired(log_events(*events), guardrail=INPUT, window=PILOT))


def test_a_guardrail_that_did_its_work_passes_with_when_and_what():
    """The latest event that counts is cited; later ones of another outcome do not matter."""
    assert fired(("2026-06-09T09:00", "blocked"), ("2026-06-10T10:12", "Rejected"), ("2026-06-11T10:00", "logged")) == (
        "pass: Input validation fired on 10 June 2026, 10:12 EDT and Rejected the input."
    )


def test_a_guardrail_that_was_triggered_and_let_it_through_fails():
    """Seen, and not stopped; that another event does not say mends nothing."""
    assert fired(("2026-06-10T10:12", "allowed"), ("2026-06-10T10:13", None)) == (
        "fail: Input validation was triggered 2 times in the pilot, and no log says that it blocked or "
        "rejected anything."
    )


NOTHING = (
    "unknown: Whether Input validation was triggered in the pilot is not known: 0 events were found, and events that "
    "are hidden from us or kept elsewhere would not be found either."
)


def test_a_search_that_finds_nothing_is_unknown():
    """Untested, hidden from our role, excluded, archived and gone all look like this: never a fact, never a pass."""
    assert fired() == NOTHING


def test_events_of_which_none_says_its_outcome_are_unknown():
    """What the guardrail did was not seen; it is neither stopped nor let through."""
    assert fired(("2026-06-10T10:12", None), ("2026-06-10T10:13", None)) == (
        "unknown: Input validation was triggered 2 times in the pilot, and what it did then is not told."
    )


def test_an_event_outside_the_pilot_never_counts():
    """A day before it began, and the instant at which it was over."""
    assert fired(("2026-05-12T23:59", "blocked"), ("2026-06-12T00:00", "blocked")) == NOTHING


@pytest.mark.parametrize(("outcome", "expected"), [("blocked", "pass"), ("allowed", "fail"), (None, "unknown")])
def test_runs_are_judged_like_log_events(outcome: str | None, expected: str):
    """Where the guardrail leaves its traces changes nothing about what it has to have done."""
    events = log_events(("2026-06-10T10:12", outcome))
    facts = GuardrailRunsFacts(query=events.query, count=events.count, events=events.events)

    assert told(guardrail_fired(facts, guardrail=INPUT, window=PILOT)).startswith(expected)


def test_a_card_that_names_no_source_means_the_logs_and_no_other_source_is_taken():
    """The default is the card model's, and the list is closed."""
    assert INPUT.source == "datadog.logs"
    with pytest.raises(ValidationError):
        Guardrail(id="x", query="q", outcomes=("blocked",), source="attestation")
