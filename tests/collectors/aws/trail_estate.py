"""An account whose secrets and users each have one story in CloudTrail, written down as a world's folder."""

from collections.abc import Iterable
from pathlib import Path
from shutil import copy
from typing import Any

from collectors.evidence import Window
from tests import plain_yaml
from tests.collectors.aws.aws_door import ODD

PILOT = Window.model_validate({"start": "2026-05-13T00:00-04:00", "end": "2026-06-12T00:00-04:00"})
BORN, DAY = "2026-04-01T00:00:00Z", "2026-05-20T12:00:00Z"
SECRETS = "secretsmanager.amazonaws.com"
OLD, NEW = "00000000-0000-4000-8000-00000000-v1", "00000000-0000-4000-8000-00000000-v2"
LATER, BEFORE = "2026-05-20T13:00:00Z", "2026-05-20T11:00:00Z"


def arn(name: str) -> str:
    return f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}-xxxxxx"


def secret(current: str, *others: str, **more: Any) -> dict[str, Any]:
    labels = {current: ["AWSCURRENT"], **{other: ["AWSPREVIOUS"] for other in others}}
    versions = [{"id": id, "created": BORN if id == OLD else DAY, "stages": labels[id]} for id in sorted(labels)]
    return {"suffix": "xxxxxx", "created": BORN, "changed": DAY, "versions": versions, **more}


def event(name: str, at: str = DAY, **record: Any) -> dict[str, Any]:
    source = "iam.amazonaws.com" if name.endswith("AccessKey") else SECRETS
    return {"name": name, "at": at, "source": source, "username": "ana@acme.example", "details": record}


def put(secret: str, version: str = NEW, at: str = DAY, **more: Any) -> dict[str, Any]:
    asked = {"secretId": secret, "clientRequestToken": version, **more.pop("asked", {})}
    return event("PutSecretValue", at, requestParameters=asked, **more)


def moved(secret: str, to: str, at: str = LATER, label: str = "AWSCURRENT") -> dict[str, Any]:
    asked = {"secretId": secret, "versionStage": label, "moveToVersionId": to}
    return event("UpdateSecretVersionStage", at, requestParameters=asked)


def key(id: str, created: str, status: str = "Active") -> dict[str, Any]:
    return {"id": f"AKIASANDBOXTRAIL{id}", "created": created, "status": status}


def made(user: str, id: str, at: str = DAY) -> dict[str, Any]:
    answered = {"accessKey": {"userName": user, "accessKeyId": f"AKIASANDBOXTRAIL{id}", "status": "Active"}}
    return event("CreateAccessKey", at, requestParameters={"userName": user}, responseElements=answered)


def deleted(user: str, id: str, at: str = LATER) -> dict[str, Any]:
    return event("DeleteAccessKey", at, requestParameters={"userName": user, "accessKeyId": f"AKIASANDBOXTRAIL{id}"})


def user(*keys: dict[str, Any], created: str = BORN) -> dict[str, Any]:
    return {"id": "AIDASANDBOXTRAIL00001", "created": created, "keys": list(keys)}


ESTATE: dict[str, Any] = {
    "account": "123456789012", "region": "us-east-1", "caller": "clearance-reader",
    "secrets": {
        "put": secret(NEW, OLD), "by-arn": secret(NEW, OLD), "first": secret(NEW), "staged": secret(NEW, OLD),
        "rolled": secret(OLD, NEW), "unseen": secret(OLD, NEW), "refused": secret(OLD), "asked": secret(NEW, OLD),
        "failing": secret(NEW, OLD), "quiet": secret(OLD), "pending": secret(OLD), "odd-labels": secret(NEW, OLD),
        "touched": secret(OLD), "gone": secret(NEW, OLD, deleted="2026-06-01T00:00:00Z"),
    },
    "users": {
        "kept": user(key("0001", BORN, "Inactive"), key("0002", DAY)),
        "swapped": user(key("0012", DAY)),
        "half": user(key("0021", BORN), key("0022", DAY)),
        "fresh": user(key("0031", DAY)),
        "still": user(key("0041", BORN)),
        "unlisted": user(key("0051", BORN, "Inactive"), key("0052", DAY)),
        "keyless": user(),
        "new": user(key("0061", DAY), created=DAY),
    },
    "trail": [
        put("put"), put("by-arn", asked={"secretId": arn("by-arn")}), put("first"), put("gone"),
        event("RotateSecret", BEFORE, requestParameters={"secretId": "staged"}),
        put("staged", asked={"versionStages": ["AWSPENDING"]}), moved("staged", NEW),
        event("RotationSucceeded", LATER, additionalEventData={"SecretId": arn("staged")}),
        put("rolled"), moved("rolled", OLD), put("unseen"),
        put("refused", errorCode="AccessDenied"),
        event("RotateSecret", requestParameters={"secretId": "asked"}),
        event("RotationSucceeded", LATER, additionalEventData={"SecretId": arn("asked")}),
        put("failing"), event("RotationFailed", LATER, additionalEventData={"SecretId": arn("failing")}),
        put("pending", asked={"versionStages": ["AWSPENDING"]}),
        put("odd-labels", asked={"versionStages": [None]}),
        event("UpdateSecret", requestParameters={"secretId": "touched"}),
        made("kept", "0002"), made("swapped", "0012"), deleted("swapped", "0011"), made("half", "0022"),
        made("fresh", "0031"), made("new", "0061"),
    ],
}  # fmt: skip


def write(folder: Path, extra: Iterable[dict[str, Any]] = ()) -> Path:
    """The account in `folder`, with further events."""
    trail = [{"id": f"e{i:04}", **one} for i, one in enumerate([*ESTATE["trail"], *extra])]
    folder.mkdir(exist_ok=True)
    copy(ODD / "world.yaml", folder / "world.yaml")
    (folder / "aws.yaml").write_text(plain_yaml.dump({**ESTATE, "trail": trail}), encoding="utf-8")
    return folder
