"""IAM and STS: roles, users, access keys, and who the caller is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, quote

from pydantic import JsonValue

from collectors.sandbox.aws import lists
from collectors.sandbox.aws.data import Estate, Key
from collectors.sandbox.aws.wire import members, query_error, query_result
from collectors.sandbox.server import Asked, Reply

IAM = "https://iam.amazonaws.com/doc/2010-05-08/"
STS = "https://sts.amazonaws.com/doc/2011-06-15/"
PAGE = 100


def answer(asked: Asked, estate: Estate) -> Reply | None:
    """Our own answer, or None where moto answers."""
    sent = dict(parse_qsl(asked.body.decode()))
    operation = _OPERATIONS.get(sent.get("Action", ""))
    return operation(sent, estate) if operation else None


def _time(at: datetime) -> str:
    return at.isoformat()


def _get_role(sent: Mapping[str, str], estate: Estate) -> Reply:
    name = sent.get("RoleName", "")
    role = estate.roles.get(name)
    if role is None:
        return _absent("role", name)
    trust = f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{role.trusts}"}},'
    told: dict[str, JsonValue] = {
        "Path": "/", "RoleName": name, "RoleId": role.id, "Arn": estate.iam_arn("role", name),
        "CreateDate": _time(role.created), "MaxSessionDuration": 3600,
        "AssumeRolePolicyDocument": quote(trust + '"Action":"sts:AssumeRole"}]}'),
        "RoleLastUsed": {"LastUsedDate": _time(role.used), "Region": estate.region} if role.used else {},
    }  # fmt: skip
    return query_result("GetRole", {"Role": told}, IAM)


def _get_user(sent: Mapping[str, str], estate: Estate) -> Reply:
    name = sent.get("UserName", "")
    user = estate.users.get(name)
    if user is None:
        return _absent("user", name)
    told: dict[str, JsonValue] = {
        "Path": "/", "UserName": name, "UserId": user.id, "Arn": estate.iam_arn("user", name),
        "CreateDate": _time(user.created),
    }  # fmt: skip
    return query_result("GetUser", {"User": told}, IAM)


def _list_access_keys(sent: Mapping[str, str], estate: Estate) -> Reply:
    name = sent.get("UserName", "")
    user = estate.users.get(name)
    if user is None:
        return _absent("user", name)
    start, size = int(sent.get("Marker", "0")), int(sent.get("MaxItems", PAGE))
    shown: list[JsonValue] = [
        {"UserName": name, "AccessKeyId": k.id, "Status": k.status, "CreateDate": _time(k.created)}
        for k in user.keys[start : start + size]
    ]
    more = start + size < len(user.keys)
    told: dict[str, JsonValue] = {"AccessKeyMetadata": members(shown), "IsTruncated": more}
    return query_result("ListAccessKeys", told | ({"Marker": str(start + size)} if more else {}), IAM)


def _key_last_used(sent: Mapping[str, str], estate: Estate) -> Reply:
    asked = sent.get("AccessKeyId", "")
    found = next(((n, k) for n, user in estate.users.items() for k in user.keys if k.id == asked), None)
    if found is None:
        return query_error(403, "AccessDenied", f"User: {estate.caller} may not see the access key {asked}")
    name, key = found
    return query_result("GetAccessKeyLastUsed", {"UserName": name, "AccessKeyLastUsed": _used(key, estate)}, IAM)


def _used(key: Key, estate: Estate) -> JsonValue:
    if key.used is None:
        return {"ServiceName": "N/A", "Region": "N/A"}
    return {"LastUsedDate": _time(key.used), "ServiceName": key.service, "Region": estate.region}


def _caller(sent: Mapping[str, str], estate: Estate) -> Reply:
    session = f"arn:aws:sts::{estate.account}:assumed-role/{estate.caller}/clearance"
    told: dict[str, JsonValue] = {
        "Arn": session, "UserId": "AROASANDBOXREADER0001:clearance", "Account": estate.account,
    }  # fmt: skip
    return query_result("GetCallerIdentity", told, STS)


def _absent(kind: str, name: str) -> Reply:
    return query_error(404, "NoSuchEntity", f"The {kind} with name {name} cannot be found.")


_OPERATIONS: dict[str, Callable[[Mapping[str, str], Estate], Reply]] = {
    "ListRoles": lists.roles,
    "ListUsers": lists.users,
    "GetRole": _get_role,
    "GetUser": _get_user,
    "ListAccessKeys": _list_access_keys,
    "GetAccessKeyLastUsed": _key_last_used,
    "GetCallerIdentity": _caller,
}
