"""Item 5: the identity is active, its credentials were rotated in the pilot, and the work went on."""

from __future__ import annotations

from datetime import timedelta
from math import isfinite

from agent.domain import Finding
from agent.probes.findings import failed, not_applicable, passed, resource, unknown
from agent.probes.registry import probe
from collectors.aws.facts import IamIdentityFacts, Rotation, SecretRotationFacts
from collectors.datadog.facts import MetricFacts, Sample
from collectors.evidence import Fact, Time, Window

_DAY = timedelta(hours=24)
_BROKEN = frozenset({"deleted", "rotation failing"})


@probe
def identity_is_active(identity: IamIdentityFacts) -> Finding:
    """The subject's own identity exists and is active."""
    facts: dict[str, Fact] = {"kind": identity.kind, "identity": identity.identity, "state": identity.state}
    sentence = "The {kind} {identity} is {state}"
    if identity.state.value == "active":
        return passed(sentence, facts)
    return failed(sentence, facts) if identity.state.value == "inactive" else unknown(sentence, facts)


@probe
def credential_rotated_in_pilot(rotation: SecretRotationFacts, *, credential: str, window: Window) -> Finding:
    """The credential is in order and its value was replaced at least once in the pilot."""
    facts: dict[str, Fact] = {"credential": resource(credential)}
    inside = _inside(rotation, window)
    if rotation.state.value in _BROKEN:
        return failed("The credential {credential} is not in order: {state}", facts, state=rotation.state)
    if not inside:
        return failed("The credential {credential} was not rotated in the pilot", facts)
    if rotation.state.value != "active":
        return unknown(
            "The credential {credential} is in the state {state}, which is not known here", facts, state=rotation.state
        )
    return passed("The credential {credential} was rotated on {rotated_at}", facts, rotated_at=inside[-1].at)


@probe
def work_went_on_after_rotation(
    rotation: SecretRotationFacts, activity: MetricFacts, *, credential: str, window: Window
) -> Finding:
    """After each rotation in the pilot the subject completed runs within a day."""
    facts: dict[str, Fact] = {"credential": resource(credential)}
    inside = _inside(rotation, window)
    if not inside:
        return not_applicable(
            "The credential {credential} was not rotated in the pilot, so no work had to go on", facts
        )
    step = activity.interval.value
    if activity.points and not (isfinite(step) and step > 0):
        return unknown("The runs after the rotation of {credential} have no time that can be read", facts)
    after = [(one.at, _runs_after(one.at, activity)) for one in inside]
    for seen, say, standing in ((0.0, failed, "no run was completed"), (None, unknown, "nothing was heard of any run")):
        rotated_at = next((at for at, runs in after if runs == seen), None)
        if rotated_at:
            sentence = f"Within a day after {{credential}} was rotated on {{rotated_at}}, {standing}"
            return say(sentence, facts, rotated_at=rotated_at)
    sentence = "Runs went on within a day after {credential} was rotated, last on {rotated_at}"
    return passed(sentence, facts, rotated_at=inside[-1].at)


def _inside(rotation: SecretRotationFacts, window: Window) -> list[Rotation]:
    """Rotations in the window, oldest first; the first value of a secret is none."""
    later = [one for one in rotation.rotations if not rotation.created or one.at.value > rotation.created.value]
    return sorted((one for one in later if window.holds(one.at.value)), key=lambda one: one.at.value)


def _runs_after(rotated: Time, activity: MetricFacts) -> float | None:
    """Runs in the day after an instant, counting only points that lie in it whole; None = the data are silent."""
    step = timedelta(seconds=activity.interval.value)

    def within(point: Sample) -> bool:
        return rotated.value <= point.at and point.at + step <= rotated.value + _DAY and isfinite(point.value)

    counted = [point.value for point in activity.points if within(point)]
    return sum(value for value in counted if value > 0) if counted else None
