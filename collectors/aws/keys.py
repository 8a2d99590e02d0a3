"""Collector `aws.iam_keys`: when the access keys of a user were replaced, and whether the new one is in use.

IAM lists the keys that exist and never those that were deleted. So a key that has no elder proves nothing: where the
answer hangs on one, it is a gap. An expired key counts as one that works no more. Out of scope: roles, which have no
keys; uses of a key before IAM began to track them, and the hours for which its last use may lag. Many users are read
from the list of all, but none of the account's lists tells of keys: GetAccountAuthorizationDetails leaves them out, and
the credential report has to be made first, may be four hours old and names no key; so each user's are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import AwareDatetime, JsonValue

from collectors.aws.account_list import USERS, AccountList
from collectors.aws.client import Asking, answer_all, masked, read
from collectors.aws.facts import IamKeysAsk, IamKeysFacts, Rotation, UsedKey
from collectors.aws.failures import Absent
from collectors.aws.identity import MISSING, USER, Key, User, Wire, access_keys, account_of, console_page, kept_of
from collectors.connections import Connections
from collectors.errors import Blind, Gone, Malformed
from collectors.evidence import Answer, Completeness, Evidence, Resource, State, Time, pointer

ACTIVE = "Active"
ADVICE = "Name cloudtrail.rotations for it on the card, which records deletions too, then start a new review."
NO_ROLE = "Check the name on the card; a role has no access keys and so none to rotate."


class DatedUser(User):
    create_date: AwareDatetime


class _LastUsed(Wire):
    last_used_date: AwareDatetime | None = None
    service_name: str = ""
    region: str = ""


class _Told(Wire):
    user_name: str | None = None
    access_key_last_used: _LastUsed


def iam_keys(conn: Connections, asks: Sequence[IamKeysAsk]) -> Iterable[Answer]:
    """A user's access keys with their state, creation and last use, and which of them replaced others, from IAM."""
    shelf = AccountList(USERS, frozenset(ask.name for ask in asks), conn.log("aws"))
    return answer_all(conn, asks, "iam", lambda asking, ask: _one(asking, ask, shelf))


def _one(asking: Asking, ask: IamKeysAsk, shelf: AccountList) -> Evidence:
    user, kept, removed = the_user(asking, ask.name, shelf)
    listed, pages = access_keys(asking, ask.name)
    keys = sorted(listed, key=lambda key: (key.create_date, key.access_key_id))
    used = [_last_used(asking, ask.name, key) for key in keys]
    rotations = tuple(_rotation(i, key) for i, key in enumerate(keys) if replaced_others(key, keys))
    _refuse_guess(ask, user, keys, rotations)
    facts = IamKeysFacts(
        secret=Resource(value=user.user_name, pointer=pointer("user", "UserName")), state=standing(keys),
        created=Time(value=user.create_date, at=user.create_date, pointer=pointer("user", "CreateDate")),
        rotations=rotations, keys=tuple(_used_key(i, key, used[i]) for i, key in enumerate(keys)),
    )  # fmt: skip
    body: dict[str, JsonValue] = {"user": kept, "keys": [_shown(key, used[i]) for i, key in enumerate(keys)]}
    return asking.sealed(
        ask, facts, body, page=console_page("users", user.user_name), account=account_of(user.arn),
        completeness=Completeness(pages=pages, items=len(keys)), redacted=[*removed, "keys.AccessKeyId"],
    )  # fmt: skip


def the_user(
    asking: Asking, name: str, shelf: AccountList | None = None
) -> tuple[DatedUser, JsonValue, list[str]]:  # fmt: skip
    """The user, what is kept of it, and what is not. Gone when there is none."""
    entry = shelf.entry(asking, name) if shelf else None
    try:
        told = entry or asking.call("GetUser", {"UserName": name}, MISSING).body.get("User")
    except Absent as missing:
        raise Gone(f"aws iam:GetUser knows no user {name}", status=missing.status, advice=NO_ROLE) from missing
    user = read(DatedUser, told, f"aws iam:{'ListUsers' if entry else 'GetUser'} of {name}")
    return user, *kept_of("user", told, USER)


def replaced_others(key: Key, keys: Sequence[Key]) -> bool:
    """An active key that has elders, none of which works any more."""
    elders = [other for other in keys if other.create_date < key.create_date]
    return key.status == ACTIVE and bool(elders) and all(other.status != ACTIVE for other in elders)


def half_done(key: Key, keys: Sequence[Key]) -> bool:
    """An active key beside an elder that works as well: nothing was replaced yet."""
    return key.status == ACTIVE and any(other.status == ACTIVE for other in keys if other.create_date < key.create_date)


def standing(keys: Sequence[Key]) -> State:
    active = sum(1 for key in keys if key.status == ACTIVE)
    value = "active" if active == 1 else "half rotated" if active else "inactive"
    return State(value=value, pointer=pointer("keys"))


def _refuse_guess(ask: IamKeysAsk, user: DatedUser, keys: Sequence[Key], rotations: Sequence[Rotation]) -> None:
    """Blind when a rotation in the window would show as what is seen, and a first key would too."""
    if any(ask.window.holds(rotation.at.value) for rotation in rotations) or not keys:
        return
    eldest = keys[0]
    if ask.window.holds(eldest.create_date) and eldest.create_date > user.create_date:
        told = f"aws iam:ListAccessKeys of {ask.name}: no key is older than {masked(eldest.access_key_id)}, created"
        gone = "whether it replaced one that is gone, IAM does not tell"
        raise Blind(f"{told} {eldest.create_date.isoformat()}; {gone}", advice=ADVICE)


def _last_used(asking: Asking, name: str, key: Key) -> _LastUsed:
    what = f"aws iam:GetAccessKeyLastUsed of {masked(key.access_key_id)}"
    told = read(_Told, asking.call("GetAccessKeyLastUsed", {"AccessKeyId": key.access_key_id}).body, what)
    if told.user_name not in (None, name):
        raise Malformed(f"{what} tells of another user than {name}", status=200)
    return told.access_key_last_used


def _rotation(place: int, key: Key) -> Rotation:
    at = key.create_date
    return Rotation(
        at=Time(value=at, at=at, pointer=pointer("keys", place, "CreateDate")),
        version=Resource(value=masked(key.access_key_id), pointer=pointer("keys", place, "AccessKeyId")),
        stage=State(value=key.status, pointer=pointer("keys", place, "Status")),
    )


def _used_key(place: int, key: Key, used: _LastUsed) -> UsedKey:
    here, at = _rotation(place, key), used.last_used_date
    last = None if at is None else Time(value=at, at=at, pointer=pointer("keys", place, "LastUsedDate"))
    return UsedKey(key=here.version, state=here.stage, created=here.at, used=last)


def _shown(key: Key, used: _LastUsed) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "AccessKeyId": masked(key.access_key_id), "Status": key.status, "CreateDate": key.create_date.isoformat(),
        "ServiceName": used.service_name, "Region": used.region,
    }  # fmt: skip
    return told | ({"LastUsedDate": used.last_used_date.isoformat()} if used.last_used_date else {})
