"""Does Okta answer to the token that is set, and may it read applications?"""

from __future__ import annotations

from urllib.parse import urlsplit

from collectors import wire
from collectors.asking import conversation
from collectors.connections import Connections, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.http import value_of
from collectors.needs import NEEDS
from collectors.okta.client import SCOPE, SETTING, VENDOR, access_of, refused
from collectors.okta.identity import PATH
from collectors.skew import DateHeard

NEEDED = NEEDS["okta.identity"]


def check(conn: Connections) -> SourceCheck:
    """Asks for one application."""
    if conn.okta is None:
        sentence = f"{SETTING} is not set; the token needs {SCOPE}."
        return SourceCheck(vendor=VENDOR, state="not configured", sentence=sentence)
    heard = DateHeard(conn.clock)
    try:
        with conversation(conn, access_of(conn.okta)) as asking:
            heard.listen(asking.http)
            told = asking.told("one application", "GET", PATH)
            response = asking.get(PATH, "one application", {"limit": 1})
            if response.status_code != 200:
                raise refused(response, told)
            wire.objects(value_of(response, told), told)
    except SourceError as failure:
        return _failed(failure, heard.ahead)
    return SourceCheck(
        vendor=VENDOR, state="ok", account=(urlsplit(conn.okta.base_url).hostname or "")[:80], held=NEEDED,
        sentence="Okta answers and the token reads applications.", clock_ahead_s=heard.ahead,
    )  # fmt: skip


def _failed(failure: SourceError, ahead: float | None) -> SourceCheck:
    denied = isinstance(failure, Denied)
    return SourceCheck(
        vendor=VENDOR, state="refused" if denied else "unreachable", missing=NEEDED if denied else (),
        sentence=f"{failure.what}. {failure.next_step}", clock_ahead_s=ahead,
    )  # fmt: skip
