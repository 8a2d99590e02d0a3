"""moto, in this process and on a loopback port, holding what a world says of its buckets and roles.

Only `Aws` imports this module, and only when moto is needed: moto and boto3 are heavy.
"""

from __future__ import annotations

import http.client
import json
import logging
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from collectors.sandbox.aws.data import Bucket, Estate, Lock
from collectors.sandbox.server import Asked, Reply

KEPT = {"content-type", "etag", "x-amz-bucket-region", "x-amz-request-id"}


class Moto:
    """A running moto server, emptied and filled anew. moto's state belongs to the process: one at a time."""

    def __init__(self, estate: Estate) -> None:
        logging.getLogger("werkzeug").setLevel(logging.WARNING)  # otherwise one line on stderr for every request
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        _, self._port = self._server.get_host_and_port()
        host = {"host": f"127.0.0.1:{self._port}"}
        self.forward(Asked("POST", "/moto-api/reset", (), host, target="/moto-api/reset"))
        _seed(estate, f"http://127.0.0.1:{self._port}")

    def forward(self, asked: Asked) -> Reply:
        """moto's own answer to the request, unchanged."""
        upstream = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            upstream.request(asked.method, asked.target, asked.body or None, dict(asked.headers))
            response = upstream.getresponse()
            kept = {k: v for k, v in response.getheaders() if k.lower() in KEPT}
            return Reply(response.status, response.read(), kept)
        finally:
            upstream.close()

    def close(self) -> None:
        self._server.stop()


def _seed(estate: Estate, url: str) -> None:
    session = boto3.Session("seed", "seed", region_name=estate.region)
    s3, iam = (session.client(service, endpoint_url=url) for service in ("s3", "iam"))
    for name, bucket in estate.buckets.items():
        _bucket(s3, name, bucket)
    for name, role in estate.roles.items():
        allow = {"Effect": "Allow", "Principal": {"Service": role.trusts}, "Action": "sts:AssumeRole"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    s3.close()
    iam.close()


def _bucket(s3: Any, name: str, bucket: Bucket) -> None:
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bucket.lock is not None)
    if bucket.versioning:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": bucket.versioning})
    if bucket.lock and bucket.lock.mode:
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=_lock(bucket.lock))
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True))


def _lock(lock: Lock) -> dict[str, Any]:
    period = {"Days": lock.days} if lock.days else {"Years": lock.years}
    return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": lock.mode, **period}}}
