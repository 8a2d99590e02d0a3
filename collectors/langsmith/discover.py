"""Which projects LangSmith has."""

from __future__ import annotations

from collections.abc import Iterator

from collectors import wire
from collectors.asking import Asking, conversation
from collectors.connections import Connections
from collectors.discovery import Listing, Named, endless, listed, unseen
from collectors.errors import NotConfigured
from collectors.http import value_of
from collectors.langsmith.client import SCOPE, SETTING, VENDOR, access_of
from collectors.langsmith.project import MOST_PAGES, PAGE, PROJECTS
from collectors.wire import Wire


class _Project(Wire):
    name: str
    description: str | None = None


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Every project that the key may see."""
    if conn.langsmith is None:
        return [unseen(VENDOR, "project", NotConfigured(f"LangSmith was not asked: {SETTING} is not set"))]
    with conversation(conn, access_of(conn.langsmith)) as asking:
        return [listed(VENDOR, "project", lambda: _projects(asking))]


def _projects(asking: Asking) -> Iterator[Named]:
    told = asking.told("its projects", "GET", PROJECTS)
    for number in range(MOST_PAGES):
        response = asking.get(PROJECTS, "its projects", {"limit": PAGE, "offset": number * PAGE})
        page = wire.objects(value_of(response, told, scope=SCOPE), told)
        for one in (wire.read(_Project, held, told) for held in page):
            yield Named(kind="project", id=one.name, name=one.name, said=one.description or "")
        if len(page) < PAGE:
            return
    raise endless(told, MOST_PAGES)
