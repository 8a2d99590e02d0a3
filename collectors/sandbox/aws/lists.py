"""AWS's lists of what a world has: secrets without their values, roles and users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue

from collectors.sandbox.aws.data import Estate
from collectors.sandbox.aws.wire import json_answer, json_error, members, query_result
from collectors.sandbox.server import Reply

IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
PAGE = 100


def secrets(
    sent: Mapping[str, JsonValue], estate: Estate, entry: Callable[[str, Estate], dict[str, JsonValue]]
) -> Reply:
    """A page of secrets, `entry` says how each is described; those on their way out only if asked for."""
    start = str(sent.get("NextToken", "0"))
    if not start.isdigit():
        return json_error(400, "InvalidNextTokenException", "The NextToken value is invalid.")
    going = sent.get("IncludePlannedDeletion") is True
    kept = [name for name, secret in estate.secrets.items() if going or secret.deleted is None]
    end = int(start) + int(str(sent.get("MaxResults", PAGE)))
    shown: list[JsonValue] = [entry(name, estate) for name in kept[int(start) : end]]
    return json_answer({"SecretList": shown} | ({"NextToken": str(end)} if end < len(kept) else {}))


def roles(sent: Mapping[str, str], estate: Estate) -> Reply:
    told: list[JsonValue] = [
        {"Path": "/", "RoleName": name, "RoleId": role.id, "Arn": estate.iam_arn("role", name),
         "CreateDate": role.created.isoformat()}
        for name, role in estate.roles.items()
    ]  # fmt: skip
    return _page("ListRoles", "Roles", told, sent)


def users(sent: Mapping[str, str], estate: Estate) -> Reply:
    told: list[JsonValue] = [
        {"Path": "/", "UserName": name, "UserId": user.id, "Arn": estate.iam_arn("user", name),
         "CreateDate": user.created.isoformat()}
        for name, user in estate.users.items()
    ]  # fmt: skip
    return _page("ListUsers", "Users", told, sent)


def _page(action: str, key: str, told: Sequence[JsonValue], sent: Mapping[str, str]) -> Reply:
    start, size = int(sent.get("Marker", "0")), int(sent.get("MaxItems", PAGE))
    more = start + size < len(told)
    body: dict[str, JsonValue] = {key: members([*told[start : start + size]]), "IsTruncated": more}
    return query_result(action, body | ({"Marker": str(start + size)} if more else {}), IAM)
