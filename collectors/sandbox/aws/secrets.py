"""Secrets Manager: descriptions and version lists. There are no values in a world, so none can be asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from collectors.sandbox.aws import lists
from collectors.sandbox.aws.data import Estate, Secret, Version
from collectors.sandbox.aws.wire import json_answer, json_error
from collectors.sandbox.server import Asked, Reply

ABSENT = "Secrets Manager can't find the specified secret."


def answer(asked: Asked, estate: Estate) -> Reply:
    operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
    sent = asked.json()
    if operation not in (*_OPERATIONS, "ListSecrets") or not isinstance(sent, dict):
        denied = f"{estate.caller} is not authorized to perform: secretsmanager:{operation}"
        return json_error(400, "AccessDeniedException", denied)
    if operation == "ListSecrets":
        return lists.secrets(sent, estate, _entry)
    name = _name(str(sent.get("SecretId", "")), estate)
    if name is None:
        return json_error(400, "ResourceNotFoundException", ABSENT)
    return _OPERATIONS[operation](name, sent, estate)


def _name(asked: str, estate: Estate) -> str | None:
    return next((name for name in estate.secrets if asked in (name, estate.secret_arn(name))), None)


def _describe(name: str, sent: Mapping[str, JsonValue], estate: Estate) -> Reply:
    return json_answer(_told(name, estate))


def _entry(name: str, estate: Estate) -> dict[str, JsonValue]:
    """The same as the list has it: the labels bear another name there."""
    told = _told(name, estate)
    return {("SecretVersionsToStages" if key == "VersionIdsToStages" else key): value for key, value in told.items()}


def _told(name: str, estate: Estate) -> dict[str, JsonValue]:
    secret = estate.secrets[name]
    stages: dict[str, JsonValue] = {v.id: list(v.stages) for v in secret.versions if v.stages}
    told: dict[str, JsonValue] = {
        "ARN": estate.secret_arn(name), "Name": name, "Description": secret.description or None,
        "CreatedDate": secret.created.timestamp(), "LastChangedDate": secret.changed.timestamp(),
        "VersionIdsToStages": stages, **_rotation(secret),
        "DeletedDate": secret.deleted.timestamp() if secret.deleted else None,
    }  # fmt: skip
    return {k: v for k, v in told.items() if v is not None}


def _rotation(secret: Secret) -> dict[str, JsonValue]:
    if secret.every_days is None:
        return {}
    return {
        "RotationEnabled": True,
        "RotationRules": {"AutomaticallyAfterDays": secret.every_days},
        "LastRotatedDate": secret.rotated.timestamp() if secret.rotated else None,
        "NextRotationDate": secret.next.timestamp() if secret.next else None,
    }


def _list_versions(name: str, sent: Mapping[str, JsonValue], estate: Estate) -> Reply:
    every = sent.get("IncludeDeprecated") is True
    versions = [v for v in estate.secrets[name].versions if v.stages or every]
    start, size = str(sent.get("NextToken", "0")), int(str(sent.get("MaxResults", 100)))
    if not start.isdigit():
        return json_error(400, "InvalidNextTokenException", "The NextToken value is invalid.")
    end = int(start) + size
    told: dict[str, JsonValue] = {
        "ARN": estate.secret_arn(name), "Name": name, "Versions": [_version(v) for v in versions[int(start) : end]]
    }  # fmt: skip
    return json_answer(told | ({"NextToken": str(end)} if end < len(versions) else {}))


def _version(version: Version) -> JsonValue:
    told: dict[str, JsonValue] = {"VersionId": version.id, "CreatedDate": version.created.timestamp()}
    return told | ({"VersionStages": list(version.stages)} if version.stages else {})


_OPERATIONS: dict[str, Callable[[str, Mapping[str, JsonValue], Estate], Reply]] = {
    "DescribeSecret": _describe,
    "ListSecretVersionIds": _list_versions,
}
