"""Is AWS reachable with these credentials, as whom, and what is known beforehand of what they may do?

A permission on one bucket, secret, role or user is known only when that one is asked: what is granted of the one on the
card may be denied of any other name. The event history belongs to nothing of the kind, so reading one event tells.
"""

from __future__ import annotations

from contextlib import closing
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from collectors.aws.client import ALLOWED, SETTING, Account, read
from collectors.aws.trail import HISTORY
from collectors.connections import AwsAccess, BlindSpot, Connections, SourceCheck
from collectors.errors import Denied, NotConfigured, SourceError
from collectors.skew import DateHeard


class _Caller(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str = Field(alias="Account")
    arn: str = Field(alias="Arn")


LOOK_UP = ALLOWED["cloudtrail", "LookupEvents"]
TRAIL = "CloudTrail's event history goes back ninety days; a rotation before that cannot be known from it"


def check(conn: Connections) -> SourceCheck:
    """Ask STS who we are, which needs no permission, and CloudTrail for one event, which does."""
    heard = DateHeard(conn.clock)
    if conn.aws is None:
        return SourceCheck(vendor="aws", state="not configured", account="", sentence=f"{SETTING} are not set")
    try:
        with closing(Account(conn, conn.aws, "sts")) as sts:
            sts.hear_dates(heard)
            told = sts.call(conn.log("aws"), "GetCallerIdentity", {}).body
        caller = read(_Caller, told, "aws sts:GetCallerIdentity")
    except SourceError as failure:
        return SourceCheck(vendor="aws", state=_state(failure), sentence=failure.what, clock_ahead_s=heard.ahead)
    held, missing = _history(conn, conn.aws)
    return SourceCheck(
        vendor="aws", state="ok", account=caller.account, clock_ahead_s=heard.ahead, held=held, missing=missing,
        sentence=f"AWS answers as {caller.arn} of account {caller.account}",
        blind=(BlindSpot(request="cloudtrail.rotations", sentence=TRAIL, since=conn.clock() - HISTORY),),
    )  # fmt: skip


def _history(conn: Connections, access: AwsAccess) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Is the event history ours to read: held, missing, or, where nobody answered, neither."""
    try:
        with closing(Account(conn, access, "cloudtrail")) as trail:
            trail.call(conn.log("aws"), "LookupEvents", {"MaxResults": 1})
    except Denied as failure:
        return (), (LOOK_UP,) if failure.scope else ()
    except SourceError:
        return (), ()
    return (LOOK_UP,), ()


def _state(failure: SourceError) -> Literal["refused", "unreachable", "not configured"]:
    if isinstance(failure, NotConfigured):
        return "not configured"
    return "refused" if isinstance(failure, Denied) else "unreachable"
