"""Collector `aws.secret_rotation`: when the value of a secret was replaced. Never reads the value.

A rotation is proven by the label and creation of a version, whoever made it. Out of scope, because it proves none:
LastChangedDate (a tag moves it), LastRotatedDate (the service's own rotation only, which makes a version as well),
RotationRules (they stay after rotation was switched off), a version without a label, and how rotation is set up:
managed external secrets, replicas in other Regions and accounts. Whether a version holds a value is not told to those
who may not read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_pascal

from collectors.aws.account_list import LABELS, LAGS, SECRETS, AccountList, agrees
from collectors.aws.client import Asking, answer_all, read
from collectors.aws.facts import Rotation, SecretRotationAsk, SecretRotationFacts
from collectors.connections import Connections
from collectors.errors import Truncated
from collectors.evidence import Answer, Completeness, Evidence, Resource, State, Time, pointer

PAGE = 100
PAGES = 20
CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
KEPT = ("ARN", "Name", "CreatedDate", "DeletedDate", "LastChangedDate", "LastRotatedDate", "NextRotationDate",
        "RotationEnabled", "RotationRules", "VersionIdsToStages", LABELS)  # fmt: skip


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal)


class _Secret(_Wire):
    name: str
    created_date: AwareDatetime | None = None
    deleted_date: AwareDatetime | None = None
    next_rotation_date: AwareDatetime | None = None
    rotation_enabled: bool = False


class _Version(_Wire):
    version_id: str
    created_date: AwareDatetime
    version_stages: tuple[str, ...] = ()

    def bears(self, *labels: str) -> bool:
        return any(label in self.version_stages for label in labels)


class _Page(_Wire):
    name: str
    versions: tuple[_Version, ...]


def secret_rotation(conn: Connections, asks: Sequence[SecretRotationAsk]) -> Iterable[Answer]:
    """Rotations of a secret by its versions' labels and creation times, from Secrets Manager."""
    shelf = AccountList(SECRETS, frozenset(ask.secret for ask in asks), conn.log("aws"))
    return answer_all(conn, asks, "secretsmanager", lambda asking, ask: _one(asking, ask, shelf))


def _one(asking: Asking, ask: SecretRotationAsk, shelf: AccountList) -> Evidence:
    entry = shelf.entry(asking, ask.secret)
    told = entry or _described(asking, ask)
    listed, pages = _versions(asking, ask)
    versions = read(_Page, {"Name": ask.secret, "Versions": listed}, f"the versions of {ask.secret}").versions
    if entry and not agrees(entry, {v.version_id: v.version_stages for v in versions}):
        entry, told = None, _described(asking, ask)
    secret = read(_Secret, told, f"the description of the secret {ask.secret}, aws secretsmanager")
    body: dict[str, JsonValue] = {"secret": {k: told[k] for k in KEPT if k in told}, "versions": listed}
    facts = SecretRotationFacts(
        secret=Resource(value=secret.name, pointer=pointer("secret", "Name")),
        state=_state(secret, versions, asking.at), created=_time(secret.created_date, "CreatedDate"),
        rotations=_rotations(versions),
    )  # fmt: skip
    region = str(told["ARN"]).split(":")[3] if str(told.get("ARN", "")).count(":") > 4 else ""
    return asking.sealed(
        ask, facts, body, account=_account(told),
        page=f"https://console.aws.amazon.com/secretsmanager/secret?name={quote(secret.name, '')}&region={region}",
        completeness=Completeness(pages=pages, items=len(versions), note=_note(versions, entry is not None)),
        redacted=[f"secret.{k}" for k in sorted(told) if k not in KEPT],
    )  # fmt: skip


def _described(asking: Asking, ask: SecretRotationAsk) -> dict[str, JsonValue]:
    told = asking.call("DescribeSecret", {"SecretId": ask.secret}).body
    read(_Secret, told, f"aws secretsmanager:DescribeSecret of {ask.secret}")
    return told


def _account(told: dict[str, JsonValue]) -> str:
    parts = str(told.get("ARN", "")).split(":")
    return parts[4] if len(parts) > 4 else ""


def _versions(asking: Asking, ask: SecretRotationAsk) -> tuple[list[JsonValue], int]:
    """All versions, those without a label included, as AWS lists them. boto3 has no paginator for this one."""
    found: list[JsonValue] = []
    asked: dict[str, str | int] = {"SecretId": ask.secret, "IncludeDeprecated": True, "MaxResults": PAGE}
    for page in range(1, PAGES + 1):
        got = asking.call("ListSecretVersionIds", asked).body
        read(_Page, got, f"aws secretsmanager:ListSecretVersionIds of {ask.secret}, page {page}")
        found += _as_list(got["Versions"])
        token = got.get("NextToken")
        if not token:
            return found, page
        if asked.get("NextToken") == token:
            raise Truncated(f"the versions of {ask.secret}: page {page} leads back to itself")
        asked["NextToken"] = str(token)
    raise Truncated(f"the versions of {ask.secret} did not end after {PAGES} pages of {PAGE}")


def _as_list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _rotations(versions: Sequence[_Version]) -> tuple[Rotation, ...]:
    """Versions proven to be or have been current, less the first value and whatever was rolled back.

    AWS puts AWSPREVIOUS on what was current; a version without a label may be a rotation that failed, so it is none.
    """
    order = sorted(range(len(versions)), key=lambda i: (versions[i].created_date, versions[i].version_id))
    now = max((versions[i].created_date for i in order if versions[i].bears(CURRENT)), default=None)
    return tuple(
        _rotation(i, versions[i])
        for i in order[1:]
        if versions[i].bears(CURRENT, PREVIOUS) and now is not None and versions[i].created_date <= now
    )


def _rotation(place: int, version: _Version) -> Rotation:
    label = CURRENT if version.bears(CURRENT) else PREVIOUS
    at = version.created_date
    return Rotation(
        at=Time(value=at, at=at, pointer=pointer("versions", place, "CreatedDate")),
        version=Resource(value=version.version_id, pointer=pointer("versions", place, "VersionId")),
        stage=State(
            value=label, pointer=pointer("versions", place, "VersionStages", version.version_stages.index(label))
        ),
    )


def _state(secret: _Secret, versions: Sequence[_Version], now: datetime) -> State:
    if secret.deleted_date is not None:
        return State(value="deleted", pointer=pointer("secret", "DeletedDate"))
    for place, version in enumerate(versions):
        if version.bears(PENDING) and not version.bears(CURRENT):
            return State(value="rotation failing", pointer=pointer("versions", place, "VersionStages"))
    if secret.rotation_enabled and secret.next_rotation_date is not None and secret.next_rotation_date < now:
        return State(value="rotation failing", pointer=pointer("secret", "NextRotationDate"))
    return State(value="active", pointer=pointer("secret"))


def _time(value: datetime | None, name: str) -> Time | None:
    return None if value is None else Time(value=value, at=value, pointer=pointer("secret", name))


def _note(versions: Sequence[_Version], from_list: bool) -> str:
    bare = sum(1 for v in versions if not v.version_stages)
    notes = [f"{bare} without a label, which may never have been current, are not counted as rotations"] if bare else []
    return "; ".join([*notes, LAGS] if from_list else notes)
