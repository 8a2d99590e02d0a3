"""The way to one organisation's Okta API: its list of applications, and nothing else.

Plain HTTP on purpose: Okta's own client is asynchronous and refuses a whole page for one unknown value; one list needs
neither. The token needs to read applications (scope okta.apps.read; for an SSWS token, the role Read-only
administrator). An application's secrets come with their values, so that path is not on the allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from collectors.asking import Access, Asking, ask_all
from collectors.connections import Connections, OktaAccess, R, not_configured, source
from collectors.errors import SourceError, Throttled, from_status
from collectors.evidence import Answer
from collectors.http import Allowed, Response

VENDOR, NAME, SETTING = "okta", "Okta", "OKTA_TOKEN or CLEARANCE_OKTA_URL"
OWN_HOSTS = ("okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com")
SCOPE = "the scope okta.apps.read"
ALLOWED = (Allowed("GET", "/api/v1/apps"), Allowed("GET", "/api/v1/apps/0oa[A-Za-z0-9]{17}"))
AT_ONCE = 4  # questions; so few calls a second are our share that no more could be waited for


def access_of(access: OktaAccess) -> Access:
    scheme = "Bearer" if access.token.count(".") == 2 else "SSWS"  # an OAuth access token has three parts
    headers = {"authorization": f"{scheme} {access.token}", "accept": "application/json"}
    return Access(NAME, source(VENDOR, access.base_url, access.token, own_hosts=OWN_HOSTS), ALLOWED, headers)


def answer_all(
    conn: Connections, asks: Sequence[R], answering: Callable[[Asking], Callable[[R], Answer]]
) -> Iterable[Answer]:
    """One answer a question over one client, several at a time; not configured without token and address."""
    if conn.okta is None:
        return not_configured(VENDOR, asks, conn.clock(), SETTING)
    return ask_all(conn, access_of(conn.okta), asks, answering, AT_ONCE)


def refused(response: Response, told: str) -> SourceError:
    """What an answer other than 200 stands for, with the instant at which a limit resets."""
    reset = response.headers.get("x-rate-limit-reset", "")
    if response.status_code == 429 and re.fullmatch(r"\d{10}", reset):
        until = datetime.fromtimestamp(int(reset), UTC).isoformat()
        return Throttled(f"{told} answered 429: the rate limit is used up until {until}", status=429)
    return from_status(response.status_code, told, scope=SCOPE)
