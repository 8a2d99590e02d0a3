"""Does Slack answer to the token that is set, and as which app in which workspace?"""

from __future__ import annotations

from typing import Literal

from collectors import wire
from collectors.asking import conversation
from collectors.connections import Connections, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.skew import DateHeard
from collectors.slack.client import SCOPE, SETTING, VENDOR, access_of, body_of
from collectors.wire import Wire

Standing = Literal["ok", "refused", "unreachable", "not configured"]
PATH = "/api/auth.test"


class _Caller(Wire):
    team_id: str
    user_id: str


def check(conn: Connections) -> SourceCheck:
    """Asks who the token is; whether its app schedules the messages of a card nobody but people know."""
    if conn.slack is None:
        return _said("not configured", f"{SETTING} is not set; it must be {SCOPE}.")
    heard = DateHeard(conn.clock)
    try:
        with conversation(conn, access_of(conn.slack)) as asking:
            heard.listen(asking.http)
            told = asking.told("who we are", "GET", PATH)
            caller = wire.read(_Caller, body_of(asking.get(PATH, "who we are"), told), told)
    except SourceError as failure:
        state: Standing = "refused" if isinstance(failure, Denied) else "unreachable"
        return _said(state, f"{failure.what}. {failure.next_step}", ahead=heard.ahead)
    sentence = f"Slack answers to user {caller.user_id[:40]}; only what this app has scheduled itself can be seen."
    return _said("ok", sentence, caller.team_id, heard.ahead)


def _said(state: Standing, sentence: str, account: str = "", ahead: float | None = None) -> SourceCheck:
    return SourceCheck(vendor=VENDOR, state=state, account=account[:80], sentence=sentence, clock_ahead_s=ahead)
