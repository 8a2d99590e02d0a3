"""Which project is meant, and how long it keeps its traces.

A project's name is looked up exactly. Several names in one batch are found in one reading of the list.
Retention: only what LangSmith says counts. A tier or period that is absent or null, as at older servers, is malformed:
a card names `source: attestation` for such a log. A server that does not know the question is blind. Out of scope: that
feedback lifts single traces to the longer tier, and what held for traces written before the setting was last changed
(LangSmith tells neither); an organisation's defaults, which only new projects take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import is_loopback
from collectors.errors import Blind, Gone, Malformed, Truncated
from collectors.evidence import Number, Origin, State, Window, pointer
from collectors.http import value_of
from collectors.langsmith.client import SCOPE
from collectors.several import Once
from collectors.wire import Json, Wire

PAGE, MOST_PAGES = 100, 50
BASE_DAYS = 14  # of the tier "shortlived", as LangSmith documents it; its servers elsewhere may be set otherwise
KEPT = ("id", "name", "tenant_id", "trace_tier", "longlived_ttl_days")
PROJECTS, WORKSPACE = "/api/v1/sessions", "/workspaces/current/ttl-settings"
_TIERS = {"shortlived": "shortlived", "longlived": "longlived", "short_lived": "shortlived", "long_lived": "longlived"}


class _Project(Wire):
    id: str
    name: str
    tenant_id: str | None = None


class _Workspace(Wire):
    longlived_ttl_days: int


@dataclass(frozen=True)
class Project:
    """`body` is what is kept of LangSmith's answer."""

    id: str
    name: str
    tenant: str
    body: Json


@dataclass(frozen=True)
class Kept:
    """How long new traces are kept; pointers lead into a body that holds `project` and, where asked, `workspace`."""

    days: Number
    tier: State
    decided_by: State
    workspace: Json | None = None


@dataclass
class Projects:
    """The projects of one batch's questions, each looked up once."""

    asking: Asking
    names: Sequence[str]

    def __post_init__(self) -> None:
        """Each is asked once by its path; a failure stands for every question of the batch that needs the same."""
        self._listed = Once(self.asking.log, self._list, self.asking.clock)
        self._told = Once(self.asking.log, self._tell, self.asking.clock)

    def find(self, name: str) -> Project:
        """The project of exactly this name; Gone when there is none."""
        told = self.asking.told(f"the project {name}", "GET", PROJECTS)
        found = [one for one in self._candidates(name) if one.get("name") == name]
        if not found:
            raise Gone(f"{told} knows no project of this name that the key may see", status=200)
        if len(found) > 1:
            raise Malformed(f"{told} gave {len(found)} projects of this one name", status=200)
        read = wire.read(_Project, found[0], told)
        return Project(read.id, read.name, read.tenant_id or "", wire.kept(found[0], KEPT))

    def _candidates(self, name: str) -> list[Json]:
        if len(set(self.names)) == 1:
            return self._page({"name": name, "limit": PAGE})
        return self._listed.of(PROJECTS).get().get(name, [])

    def _list(self, _path: str) -> dict[str, list[Json]]:
        listed: dict[str, list[Json]] = {}
        for number in range(MOST_PAGES):
            page = self._page({"limit": PAGE, "offset": number * PAGE})
            for one in page:
                listed.setdefault(str(one.get("name")), []).append(one)
            if len(page) < PAGE:
                return listed
        raise Truncated(f"LangSmith's list of projects did not end within {MOST_PAGES} pages of {PAGE}")

    def _page(self, params: Mapping[str, str | int]) -> list[Json]:
        told = self.asking.told("its projects", "GET", PROJECTS)
        response = self.asking.get(PROJECTS, "its projects", params)
        return wire.objects(value_of(response, told, scope=SCOPE), told)

    def kept(self, project: Project) -> Kept:
        """How long the project's new traces are kept; Blind where LangSmith does not say."""
        tier = _tier(project)
        if tier.value == "shortlived":
            return self._base(project, tier)
        if "longlived_ttl_days" not in project.body:
            raise _left_out(project, "tells no longlived_ttl_days (an older server does not)")
        days = project.body["longlived_ttl_days"]
        if days is None:
            return self._of_workspace(project, tier)
        at = pointer("project", "longlived_ttl_days")
        return Kept(_days(days, at, project), tier, State(value="project", pointer=at))

    def _base(self, project: Project, tier: State) -> Kept:
        where = self.asking.source
        if where.sandbox and not is_loopback(where.base_url):
            raise _silent(project, "is on a server whose base period LangSmith's API does not tell")
        base = Number(value=BASE_DAYS, unit="days", origin=Origin.CODE)
        return Kept(base, tier, State(value="tier", pointer=tier.pointer))

    def _of_workspace(self, project: Project, tier: State) -> Kept:
        told = self.asking.told("the workspace's retention", "GET", WORKSPACE)
        workspace = self._told.of(WORKSPACE).get()
        if workspace is None:
            raise _silent(project, "follows its workspace, whose retention this server does not tell")
        if workspace.get("longlived_ttl_days") is None:
            raise _left_out(project, "follows its workspace, of which no period is told")
        held = wire.read(_Workspace, workspace, told)
        if project.tenant and workspace.get("tenant_id") not in (None, project.tenant):
            raise Malformed(f"{told} answered for another workspace than the project's", status=200)
        at = pointer("workspace", "longlived_ttl_days")
        days = _days(held.longlived_ttl_days, at, project)
        return Kept(days, tier, State(value="workspace", pointer=at), workspace)

    def _tell(self, path: str) -> Json | None:
        """What is said of the workspace; None by a server that does not know the question."""
        response = self.asking.get(path, "the workspace's retention")
        if response.status_code == 404:
            return None
        value = value_of(response, self.asking.told("the workspace's retention", "GET", path), scope=SCOPE)
        return wire.kept(value, ("longlived_ttl_days", "tenant_id")) if isinstance(value, dict) else {}

    def must_hold(self, project: Project, window: Window) -> None:
        """Blind when runs of the window may have been deleted already: what is left is not all of it."""
        now = self.asking.clock()
        if window.start >= now - timedelta(days=BASE_DAYS):
            return
        days = self.kept(project).days.value
        if window.start < now - timedelta(days=days):
            raise Blind(
                f"LangSmith keeps the traces of {project.name} for {days:g} days and was asked for runs since "
                f"{window.start.isoformat()}: what is older is deleted, and is not missing because it never was",
                advice="Keep the project's traces longer (tier extended), or name another source on the card.",
            )


def projects(asking: Asking, names: Sequence[str]) -> Projects:
    return Projects(asking, tuple(names))


def _tier(project: Project) -> State:
    held = project.body.get("trace_tier")
    if held is None:
        raise _left_out(project, "names no trace tier")
    if not isinstance(held, str) or held.lower() not in _TIERS:
        raise Malformed(f"LangSmith's project {project.name} has a trace_tier that is not known here", status=200)
    return State(value=_TIERS[held.lower()], pointer=pointer("project", "trace_tier"))


def _days(value: JsonValue, at: str, project: Project) -> Number:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Malformed(f"LangSmith's project {project.name} is kept for no whole number of days", status=200)
    return Number(value=value, unit="days", pointer=at)


def _left_out(project: Project, why: str) -> Malformed:
    """What an answer lacks may have been lost on its way; a person's word stands in for blindness alone."""
    return Malformed(
        f"how long LangSmith keeps the traces of {project.name} is not in its answer: it {why}",
        status=200,
        advice="Check the item again; if it stays, name `source: attestation` for this log on the card and state it.",
    )


def _silent(project: Project, why: str) -> Blind:
    return Blind(
        f"how long LangSmith keeps the traces of {project.name} is not told: it {why}",
        advice="Set the project's retention at LangSmith itself, or let a person state it where the item allows that.",
    )
