"""Does GitHub answer to the token that is set?

A token of the older kind names its scopes with every answer. A fine-grained one names none: with every answer it says
when it expires, and to a call that it may not make which permission that takes. Which repositories it may read shows
only when one is asked for (see `tries`), and a repository that it may not see is a 404 (see `client.refused`).
"""

from __future__ import annotations

import re
from typing import Literal

from collectors.asking import conversation
from collectors.connections import Connections, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.github.client import SCOPE, SETTING, VENDOR, access_of, refused
from collectors.needs import NEEDS
from collectors.skew import DateHeard

Standing = Literal["ok", "refused", "unreachable", "not configured"]
PATH = "/rate_limit"
EXPIRES = re.compile(r"\d{4}-\d\d-\d\d")


def check(conn: Connections) -> SourceCheck:
    """Asks for the rate limit, which costs nothing and is refused to a wrong token."""
    if conn.github is None:
        return _said("not configured", f"{SETTING} is not set; the token needs {SCOPE}.")
    heard = DateHeard(conn.clock)
    try:
        with conversation(conn, access_of(conn.github)) as asking:
            heard.listen(asking.http)
            response = asking.get(PATH, "the rate limit")
            if response.status_code != 200:
                raise refused(response, asking.told("the rate limit", "GET", PATH))
            left = response.headers.get("x-ratelimit-remaining", "")
            scopes = {one.strip() for one in response.headers.get("x-oauth-scopes", "").split(",")}
            expires = EXPIRES.match(response.headers.get("github-authentication-token-expiration", ""))
    except SourceError as failure:
        state: Standing = "refused" if isinstance(failure, Denied) else "unreachable"
        return _said(state, f"{failure.what}. {failure.next_step}", heard.ahead)
    told = f", {left} calls left in this hour" if left.isdigit() else ""
    told += f", and it expires on {expires[0]}" if expires else ""
    needed = "it needs what config/policies/github.md lists for each repository that a card names"
    sentence = f"GitHub answers to the token{told}; {needed}."
    held = (*NEEDS["github.workflow_runs"], *NEEDS["github.vulnerabilities"]) if "repo" in scopes else ()
    return _said("ok", sentence, heard.ahead).model_copy(update={"held": held})


def _said(state: Standing, sentence: str, ahead: float | None = None) -> SourceCheck:
    return SourceCheck(vendor=VENDOR, state=state, sentence=sentence, clock_ahead_s=ahead)
