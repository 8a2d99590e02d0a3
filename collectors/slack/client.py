"""The way to Slack's Web API for reading what is scheduled: its own client and token, apart from those that post.

Plain HTTP on purpose: Slack's own client sends everything as POST and can call every method that the token may; here
three methods are asked by GET and the allow-list holds no other. Slack asks no scope for listing scheduled messages,
and shows a token only what its own app has scheduled: the token must be that of the app which schedules. Channels are
listed for `cards discover` alone, which takes the scope channels:read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from collectors.asking import Access, Asking, ask_all
from collectors.connections import Connections, R, SlackAccess, not_configured, source
from collectors.errors import Denied, Gone, Malformed, SourceError, Throttled, Unreachable
from collectors.evidence import Answer
from collectors.http import Allowed, Response, json_of
from collectors.wire import Json

VENDOR, NAME, SETTING = "slack", "Slack", "SLACK_BOT_TOKEN"
OWN_HOSTS = ("slack.com",)
SCOPE = "the token of the app that scheduled the messages (Slack asks no scope for reading them)"
ALLOWED = (
    Allowed("GET", "/api/auth.test"),
    Allowed("GET", "/api/chat.scheduledMessages.list"),
    Allowed("GET", "/api/conversations.list"),
)

_DENIED = {
    "not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "no_permission",
    "missing_scope", "org_login_required", "ekm_access_denied", "not_allowed_token_type", "access_denied",
    "two_factor_setup_required", "team_access_not_granted", "enterprise_is_restricted",
}  # fmt: skip
_GONE = {"invalid_channel", "channel_not_found", "not_in_channel", "is_archived"}
_THROTTLED = {"ratelimited", "rate_limited"}
_UNREACHABLE = {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}


def access_of(access: SlackAccess) -> Access:
    where = source(VENDOR, access.base_url, access.token, own_hosts=OWN_HOSTS)
    headers = {"authorization": f"Bearer {access.token}", "accept": "application/json"}
    return Access(NAME, where, ALLOWED, headers)


def answer_all(
    conn: Connections, asks: Sequence[R], answering: Callable[[Asking], Callable[[R], Answer]]
) -> Iterable[Answer]:
    """One answer a question over one client; not configured without a token."""
    if conn.slack is None:
        return not_configured(VENDOR, asks, conn.clock(), SETTING)
    return ask_all(conn, access_of(conn.slack), asks, answering)


def body_of(response: Response, told: str) -> Json:
    """The answer, once it says that it is one: Slack's failures come as 200 with `ok: false`."""
    body = json_of(response, told, scope=SCOPE)
    if body.get("ok") is True:
        return body
    if body.get("ok") is not False:
        raise Malformed(f"{told} answered 200 and says neither ok nor not", status=200)
    raise _refused(body, told)


def _refused(body: Json, told: str) -> SourceError:
    error = _word(body.get("error"))
    said = f"{told} answered 200 with the error {error or 'that it does not name'}"
    if error in _DENIED:
        scope = _word(body.get("needed")) or SCOPE
        return Denied(f"{said}; it needs {scope}", scope=scope, status=200)
    if error in _GONE:
        return Gone(said, status=200, advice="Write the channel's id (C…) on the card, not its name.")
    if error in _THROTTLED:
        return Throttled(said, status=200)
    return (Unreachable if error in _UNREACHABLE else Malformed)(said, status=200)


def _word(value: object) -> str:
    """An error's or a scope's name, or "" for whatever else stands there."""
    return value if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9_:.,-]{0,79}", value) else ""
