"""Collector `cloudtrail.rotations`: when a secret or a user's keys were replaced, by the account's event history.

The history is searched by event name (one attribute a lookup), and what it says is held against the secret's labels, or
the keys that exist, now. The lookups are made once for all questions; labels are asked of each secret, since they
decide here alone and the account's list of secrets may lag. A hint without proof is a gap: the service's own events
(RotationSucceeded) are not confirmed in the vendor's contract, and neither is that IAM's events lie in us-east-1. Out
of scope: trails kept in S3, data events, Regions other than the secret's, and who did it: `Username` may be a
session's name, and is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import replace

import boto3
from botocore.exceptions import UnknownRegionError

from collectors.aws.client import SETTING, Account, Asking, answer_all
from collectors.aws.facts import TrailRotationsAsk
from collectors.aws.trail import HISTORY, Trail
from collectors.aws.trail_subjects import ADVICE, of_secret, of_user
from collectors.connections import AwsAccess, Connections, not_configured
from collectors.errors import Blind, SourceError
from collectors.evidence import Answer, Evidence, Source

OneAnswer = Callable[[Asking, TrailRotationsAsk, Trail, Account], Evidence]


def rotations(conn: Connections, asks: Sequence[TrailRotationsAsk]) -> Iterable[Answer]:
    """Replacements of a secret or of a user's keys that CloudTrail's event history proves, and its hints."""
    if conn.aws is None:
        return not_configured("aws", asks, conn.clock(), SETTING)
    home = replace(conn, aws=_home(conn.aws))
    secrets = iter(_batch(conn, [ask for ask in asks if ask.secret is not None], "secretsmanager", of_secret))
    users = iter(_batch(home, [ask for ask in asks if ask.secret is None], "iam", of_user))
    return [next(secrets if ask.secret is not None else users) for ask in asks]


def _home(access: AwsAccess) -> AwsAccess:
    """Where the partition is said to record what belongs to no Region."""
    try:
        partition = boto3.Session().get_partition_for_region(access.region)
    except UnknownRegionError:
        return access
    return replace(access, region="us-east-1") if partition == "aws" else access


def _batch(conn: Connections, asks: Sequence[TrailRotationsAsk], service: str, answer: OneAnswer) -> list[Answer]:
    """Asks that share lookups; `service` is asked too, so that a name that nothing bears is not "never rotated"."""
    if not asks or conn.aws is None:
        return []
    try:
        account = Account(conn, conn.aws, service)
    except SourceError as failure:
        asked = Source(vendor="aws", base_url=conn.aws.endpoint_url or "")
        return [failure.gap(ask, asked, conn.clock()) for ask in asks]
    trail = Trail()

    def one(asking: Asking, ask: TrailRotationsAsk) -> Evidence:
        _refuse_what_is_not_kept(asking, ask)
        return answer(asking, ask, trail, account)

    with closing(account):
        return list(answer_all(conn, asks, "cloudtrail", one))


def _refuse_what_is_not_kept(asking: Asking, ask: TrailRotationsAsk) -> None:
    begins, start = asking.at - HISTORY, ask.window.start.isoformat()
    advice = ADVICE["user" if ask.secret is None else "secret"]
    if ask.window.start < begins:
        raise Blind(
            f"aws cloudtrail goes back ninety days, to {begins.isoformat()}; the window begins {start}", advice=advice
        )
    if ask.window.start >= asking.at:
        raise Blind(f"aws cloudtrail was not asked: the window begins {start}, which is to come", advice=advice)
