"""Is AWS reachable with these credentials, and as whom? For `clearance doctor`."""

from __future__ import annotations

from contextlib import closing
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from collectors.aws.client import SETTING, Account, read
from collectors.connections import Connections, SourceCheck
from collectors.errors import Denied, NotConfigured, SourceError
from collectors.skew import DateHeard


class _Caller(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    account: str = Field(alias="Account")
    arn: str = Field(alias="Arn")


def check(conn: Connections) -> SourceCheck:
    """Ask STS who we are; this needs no permission, so it tells nothing of the permissions we hold."""
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
    sentence = f"AWS answers as {caller.arn} of account {caller.account}"
    return SourceCheck(vendor="aws", state="ok", account=caller.account, sentence=sentence, clock_ahead_s=heard.ahead)


def _state(failure: SourceError) -> Literal["refused", "unreachable", "not configured"]:
    if isinstance(failure, NotConfigured):
        return "not configured"
    return "refused" if isinstance(failure, Denied) else "unreachable"
