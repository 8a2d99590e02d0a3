"""Does LangSmith answer to the key that is set, and may the key read projects and the workspace's retention?"""

from __future__ import annotations

from typing import Literal

from collectors import wire
from collectors.asking import Asking, conversation
from collectors.connections import Connections, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.http import value_of
from collectors.langsmith.client import SCOPE, SETTING, VENDOR, access_of
from collectors.langsmith.project import PROJECTS, WORKSPACE

Standing = Literal["ok", "refused", "unreachable", "not configured"]


def check(conn: Connections) -> SourceCheck:
    """One cheap list of projects, then the workspace's retention."""
    if conn.langsmith is None:
        return _said("not configured", f"{SETTING} is not set; the key needs {SCOPE}.")
    heard = DateHeard(conn.clock)
    try:
        with conversation(conn, access_of(conn.langsmith)) as asking:
            return _ask(asking)
    except SourceError as failure:
        state: Standing = "refused" if isinstance(failure, Denied) else "unreachable"
        return _said(state, f"{failure.what}. {failure.next_step}")


def _ask(asking: Asking) -> SourceCheck:
    told = asking.told("its projects", "GET", PROJECTS)
    listed = wire.objects(value_of(asking.get(PROJECTS, "its projects", {"limit": 1}), told, scope=SCOPE), told)
    tenant = str(listed[0].get("tenant_id") or "") if listed else ""
    blind = asking.get(WORKSPACE, "the workspace's retention").status_code != 200
    note = "; the workspace's retention is not told, which leaves a project without its own blind" if blind else ""
    return _said("ok", f"LangSmith answers and the key reads projects{note}.", tenant)


def _said(state: Standing, sentence: str, account: str = "") -> SourceCheck:
    return SourceCheck(vendor=VENDOR, state=state, account=account[:80], sentence=sentence)
