"""Can Datadog be reached with these keys? What `doctor` shows."""

from __future__ import annotations

from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi

from collectors.connections import Connections, SourceCheck
from collectors.datadog.client import SETTINGS, Session, session
from collectors.datadog.reading import at
from collectors.errors import Denied, SourceError


def check(conn: Connections) -> SourceCheck:
    """Ask whether the API key is valid, and read one monitor with both keys; the account is the organisation's id."""
    access = conn.datadog
    if access is None or not (access.api_key and access.app_key):
        return SourceCheck(
            vendor="datadog", state="not configured", account="", sentence=f"Datadog: {SETTINGS} are not both set."
        )
    with session(conn, access) as dd:
        try:
            account = _account(dd)
        except SourceError as failure:
            state = "refused" if isinstance(failure, Denied) else "unreachable"
            return SourceCheck(
                vendor="datadog", state=state, account="", sentence=f"{failure.what}. {failure.next_step}"
            )
    sentence = f"Datadog answers at {access.base_url}; both keys are accepted."
    return SourceCheck(vendor="datadog", state="ok", account=account, sentence=sentence)


def _account(dd: Session) -> str:
    dd.ask("check of the API key", "a valid API key", lambda: dd.api(AuthenticationApi).validate())
    read = dd.api(MonitorsApi)
    body = dd.ask("read of one monitor", "monitors_read", lambda: read.list_monitors(page=0, page_size=1))
    first = body[0] if isinstance(body, list) and body else None
    org = at(first, "org_id")
    return str(org) if isinstance(org, int) else ""
