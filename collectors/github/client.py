"""The way to GitHub's REST API: a few reads of named repositories, nothing else.

Plain HTTP on purpose: GitHub has no Python client of its own, and so few reads need none. The token needs the
fine-grained permissions that config/policies/github.md names for what is asked, and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from collectors.asking import Access, Asking, ask_all
from collectors.connections import Connections, GitHubAccess, R, not_configured, source
from collectors.errors import Gone, SourceError, Throttled, from_status
from collectors.evidence import Answer
from collectors.http import Allowed, Response

VENDOR, NAME, SETTING = "github", "GitHub", "GITHUB_TOKEN"
OWN_HOSTS = ("github.com",)
SCOPE = "the permission Contents: read on the repository"
API_VERSION = "2022-11-28"
_REPOSITORY = r"(/api/v3)?/repos/[A-Za-z0-9-]+/[A-Za-z0-9._-]+"  # /api/v3: GitHub Enterprise Server
ALLOWED = (
    Allowed("GET", "(/api/v3)?/rate_limit"),
    Allowed("GET", "(/api/v3)?/user/repos"),  # these two for `cards discover` alone
    Allowed("GET", "(/api/v3)?/installation/repositories"),
    Allowed("GET", _REPOSITORY),
    Allowed("GET", _REPOSITORY + "/code-scanning/analyses"),
    Allowed("GET", _REPOSITORY + "/code-scanning/alerts"),
    Allowed("GET", _REPOSITORY + "/dependabot/alerts"),
    Allowed("GET", _REPOSITORY + r"/rules/branches/[A-Za-z0-9._%-]+"),
    Allowed("GET", _REPOSITORY + r"/branches/[A-Za-z0-9._%-]+/protection"),
    Allowed("GET", _REPOSITORY + "/commits"),
    Allowed("GET", _REPOSITORY + "/contents/.+"),
    Allowed("GET", _REPOSITORY + r"/actions/workflows/[A-Za-z0-9._-]+\.ya?ml/runs"),
)
AT_ONCE = 4  # questions; so few calls a second are our share that no more could be waited for


def access_of(access: GitHubAccess) -> Access:
    headers = {
        "authorization": f"Bearer {access.token}", "x-github-api-version": API_VERSION,
        "accept": "application/vnd.github+json",
    }  # fmt: skip
    return Access(NAME, source(VENDOR, access.base_url, access.token, own_hosts=OWN_HOSTS), ALLOWED, headers)


def answer_all(
    conn: Connections, asks: Sequence[R], answering: Callable[[Asking], Callable[[R], Answer]]
) -> Iterable[Answer]:
    """One answer a question over one client, several at a time; not configured without a token."""
    if conn.github is None:
        return not_configured(VENDOR, asks, conn.clock(), SETTING)
    return ask_all(conn, access_of(conn.github), asks, answering, AT_ONCE)


def refused(response: Response, told: str, scope: str = SCOPE) -> SourceError:
    """What an answer other than 200 stands for: a limit hides behind 403, a missing right behind 404."""
    status = response.status_code
    if status in (403, 429) and _limited(response):
        return Throttled(f"{told} answered {status}: the rate limit is used up{_until(response)}", status=status)
    if status == 404:
        return Gone(
            f"{told} answered 404: it does not exist, or the token may not see it (GitHub tells them not apart)",
            scope=scope, status=status,
            advice=f"Check the names on the card, and give the token {scope}.",
        )  # fmt: skip
    if status == 409:
        return Gone(f"{told} answered 409: the repository is empty", status=status)
    if status in (301, 302, 307, 308):
        return Gone(
            f"{told} answered {status}: it has moved", status=status, advice="Write its new name on the card."
        )  # fmt: skip
    return from_status(status, told, scope=_needed(response, scope))


def _needed(response: Response, scope: str) -> str:
    """What GitHub says to a fine-grained token that the call needs ("contents=read"), or what we know of it."""
    said = response.headers.get("x-accepted-github-permissions", "")
    return f"{scope} ({said})" if re.fullmatch(r"\w+=\w+([;,] ?\w+=\w+){0,9}", said) else scope


def _limited(response: Response) -> bool:
    return (
        response.status_code == 429
        or response.headers.get("x-ratelimit-remaining") == "0"
        or "retry-after" in response.headers
    )


def _until(response: Response) -> str:
    """When GitHub says that its limit resets (epoch seconds, or seconds from now)."""
    reset, wait = response.headers.get("x-ratelimit-reset", ""), response.headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,6}", wait):
        return f", for another {wait} s"
    return f" until {datetime.fromtimestamp(int(reset), UTC).isoformat()}" if re.fullmatch(r"\d{10}", reset) else ""
