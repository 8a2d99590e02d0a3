"""The S3 answers that moto does not give exactly: lifecycle and its conditions, versions, lock, replication, owner."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from pydantic import JsonValue

from collectors.sandbox.aws.data import Bucket, Estate
from collectors.sandbox.aws.wire import element, reply_xml, s3_error
from collectors.sandbox.server import Asked, Reply

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def answer(asked: Asked, estate: Estate) -> Reply | None:
    """Our own answer, or None where moto answers."""
    name, _, key = unquote(asked.path).lstrip("/").partition("/")
    owner = asked.headers.get("x-amz-expected-bucket-owner")
    bucket = estate.buckets.get(name)
    if bucket is not None and owner not in (None, estate.account):
        return s3_error(403, "AccessDenied", "Access Denied")
    found = next((setting for part, setting in _SETTINGS.items() if asked.one(part) is not None), None)
    if asked.method != "GET" or not name or key or found is None:
        return None
    if bucket is None:
        return s3_error(404, "NoSuchBucket", "The specified bucket does not exist", f"/{name}")
    return found(bucket, f"/{name}")


def _lifecycle(bucket: Bucket, resource: str) -> Reply:
    if bucket.lifecycle is None:
        missing = "The lifecycle configuration does not exist"
        return s3_error(404, "NoSuchLifecycleConfiguration", missing, resource)
    told = _setting("LifecycleConfiguration", element("Rules", list(bucket.lifecycle)))
    least = {"x-amz-transition-default-minimum-object-size": "all_storage_classes_128K"}
    return replace(told, headers={**told.headers, **least})


def _versioning(bucket: Bucket, resource: str) -> Reply:
    return _setting("VersioningConfiguration", element("Status", bucket.versioning) if bucket.versioning else "")


def _object_lock(bucket: Bucket, resource: str) -> Reply:
    lock = bucket.lock
    if lock is None:
        missing = "Object Lock configuration does not exist for this bucket"
        return s3_error(404, "ObjectLockConfigurationNotFoundError", missing, resource)
    default: dict[str, JsonValue] = {"Mode": lock.mode, "Days": lock.days, "Years": lock.years}
    rule = element("Rule", {"DefaultRetention": default}) if lock.mode else ""
    return _setting("ObjectLockConfiguration", element("ObjectLockEnabled", "Enabled") + rule)


def _replication(bucket: Bucket, resource: str) -> Reply:
    if bucket.replication is None:
        missing = "The replication configuration was not found"
        return s3_error(404, "ReplicationConfigurationNotFoundError", missing, resource)
    role = element("Role", "arn:aws:iam::123456789012:role/replication")
    return _setting("ReplicationConfiguration", role + element("Rules", list(bucket.replication)))


def _encryption(bucket: Bucket, resource: str) -> Reply:
    if bucket.encryption is None:
        missing = "The server side encryption configuration was not found"
        return s3_error(404, "ServerSideEncryptionConfigurationNotFoundError", missing, resource)
    default: dict[str, JsonValue] = {"SSEAlgorithm": bucket.encryption, "KMSMasterKeyID": bucket.key}
    rule: dict[str, JsonValue] = {
        "ApplyServerSideEncryptionByDefault": default,
        "BucketKeyEnabled": bucket.key is not None,
    }
    return _setting("ServerSideEncryptionConfiguration", element("Rule", rule))


def _policy(bucket: Bucket, resource: str) -> Reply:
    if bucket.policy is None:
        return s3_error(404, "NoSuchBucketPolicy", "The bucket policy does not exist", resource)
    return Reply(200, json.dumps(bucket.policy).encode(), {"content-type": "application/json"})


def _setting(root: str, inner: str) -> Reply:
    return reply_xml(f'<{root} xmlns="{NAMESPACE}">{inner}</{root}>')


_SETTINGS: dict[str, Callable[[Bucket, str], Reply]] = {
    "lifecycle": _lifecycle,
    "versioning": _versioning,
    "object-lock": _object_lock,
    "replication": _replication,
    "encryption": _encryption,
    "policy": _policy,
}
