"""Collector `s3.encryption`: how a bucket encrypts what is newly written, and whether it refuses connections in clear.

Out of scope: objects that lie there since before the setting, and those whose writer asked for another key; who may use
the key; other statements of the policy; and stores other than buckets, which a person has to name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from collectors.aws.client import SETTING, Asking, answer_all, read
from collectors.aws.failures import Absent
from collectors.aws.owner import Caller, Owner, or_another_owner
from collectors.aws.safeguards import EncryptionAsk, EncryptionFacts
from collectors.connections import Connections, not_configured
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Evidence, Origin, Resource, State, pointer

NO_ENCRYPTION = frozenset({"ServerSideEncryptionConfigurationNotFoundError"})
NO_POLICY = frozenset({"NoSuchBucketPolicy"})
CLEAR = "aws:SecureTransport"
INNER = ("encryption", "ServerSideEncryptionConfiguration", "Rules")


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Default(_Wire):
    algorithm: str = Field(alias="SSEAlgorithm", min_length=1)
    key: str | None = Field(None, alias="KMSMasterKeyID")


class _Rule(_Wire):
    default: _Default = Field(alias="ApplyServerSideEncryptionByDefault")


class _Configuration(_Wire):
    rules: tuple[_Rule, ...] = Field(alias="Rules", min_length=1, max_length=1)


def encryption(conn: Connections, asks: Sequence[EncryptionAsk]) -> Iterable[Answer]:
    """A bucket's default encryption, and whether its policy refuses every connection that is not encrypted, from S3."""
    if conn.aws is None:
        return not_configured("aws", asks, conn.clock(), SETTING)
    caller = Caller(conn, conn.aws)
    return answer_all(conn, asks, "s3", lambda asking, ask: _one(asking, ask, caller.owner(asking, ask)))


def _one(asking: Asking, ask: EncryptionAsk, owner: Owner) -> Evidence:
    asked: dict[str, JsonValue] = {"Bucket": ask.bucket, "ExpectedBucketOwner": owner.account}
    with or_another_owner(owner.account):
        told = _asked(asking, "GetBucketEncryption", asked, NO_ENCRYPTION)
        policy = _asked(asking, "GetBucketPolicy", asked, NO_POLICY)
    about, hidden = _about_transport(policy, ask.bucket)
    body: dict[str, JsonValue] = {"asked": asked, "encryption": told, "policy": about, **owner.body}
    return asking.sealed(
        ask, _facts(ask, told, about), body, account=owner.account, completeness=Completeness(items=1),
        page=f"https://console.aws.amazon.com/s3/buckets/{quote(ask.bucket)}?tab=properties",
        redacted=[*owner.removed, *hidden],
    )  # fmt: skip


def _asked(asking: Asking, operation: str, asked: dict[str, JsonValue], absent: frozenset[str]) -> JsonValue:
    try:
        return asking.call(operation, asked, absent).body
    except Absent as missing:
        return {"Error": {"Code": missing.code, "HTTPStatusCode": missing.status}}


def _facts(ask: EncryptionAsk, told: JsonValue, policy: JsonValue) -> EncryptionFacts:
    algorithm, key = _encryption(told, ask.bucket)
    refused = isinstance(policy, dict) and _refuses_clear(policy, ask.bucket)
    return EncryptionFacts(
        bucket=Resource(value=ask.bucket, pointer=pointer("asked", "Bucket")), algorithm=algorithm, key=key,
        in_clear=State(value="refused" if refused else "not refused", origin=Origin.CODE),
    )  # fmt: skip


def _encryption(told: JsonValue, bucket: str) -> tuple[State, Resource | None]:
    if isinstance(told, dict) and "Error" in told:
        return State(value="none", pointer=pointer("encryption", "Error", "Code")), None
    inner = told.get("ServerSideEncryptionConfiguration") if isinstance(told, dict) else None
    default = read(_Configuration, inner, f"aws s3:GetBucketEncryption (Bucket {bucket})").rules[0].default
    here = (*INNER, 0, "ApplyServerSideEncryptionByDefault")
    key = Resource(value=default.key, pointer=pointer(*here, "KMSMasterKeyID")) if default.key else None
    return State(value=default.algorithm[:80], pointer=pointer(*here, "SSEAlgorithm")), key


# --- what the policy says of connections in clear -------------------------------------------------------------------


def _about_transport(told: JsonValue, bucket: str) -> tuple[JsonValue, list[str]]:
    """The statements about it, and what else was there: the others name people and accounts."""
    if isinstance(told, dict) and "Error" in told:
        return told, []
    text = told.get("Policy") if isinstance(told, dict) else None
    what = f"aws s3:GetBucketPolicy (Bucket {bucket})"
    try:
        policy = json.loads(text if isinstance(text, str) else "")
    except ValueError as error:
        raise Malformed(f"{what} answered with a policy that is not JSON", status=200) from error
    listed = policy.get("Statement") if isinstance(policy, dict) else None
    statements = [listed] if isinstance(listed, dict) else listed
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        raise Malformed(f"{what} answered with a policy without statements", status=200)
    kept: list[JsonValue] = [one for one in statements if one.get("Effect") == "Deny" and CLEAR in json.dumps(one)]
    return {"Statement": kept}, ["policy.Statement"] if len(kept) < len(statements) else []


def _refuses_clear(policy: Mapping[str, JsonValue], bucket: str) -> bool:
    """One statement that refuses everybody every action on the bucket and on all that is in it, for that alone."""
    statements = policy.get("Statement")
    wanted = {f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"}
    found = [one for one in statements if isinstance(one, dict)] if isinstance(statements, list) else []
    covered = {place for one in found if _refuses_everybody(one) for place in _texts(one.get("Resource"))}
    return "*" in covered or wanted <= covered


def _refuses_everybody(statement: Mapping[str, JsonValue]) -> bool:
    everybody = statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
    every_action = bool({"*", "s3:*"} & set(_texts(statement.get("Action"))))
    narrowed = {"NotAction", "NotResource", "NotPrincipal"} & set(statement)
    return everybody and every_action and not narrowed and _only_in_clear(statement.get("Condition"))


def _only_in_clear(condition: JsonValue) -> bool:
    """Exactly that the connection is in clear, and nothing else that would have to hold as well."""
    if not isinstance(condition, dict) or len(condition) != 1:
        return False
    (operator, inner), *_ = condition.items()
    if operator not in ("Bool", "BoolIfExists") or not isinstance(inner, dict) or len(inner) != 1:
        return False
    return [text.lower() for text in _texts(inner.get(CLEAR))] == ["false"]


def _texts(value: JsonValue) -> list[str]:
    """One or several; a yes or no as the text that a policy may write instead."""
    listed = value if isinstance(value, list) else [value]
    return [str(one).lower() if isinstance(one, bool) else one for one in listed if isinstance(one, (str, bool))]
