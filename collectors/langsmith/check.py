"""Does LangSmith answer to the key that is set, and may the key read projects, runs and the workspace's retention?"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking, conversation
from collectors.connections import BlindSpot, Connections, SourceCheck
from collectors.errors import Denied, SourceError
from collectors.http import value_of
from collectors.langsmith.client import SCOPE, SETTING, VENDOR, access_of
from collectors.langsmith.project import PROJECTS, WORKSPACE
from collectors.langsmith.stats import PATH as STATS
from collectors.needs import NEEDS
from collectors.skew import DateHeard
from collectors.wire import Json

Standing = Literal["ok", "refused", "unreachable", "not configured"]
PROJECTS_READ, WORKSPACES = NEEDS["langsmith.retention"]
_, RUNS_READ = NEEDS["langsmith.run_stats"]
LATELY = timedelta(hours=1)
UNTOLD = "the workspace's retention is not told, which leaves a project without its own blind"


def check(conn: Connections) -> SourceCheck:
    """One cheap list of projects, then the workspace's retention and the statistics of one project's last hour."""
    if conn.langsmith is None:
        return _said("not configured", f"{SETTING} is not set; the key needs {SCOPE}.")
    heard = DateHeard(conn.clock)
    try:
        with conversation(conn, access_of(conn.langsmith)) as asking:
            heard.listen(asking.http)
            told = _ask(asking)
    except SourceError as failure:
        state: Standing = "refused" if isinstance(failure, Denied) else "unreachable"
        told = _said(state, f"{failure.what}. {failure.next_step}")
    return told.model_copy(update={"clock_ahead_s": heard.ahead})


def _ask(asking: Asking) -> SourceCheck:
    told = asking.told("its projects", "GET", PROJECTS)
    listed = wire.objects(value_of(asking.get(PROJECTS, "its projects", {"limit": 1}), told, scope=SCOPE), told)
    tenant = str(listed[0].get("tenant_id") or "") if listed else ""
    status = asking.get(WORKSPACE, "the workspace's retention").status_code
    runs = _runs(asking, listed[0].get("id") if listed else None)
    missing = tuple(name for name, code in ((WORKSPACES, status), (RUNS_READ, runs)) if code in (401, 403))
    note = "" if status == 200 else f"; {UNTOLD}"
    spots = () if status == 200 else (BlindSpot(request="langsmith.retention", sentence=UNTOLD),)
    held = (PROJECTS_READ, *(name for name, code in ((WORKSPACES, status), (RUNS_READ, runs)) if code == 200))
    told_ok = _said("ok", f"LangSmith answers and the key reads projects{note}.", tenant)
    return told_ok.model_copy(update={"held": held, "missing": missing, "blind": spots})


def _runs(asking: Asking, project: JsonValue) -> int:
    """The status of a question about a project's runs; 0 where there is no project to ask about."""
    if not isinstance(project, str):
        return 0
    since = (asking.clock() - LATELY).isoformat()
    body: Json = {"session": [project], "start_time": since, "is_root": True}
    return asking.post(STATS, "the runs of one project", body).status_code


def _said(state: Standing, sentence: str, account: str = "") -> SourceCheck:
    return SourceCheck(vendor=VENDOR, state=state, account=account[:80], sentence=sentence)
