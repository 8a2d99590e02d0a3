"""Collector `aws.iam`: does the role or user exist, and is it usable?

Many roles are read from the list of all, which holds the same but for when a role was last assumed. Out of scope: that
instant, which is kept in the body and judged by nobody; what the identity may do (policies, boundaries, trust); whether
a user may sign in to the console.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, JsonValue
from pydantic.alias_generators import to_pascal

from collectors.aws.account_list import ROLES, AccountList
from collectors.aws.client import Asking, answer_all, masked, read
from collectors.aws.facts import AccessKey, IamIdentityAsk, IamIdentityFacts
from collectors.aws.failures import Absent
from collectors.connections import Connections
from collectors.errors import Gone, Truncated
from collectors.evidence import Answer, Completeness, Evidence, Resource, State, Time, pointer

MISSING = frozenset({"NoSuchEntity"})
PAGES = 20
ROLE = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "MaxSessionDuration", "RoleLastUsed")
USER = ("Path", "UserName", "UserId", "Arn", "CreateDate")


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_pascal)


class Role(Wire):
    role_name: str
    arn: str


class User(Wire):
    user_name: str
    arn: str


class Key(Wire):
    access_key_id: str
    status: Literal["Active", "Inactive", "Expired"]
    create_date: AwareDatetime


class KeyPage(Wire):
    access_key_metadata: tuple[Key, ...]
    is_truncated: bool = False
    marker: str | None = None


def identity(conn: Connections, asks: Sequence[IamIdentityAsk]) -> Iterable[Answer]:
    """A role, or else a user with its access keys, by name, from IAM."""
    shelf = AccountList(ROLES, frozenset(ask.name for ask in asks), conn.log("aws"))
    return answer_all(conn, asks, "iam", lambda asking, ask: _one(asking, ask, shelf))


def _one(asking: Asking, ask: IamIdentityAsk, shelf: AccountList) -> Evidence:
    try:
        return _role(asking, ask, shelf)
    except Absent:
        pass
    try:
        return _user(asking, ask)
    except Absent as missing:
        what = f"aws iam:GetRole and iam:GetUser know no role or user {ask.name}"
        raise Gone(what, status=missing.status) from missing


def _role(asking: Asking, ask: IamIdentityAsk, shelf: AccountList) -> Evidence:
    entry = shelf.entry(asking, ask.name)
    told = entry or asking.call("GetRole", {"RoleName": ask.name}, MISSING).body.get("Role")
    role = read(Role, told, f"aws iam:{'ListRoles' if entry else 'GetRole'} of {ask.name}")
    facts = IamIdentityFacts(
        identity=Resource(value=role.role_name, pointer=pointer("role", "RoleName")),
        kind=State(value="role", pointer=pointer("role")),
        state=State(value="active", pointer=pointer("role")),
        keys=(),
    )
    kept, removed = kept_of("role", told, ROLE)
    return asking.sealed(
        ask, facts, {"role": kept}, page=console_page("roles", role.role_name), account=account_of(role.arn),
        completeness=Completeness(items=1), redacted=removed,
    )  # fmt: skip


def _user(asking: Asking, ask: IamIdentityAsk) -> Evidence:
    told = asking.call("GetUser", {"UserName": ask.name}, MISSING).body.get("User")
    user = read(User, told, f"aws iam:GetUser of {ask.name}")
    keys, pages = access_keys(asking, ask.name)
    usable = any(key.status == "Active" for key in keys)
    facts = IamIdentityFacts(
        identity=Resource(value=user.user_name, pointer=pointer("user", "UserName")),
        kind=State(value="user", pointer=pointer("user")),
        state=State(value="active" if usable else "inactive", pointer=pointer("keys")),
        keys=tuple(key_fact(place, key) for place, key in enumerate(keys)),
    )
    kept, removed = kept_of("user", told, USER)
    shown: list[JsonValue] = [_shown(key) for key in keys]
    return asking.sealed(
        ask, facts, {"user": kept, "keys": shown}, page=console_page("users", user.user_name),
        account=account_of(user.arn), completeness=Completeness(pages=pages, items=len(keys)),
        redacted=[*removed, "keys.AccessKeyId"],
    )  # fmt: skip


def access_keys(asking: Asking, name: str) -> tuple[list[Key], int]:
    """All access keys of a user as IAM lists them, and the number of pages."""
    keys: list[Key] = []
    asked: dict[str, str | int] = {"UserName": name}
    for page in range(1, PAGES + 1):
        got = asking.call("ListAccessKeys", asked).body
        listed = read(KeyPage, got, f"aws iam:ListAccessKeys of {name}")
        keys += listed.access_key_metadata
        if not listed.is_truncated:
            return keys, page
        if not listed.marker or listed.marker == asked.get("Marker"):
            break
        asked["Marker"] = listed.marker
    raise Truncated(f"the access keys of {name} could not be read to their end")


def _shown(key: Key) -> dict[str, JsonValue]:
    return {
        "AccessKeyId": masked(key.access_key_id), "Status": key.status, "CreateDate": key.create_date.isoformat()
    }  # fmt: skip


def key_fact(place: int, key: Key) -> AccessKey:
    return AccessKey(
        key=Resource(value=masked(key.access_key_id), pointer=pointer("keys", place, "AccessKeyId")),
        state=State(value=key.status, pointer=pointer("keys", place, "Status")),
        created=Time(value=key.create_date, at=key.create_date, pointer=pointer("keys", place, "CreateDate")),
    )


def kept_of(name: str, told: JsonValue, names: Sequence[str]) -> tuple[JsonValue, list[str]]:
    told = told if isinstance(told, dict) else {}
    return {k: told[k] for k in names if k in told}, [f"{name}.{k}" for k in sorted(told) if k not in names]


def account_of(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else ""


def console_page(kind: str, name: str) -> str:
    return f"https://console.aws.amazon.com/iam/home#/{kind}/details/{quote(name, '')}"
