"""Does PagerDuty answer to the key that is set, and may the key read all that is asked for?"""

from __future__ import annotations

from collectors.connections import Connections, PagerDutyAccess, SourceCheck
from collectors.errors import Denied, NotConfigured, SourceError
from collectors.pagerduty import client
from collectors.pagerduty.client import Reader
from collectors.pagerduty.reading import Node, account_of

# One cheap list for each permission that the collectors use.
READS = ("services", "escalation_policies", "oncalls", "users", "incidents", "priorities")


def check(conn: Connections) -> SourceCheck:
    """One sentence about the account, the kind of key, and the first permission that is missing."""
    if conn.pagerduty is None:
        return _said("not configured", f"{client.SETTING} is not set.")
    try:
        with client.reading(conn, conn.pagerduty) as reader:
            return _ask(reader, conn.pagerduty)
    except SourceError as failure:
        return _failed(failure)


def _ask(reader: Reader, access: PagerDutyAccess) -> SourceCheck:
    reader.get("/abilities", {}, scope="abilities.read")
    account = ""
    for name in READS:
        got = reader.get(f"/{name}", {"limit": 1}, scope=f"{name}.read")
        account = account or next(map(account_of, Node(got.body)[name]), "")
    whose = "the sandbox" if client.source(access).sandbox else "PagerDuty"
    return _said("ok", f"{whose} answers and the key reads {', '.join(READS)}.", account)


def _failed(failure: SourceError) -> SourceCheck:
    sentence = f"{failure.what}. {failure.next_step}"
    if isinstance(failure, NotConfigured):
        return _said("not configured", sentence)
    return _said("refused" if isinstance(failure, Denied) else "unreachable", sentence)


def _said(state: str, sentence: str, account: str = "") -> SourceCheck:
    return SourceCheck.model_validate(
        {"vendor": "pagerduty", "state": state, "account": account, "sentence": sentence}
    )  # fmt: skip
