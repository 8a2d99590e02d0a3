"""Item 5: identity, rotation, and work that went on."""

from __future__ import annotations

import math

import pytest

from agent.probes.identity import credential_rotated_in_pilot, identity_is_active, work_went_on_after_rotation
from collectors.aws.facts import IamIdentityFacts, SecretRotationFacts
from collectors.datadog.facts import MetricFacts
from tests.builders import PILOT, metric, resource, rotated, samples, state, told


@pytest.mark.parametrize(("standing", "outcome"), [("active", "pass"), ("inactive", "fail"), ("strange", "unknown")])
def test_an_identity_stands_as_the_source_says(standing: str, outcome: str):
    """Active passes, inactive fails, another word is unknown."""
    facts = IamIdentityFacts(identity=resource("agent-x"), kind=state("role"), state=state(standing), keys=())
    assert told(identity_is_active(facts)) == f"{outcome}: The role agent-x is {standing}."


def rotation(facts: SecretRotationFacts) -> str:
    return told(credential_rotated_in_pilot(facts, credential="netsuite-oauth", window=PILOT))


def test_a_rotation_in_the_pilot_passes_with_its_time():
    """The latest inside the window."""
    assert rotation(rotated("2026-05-02T09:00", "2026-05-27T09:00", "2026-06-12T09:00")) == (
        "pass: The credential netsuite-oauth was rotated on 27 May 2026, 09:00 EDT."
    )


def test_a_credential_without_a_rotation_in_the_pilot_fails():
    """One before it, one after it, and the secret's own first value do not count."""
    assert rotation(rotated("2026-05-12T09:00", "2026-06-12T00:00")) == (
        "fail: The credential netsuite-oauth was not rotated in the pilot."
    )
    assert rotation(rotated("2026-05-20T09:00", created="2026-05-20T09:00")).startswith("fail")
    assert rotation(rotated("2026-05-20T09:00", created=None)).startswith("pass")


@pytest.mark.parametrize("standing", ["deleted", "rotation failing"])
def test_a_broken_credential_fails(standing: str):
    """Though it was rotated once."""
    assert rotation(rotated("2026-05-27T09:00", standing=standing)) == (
        f"fail: The credential netsuite-oauth is not in order: {standing}."
    )


def test_a_credential_in_an_unknown_state_is_unknown():
    """A word outside the contract."""
    assert rotation(rotated("2026-05-27T09:00", standing="odd")) == (
        "unknown: The credential netsuite-oauth is in the state odd, which is not known here."
    )


def work(activity: MetricFacts, *times: str) -> str:
    turned = rotated(*(times or ("2026-05-27T09:00",)))
    return told(work_went_on_after_rotation(turned, activity, credential="netsuite-oauth", window=PILOT))


def activity(*points: tuple[str, float], interval: float = 3600) -> MetricFacts:
    return metric(1, "runs", points=samples(*points), interval=interval)


def test_runs_within_a_day_pass():
    """A completed run after each rotation."""
    seen = activity(("2026-05-27T10:00", 3), ("2026-06-03T12:00", 1))
    assert work(seen, "2026-05-27T09:00", "2026-06-03T11:00") == (
        "pass: Runs went on within a day after netsuite-oauth was rotated, last on 3 June 2026, 11:00 EDT."
    )


def test_zero_runs_after_a_rotation_fail():
    """The data are there and say that nothing ran, though it did after the other rotation."""
    seen = activity(("2026-05-27T10:00", 3), ("2026-06-03T12:00", 0))
    assert work(seen, "2026-05-27T09:00", "2026-06-03T11:00") == (
        "fail: Within a day after netsuite-oauth was rotated on 3 June 2026, 11:00 EDT, no run was completed."
    )


def test_silence_after_a_rotation_is_unknown():
    """No data is neither work nor its absence; what came before or a day later does not count."""
    seen = activity(("2026-05-27T08:00", 3), ("2026-05-28T08:30", 3), ("2026-05-27T10:00", math.nan))
    assert work(seen) == (
        "unknown: Within a day after netsuite-oauth was rotated on 27 May 2026, 09:00 EDT, nothing was "
        "heard of any run."
    )
    assert work(metric(points=())).startswith("unknown")


def test_points_too_coarse_to_lie_in_the_day_are_silence():
    """A point that stands for two days may hold runs from before the rotation failed."""
    assert work(activity(("2026-05-27T10:00", 3), interval=172800)).startswith("unknown: Within a day after")


@pytest.mark.parametrize("interval", [0, math.nan])
def test_points_without_a_step_are_unknown(interval: float):
    """Nobody can say which time they stand for."""
    assert work(activity(("2026-05-27T10:00", 3), interval=interval)) == (
        "unknown: The runs after the rotation of netsuite-oauth have no time that can be read."
    )


def test_without_a_rotation_there_is_nothing_to_go_on_after():
    """That it was not rotated is the other rule's finding."""
    assert work(activity(), "2026-05-02T09:00") == (
        "not_applicable: The credential netsuite-oauth was not rotated in the pilot, so no work had to go on."
    )
