"""Does Okta answer to the token that is set, and may it read applications?"""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from collectors import wire
from collectors.asking import conversation
from collectors.connections import Connections, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.http import value_of
from collectors.okta.client import SCOPE, SETTING, VENDOR, access_of, refused
from collectors.okta.identity import PATH

Standing = Literal["ok", "refused", "unreachable", "not configured"]


def check(conn: Connections) -> SourceCheck:
    """Asks for one application."""
    if conn.okta is None:
        return _said("not configured", f"{SETTING} is not set; the token needs {SCOPE}.")
    heard = DateHeard(conn.clock)
    try:
        with conversation(conn, access_of(conn.okta)) as asking:
            told = asking.told("one application", "GET", PATH)
            response = asking.get(PATH, "one application", {"limit": 1})
            if response.status_code != 200:
                raise refused(response, told)
            wire.objects(value_of(response, told), told)
    except SourceError as failure:
        state: Standing = "refused" if isinstance(failure, Denied) else "unreachable"
        return _said(state, f"{failure.what}. {failure.next_step}")
    return _said("ok", "Okta answers and the token reads applications.", urlsplit(conn.okta.base_url).hostname or "")


def _said(state: Standing, sentence: str, account: str = "") -> SourceCheck:
    return SourceCheck(vendor=VENDOR, state=state, account=account[:80], sentence=sentence)
