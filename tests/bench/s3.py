"""3: what S3 keeps in a thousand buckets, against a loop over boto3 that makes the same calls on the same server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from collectors.aws.facts import RetentionAsk
from collectors.connections import AwsAccess, Connections
from collectors.evidence import Evidence
from collectors.registry import REQUESTS
from tests.bench import vendors
from tests.bench.table import Row, Spent, spent

BUCKETS, THREADS, SAMPLE = 1000, 64, 10
OF_THE_LOOP, OF_ONE_BY_ONE = 1.3, 30.0
CALLS = (
    "get_bucket_versioning", "get_bucket_lifecycle_configuration", "get_object_lock_configuration",
    "get_bucket_replication",
)  # fmt: skip


def rows(buckets: int = BUCKETS, sample: int = SAMPLE) -> Iterator[Row]:
    """Ours and the loop in turn, twice: the better of each. One by one is reckoned from a sample of buckets."""
    with vendors.process("aws", buckets, enforced=False) as line:
        world = vendors.subjects.world(0, ())
        keys = world.credentials
        access = AwsAccess(keys.aws_access_key, keys.aws_secret_key, endpoint_url=line.url)
        asks = [RetentionAsk(bucket=f"subject-{i}-audit", prefix="finance-invoice-recon/") for i in range(buckets)]
        _ours(access, asks[:1], world.clock)  # imports, and the SDK's models of its services
        ours = [_ours(access, asks, world.clock) for _ in range(2)]
        loop = [_loop(access, asks) for _ in range(2)]
        one = _one_by_one(access, asks[:sample]) * buckets / sample
    best, theirs = (min(found, key=lambda one: one.wall) for found in (ours, loop))
    told = f"ours {best.wall:.1f} s ({best.cpu:.1f} s CPU), loop {theirs.wall:.1f} s ({theirs.cpu:.1f} s CPU)"
    what = f"S3 retention of {buckets:,} buckets, times the loop in {THREADS} threads"
    yield Row("3", what, best.wall / theirs.wall, "x", OF_THE_LOOP, note=told)
    note = f"one by one {one:.0f} s, reckoned from {sample} buckets"
    yield Row("3", "the same, times faster than one by one", one / best.wall, "x", OF_ONE_BY_ONE, True, note)


def _ours(access: AwsAccess, asks: Sequence[RetentionAsk], now: datetime) -> Spent:
    conn = Connections(clock=lambda: now, aws=access)
    with spent() as found:
        answers = REQUESTS["s3.retention"].collector()(conn, asks)
    if not all(isinstance(answer, Evidence) for answer in answers):
        raise RuntimeError(next(answer for answer in answers if not isinstance(answer, Evidence)))
    return found


def _loop(access: AwsAccess, asks: Sequence[RetentionAsk]) -> Spent:
    """What somebody would write: one client, a pool of threads, the four calls of each bucket."""
    with spent() as found:
        client = _client(access, THREADS)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(partial(_bucket, client), asks))
    return found


def _one_by_one(access: AwsAccess, asks: Sequence[RetentionAsk]) -> float:
    client = _client(access, 1)
    _bucket(client, asks[0])
    with spent() as found:
        for ask in asks:
            _bucket(client, ask)
    return found.wall


def _client(access: AwsAccess, threads: int) -> Any:
    return boto3.client(
        "s3", endpoint_url=access.endpoint_url, region_name="us-east-1", aws_access_key_id=access.access_key,
        aws_secret_access_key=access.secret_key,
        config=Config(max_pool_connections=threads, retries={"mode": "standard", "total_max_attempts": 3}),
    )  # fmt: skip


def _bucket(client: Any, ask: RetentionAsk) -> None:
    for name in CALLS:
        call: Callable[..., Any] = getattr(client, name)
        try:
            call(Bucket=ask.bucket, ExpectedBucketOwner="123456789012")
        except ClientError as error:
            if "NotFound" not in error.response["Error"]["Code"]:
                raise
