"""Can Datadog be reached with these keys, and how far back does its audit trail go? What `doctor` shows."""

from __future__ import annotations

from collections.abc import Callable

import urllib3
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi

from collectors.connections import BlindSpot, Connections, DatadogAccess, SourceCheck
from collectors.datadog import check_reads, views
from collectors.datadog.client import SETTINGS, Session, session
from collectors.datadog.reading import at
from collectors.errors import Blind, Denied, SourceError
from collectors.skew import DateHeard

MONITORS, AUDIT, VIEWS = "monitors_read", views.SCOPE, "datadog.dashboard_views"
NO_TRAIL = "the audit trail was not told, so nothing is known of who opened a dashboard"


def check(conn: Connections) -> SourceCheck:
    """Ask whether the API key is valid, and read one monitor with both keys; the account is the organisation's id.

    Then the oldest event of the audit trail, before which nobody's looks are known, and one small read for each other
    permission. A refusal of these is one missing permission and leaves the source reachable."""
    access = conn.datadog
    if access is None or not (access.api_key and access.app_key):
        return SourceCheck(vendor="datadog", state="not configured", sentence=f"Datadog: {SETTINGS} are not both set.")
    heard = DateHeard(conn.clock)
    with session(conn, access) as dd:
        told = _ask(dd, access, heard)
    return told.model_copy(update={"clock_ahead_s": heard.ahead})


def _ask(dd: Session, access: DatadogAccess, heard: DateHeard) -> SourceCheck:
    try:
        account = _account(dd, heard)
    except SourceError as failure:
        state = "refused" if isinstance(failure, Denied) else "unreachable"
        lacks = (MONITORS,) if failure.scope == MONITORS and failure.status == 403 else ()
        sentence = f"{failure.what}. {failure.next_step}"
        return SourceCheck(vendor="datadog", state=state, sentence=sentence, missing=lacks)
    held, missing, blind = _trail(dd)
    more_held, more_missing = check_reads.seen(dd)
    sentence = f"Datadog answers at {access.base_url}; both keys are accepted."
    return SourceCheck(
        vendor="datadog", state="ok", account=account, sentence=sentence,
        held=(MONITORS, *held, *more_held), missing=(*missing, *more_missing), blind=(blind,),
    )  # fmt: skip


def _account(dd: Session, heard: DateHeard) -> str:
    valid, read = dd.api(AuthenticationApi), dd.api(MonitorsApi)
    dd.ask("check of the API key", "a valid API key", _heard(heard, valid.validate))
    body = dd.ask("read of one monitor", MONITORS, _heard(heard, lambda: read.list_monitors(page=0, page_size=1)))
    first = body[0] if isinstance(body, list) and body else None
    org = at(first, "org_id")
    return str(org) if isinstance(org, int) else ""


def _heard(heard: DateHeard, call: Callable[[], object]) -> Callable[[], object]:
    """The same call; its answer's headers are heard on the way."""

    def listened() -> object:
        reply = call()
        if isinstance(reply, urllib3.BaseHTTPResponse):
            heard.hear(reply.headers)
        return reply

    return listened


def _trail(dd: Session) -> tuple[tuple[str, ...], tuple[str, ...], BlindSpot]:
    """Whether the audit trail may be read, and since when it holds anything."""
    try:
        event = views.oldest(dd)
        begins = views.begins(event)
    except Denied as failure:
        return (), (AUDIT,), BlindSpot(request=VIEWS, sentence=f"{NO_TRAIL}: {failure.what}")
    except Blind as failure:
        return (AUDIT,), (), BlindSpot(request=VIEWS, sentence=failure.what)
    except SourceError as failure:
        return (), (), BlindSpot(request=VIEWS, sentence=f"{NO_TRAIL}: {failure.what}")
    told = (
        f"Datadog's audit trail begins at {begins}, {(dd.conn.clock() - begins).days} days ago; who opened a dashboard "
        "before that cannot be known. "
        "Looks are read from that trail alone: what RUM has of them is not asked for, being no list of people"
    )
    return (AUDIT,), (), BlindSpot(request=VIEWS, sentence=told, since=begins)
