"""The two things whose rotation CloudTrail is asked for: a secret, and the access keys of a user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_pascal

from collectors.aws import trail_proof
from collectors.aws.client import Account, Asking, masked, read
from collectors.aws.facts import Rotation, TrailEvent, TrailRotationsAsk, TrailRotationsFacts
from collectors.aws.identity import access_keys, account_of
from collectors.aws.keys import half_done, standing, the_user
from collectors.aws.trail import Event, Trail
from collectors.aws.trail_proof import CREATED, OF_KEYS, OF_SECRET, Proof
from collectors.errors import Blind
from collectors.evidence import Completeness, Evidence, Resource, State, Time, pointer

SECRET = ("ARN", "Name", "CreatedDate", "DeletedDate", "PrimaryRegion", "VersionIdsToStages")
REMOVED = ("events.Username", "events.Resources", "events.CloudTrailEvent but for the names of versions and keys")
LATE = "events of the last minutes may not have appeared yet"
ADVICE = {
    "secret": "Name aws.secret_rotation as its source on the card, then start a new review.",
    "user": "Name aws.iam_keys as its source on the card, or rotate again and leave the old key inactive meanwhile.",
}


class _Secret(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal)

    name: str
    created_date: AwareDatetime | None = None
    deleted_date: AwareDatetime | None = None
    primary_region: str | None = None
    version_ids_to_stages: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Subject:
    """What is asked about, as the service that holds it knows it now; `body` is kept beside the events."""

    name: Resource
    state: State
    created: Time | None
    body: dict[str, JsonValue]
    account: str
    redacted: Sequence[str]


def of_secret(asking: Asking, ask: TrailRotationsAsk, trail: Trail, secrets: Account) -> Evidence:
    """What the history proves of a secret; its own service says that it exists and which version is current."""
    told = replace(asking, account=secrets).call("DescribeSecret", {"SecretId": ask.secret}).body
    secret = read(_Secret, told, f"aws secretsmanager:DescribeSecret of {ask.secret}")
    arn = str(told.get("ARN", ""))
    region = arn.split(":")[3] if arn.count(":") > 4 else ""
    if secret.primary_region not in (None, region):
        what = f"the secret {ask.secret} is a replica of one in {secret.primary_region}, where its changes are recorded"
        raise Blind(what, advice=ADVICE["secret"])
    events, nameless = _events(asking, ask, trail, OF_SECRET, _secrets_in, {secret.name, arn, arn[:-7]})
    proof = trail_proof.of_secret(events, secret.version_ids_to_stages)
    proof.hints += nameless
    _refuse_hints(ask, f"the secret {ask.secret}", proof, ADVICE["secret"])
    return _sealed(asking, ask, _secret_subject(secret, told, arn), [*events, *nameless], proof)


def _secret_subject(secret: _Secret, told: dict[str, JsonValue], arn: str) -> Subject:
    at, deleted = secret.created_date, secret.deleted_date is not None
    return Subject(
        name=Resource(value=secret.name[:200], pointer="/secret/Name"),
        state=State(value="deleted" if deleted else "active", pointer="/secret" + ("/DeletedDate" if deleted else "")),
        created=None if at is None else Time(value=at, at=at, pointer="/secret/CreatedDate"),
        body={"secret": {k: told[k] for k in SECRET if k in told}}, account=account_of(arn),
        redacted=[f"secret.{k}" for k in sorted(told) if k not in SECRET],
    )  # fmt: skip


def _secrets_in(event: Event) -> frozenset[str]:
    """Names and ARNs of the secrets that an event is about; the service's own events name theirs elsewhere."""
    places = (("requestParameters", "secretId"), ("additionalEventData", "SecretId"))
    return frozenset({event.text(*place) for place in places} - {""}) or event.resources


def of_user(asking: Asking, ask: TrailRotationsAsk, trail: Trail, iam: Account) -> Evidence:
    """What the history proves of a user's access keys; IAM says which of them exist and work now."""
    name = str(ask.name)
    inside = replace(asking, account=iam)
    user, kept, removed = the_user(inside, name)
    listed, _ = access_keys(inside, name)
    keys = sorted(listed, key=lambda key: (key.create_date, key.access_key_id))
    events, nameless = _events(asking, ask, trail, OF_KEYS, _users_in, {name})
    proof = trail_proof.of_keys(events, keys)
    proof.hints += [event for event in nameless if event.name == CREATED]
    unseen = [key for key in keys if ask.window.holds(key.create_date) and not half_done(key, keys)]
    _refuse_hints(ask, f"the user {name}", proof, ADVICE["user"], *(masked(key.access_key_id) for key in unseen))
    shown: list[JsonValue] = [
        {"AccessKeyId": masked(key.access_key_id), "Status": key.status, "CreateDate": key.create_date.isoformat()}
        for key in keys
    ]
    subject = Subject(
        name=Resource(value=user.user_name, pointer="/user/UserName"), state=standing(keys),
        created=Time(value=user.create_date, at=user.create_date, pointer="/user/CreateDate"),
        body={"user": kept, "keys": shown}, account=account_of(user.arn), redacted=[*removed, "keys.AccessKeyId"],
    )  # fmt: skip
    return _sealed(asking, ask, subject, [*events, *nameless], proof)


def _users_in(event: Event) -> frozenset[str]:
    """The user whose key it is; a call that names none is about the caller's own."""
    places = (("requestParameters", "userName"), ("responseElements", "accessKey", "userName"))
    named = frozenset({event.text(*place) for place in places} - {""})
    return named or frozenset({event.text("userIdentity", "userName")} - {""})


def _events(
    asking: Asking, ask: TrailRotationsAsk, trail: Trail, names: Sequence[str],
    named_in: Callable[[Event], frozenset[str]], wanted: set[str],
) -> tuple[list[Event], list[Event]]:  # fmt: skip
    """Events since the window began that had an effect: those about one of `wanted`, and those that name nothing."""
    found = [event for name in names for event in trail.named(asking, name, ask.window.start) if not event.failed]
    found.sort(key=lambda event: (event.at, event.id))
    named = [(event, named_in(event)) for event in found]
    return [event for event, about in named if about & wanted], [event for event, about in named if not about]


def _refuse_hints(ask: TrailRotationsAsk, what: str, proof: Proof, advice: str, *new_keys: str) -> None:
    """Blind when something in the window hints at a rotation and none in it is proven."""
    if any(ask.window.holds(event.at) for event, _ in proof.rotations):
        return
    hints = [f"{event.name} at {event.at.isoformat()}" for event in proof.hints if ask.window.holds(event.at)]
    hints += [f"a key {key} that is new" for key in new_keys]
    if hints:
        told = f"aws cloudtrail shows of {what} {', '.join(hints[:3])}, which does not prove that it was replaced"
        raise Blind(told, advice=advice)


def _sealed(
    asking: Asking, ask: TrailRotationsAsk, subject: Subject, events: Sequence[Event], proof: Proof
) -> Evidence:
    place = {event.id: i for i, event in enumerate(events)}
    facts = TrailRotationsFacts(
        secret=subject.name, state=_state(subject, proof, place), created=subject.created,
        rotations=tuple(_rotation(event, version, place[event.id]) for event, version in proof.rotations),
        unproven=tuple(
            TrailEvent(event=_name(event, place[event.id]), at=_time(event, place[event.id])) for event in proof.hints
        ),
    )  # fmt: skip
    body: dict[str, JsonValue] = {**subject.body, "events": [_shown(event) for event in events]}
    return asking.sealed(
        ask, facts, body, page="https://console.aws.amazon.com/cloudtrailv2/home#/events", account=subject.account,
        completeness=Completeness(
            pages=sum(1 for call in asking.log.calls if call.path == "cloudtrail:LookupEvents"), items=len(events),
            note=LATE,
        ), redacted=[*subject.redacted, *REMOVED],
    )  # fmt: skip


def _state(subject: Subject, proof: Proof, place: dict[str, int]) -> State:
    """As the subject's own service says, unless the history says that a later rotation may have failed."""
    failed, last = proof.failed, proof.rotations[-1][0].at if proof.rotations else None
    if subject.state.value != "active" or failed is None or (last is not None and failed.at <= last):
        return subject.state
    return State(value="rotation may have failed", pointer=pointer("events", place[failed.id], "EventName"))


def _rotation(event: Event, version: str, place: int) -> Rotation:
    field, shown = ("key", masked(version)) if event.name == CREATED else ("version", version)
    return Rotation(
        at=_time(event, place), version=Resource(value=shown, pointer=pointer("events", place, field)),
        stage=_name(event, place),
    )  # fmt: skip


def _name(event: Event, place: int) -> State:
    return State(value=event.name, pointer=pointer("events", place, "EventName"))


def _time(event: Event, place: int) -> Time:
    return Time(value=event.at, at=event.at, pointer=pointer("events", place, "EventTime"))


def _shown(event: Event) -> JsonValue:
    """What the proof rests on: nobody's name, and of a key the last four characters."""
    told: dict[str, JsonValue] = {
        "EventId": event.id, "EventName": event.name, "EventTime": event.at.isoformat(), "EventSource": event.source,
    }  # fmt: skip
    if version := trail_proof.version_of(event):
        told["version"] = version
    if key := trail_proof.key_of(event):
        told["key"] = masked(key)
    if labels := trail_proof.labels_of(event):
        told["labels"] = list(labels)
    return told
