"""What events prove of a rotation: only a new value that is in force now; everything else is a hint. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from collectors.aws.identity import Key
from collectors.aws.keys import ACTIVE, half_done
from collectors.aws.trail import Event

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
PUT, MOVED, FAILED = "PutSecretValue", "UpdateSecretVersionStage", "RotationFailed"
# RotateSecret only begins one, UpdateSecret may change a description; the service's own events are not confirmed
OF_SECRET = (PUT, MOVED, "UpdateSecret", "RotateSecret", "RotationSucceeded", FAILED)
CREATED, DELETED = "CreateAccessKey", "DeleteAccessKey"
OF_KEYS = (CREATED, DELETED)


@dataclass
class Proof:
    """`rotations` with the version or key that each brought, `hints` that prove none; both oldest first."""

    rotations: list[tuple[Event, str]] = field(default_factory=list)
    hints: list[Event] = field(default_factory=list)
    failed: Event | None = None

    def doubt_all(self) -> None:
        """What was taken for rotations may have been undone."""
        self.hints += [event for event, _ in self.rotations]
        self.rotations = []


def of_secret(events: Sequence[Event], stages: Mapping[str, Sequence[str]]) -> Proof:
    """`events` of one secret, oldest first; `stages` are its versions' labels now."""
    proof, born = Proof(), set[str]()
    for event in events:
        if event.name == PUT:
            _put(event, proof, born)
        elif event.name == MOVED:
            _moved(event, proof, born)
        elif event.name == FAILED:
            proof.failed = event
            proof.hints.append(event)
        else:
            proof.hints.append(event)
    _compare(proof, stages)
    proof.hints.sort(key=lambda event: (event.at, event.id))
    return proof


def version_of(event: Event) -> str:
    """The version that the event made or moved a label to; "" where it does not say."""
    if event.name == MOVED:
        return event.text("requestParameters", "moveToVersionId")
    return event.text("responseElements", "versionId") or event.text("requestParameters", "clientRequestToken")


def key_of(event: Event) -> str:
    """The access key that the event made or changed; "" where it does not say."""
    made = event.text("responseElements", "accessKey", "accessKeyId")
    return made if event.name == CREATED else event.text("requestParameters", "accessKeyId")


def labels_of(event: Event) -> tuple[str, ...] | None:
    """The labels that the caller gave, none when they were left to the service; None where that cannot be read."""
    if event.name == MOVED:
        return tuple(filter(None, [event.text("requestParameters", "versionStage")]))
    told = event.part("requestParameters", "versionStages")
    if told is None:
        return () if isinstance(event.part("requestParameters"), dict) else None
    named = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
    return tuple(one.encode(errors="replace").decode()[:200] for one in named) or None


def _put(event: Event, proof: Proof, born: set[str]) -> None:
    """A new value becomes current at once unless the caller gave it other labels."""
    version, labels = version_of(event), labels_of(event)
    if not version or labels is None:
        proof.hints.append(event)
    elif not labels or CURRENT in labels:
        proof.rotations.append((event, version))
    else:
        born.add(version)
        proof.hints.append(event)


def _moved(event: Event, proof: Proof, born: set[str]) -> None:
    """The label goes to a version that was put since: a rotation. To any other: perhaps the old value is back."""
    version, labels = version_of(event), labels_of(event)
    if labels and CURRENT not in labels:
        return
    if labels and version in born:
        born.discard(version)
        proof.rotations.append((event, version))
    elif not labels or not proof.rotations or proof.rotations[-1][1] != version:
        proof.doubt_all()
        proof.hints.append(event)


def _compare(proof: Proof, stages: Mapping[str, Sequence[str]]) -> None:
    """The latest must be current now; the earliest must have had a value before it, else it may be the first."""
    if not proof.rotations:
        return
    brought = {version for _, version in proof.rotations}
    if CURRENT not in stages.get(proof.rotations[-1][1], ()):
        proof.doubt_all()
    elif not any(PREVIOUS in labels and version not in brought for version, labels in stages.items()):
        event, _ = proof.rotations.pop(0)
        proof.hints.append(event)


def of_keys(events: Sequence[Event], keys: Sequence[Key]) -> Proof:
    """`events` of one user's keys, oldest first; `keys` are those that exist now, oldest first."""
    proof = Proof()
    for event in events:
        key = key_of(event)
        own = next((one for one in keys if one.access_key_id == key), None)
        if event.name != CREATED or (own and half_done(own, keys)):
            continue
        if own and own.status == ACTIVE and _had_an_elder(own, event, events, keys):
            proof.rotations.append((event, key))
        else:
            proof.hints.append(event)
    return proof


def _had_an_elder(key: Key, created: Event, events: Sequence[Event], keys: Sequence[Key]) -> bool:
    """There was a key before it: IAM still lists one, or one that was not created since was deleted."""
    if any(one.create_date < key.create_date for one in keys):
        return True
    later = {key_of(event) for event in events if event.name == CREATED and event.at >= created.at}
    gone = {key_of(event) for event in events if event.name == DELETED}
    return bool(gone - later - {"", key.access_key_id})
