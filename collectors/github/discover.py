"""Which repositories the token may see, and where a runbook lies in those like the subject's."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from collectors import wire
from collectors.asking import Asking, conversation
from collectors.connections import Connections, GitHubAccess
from collectors.discovery import Listing, Named, detailed, endless, listed, unseen
from collectors.errors import Gone, NotConfigured
from collectors.github.client import SETTING, VENDOR, access_of, refused
from collectors.http import value_of
from collectors.wire import Wire

PAGE, MOST_PAGES = 100, 50
INSTALLATION, USER = "/installation/repositories", "/user/repos"
RUNBOOKS = ("runbook.md", "docs/runbook.md", "RUNBOOK.md")


class _Repository(Wire):
    full_name: str
    description: str | None = None


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Every repository; an app's own token is asked in another place than a person's."""
    if conn.github is None:
        return [unseen(VENDOR, "repository", NotConfigured(f"GitHub was not asked: {SETTING} is not set"))]
    access = conn.github
    with conversation(conn, access_of(access)) as asking:
        return [
            listed(
                VENDOR, "repository",
                lambda: detailed(subject, [*_repositories(asking, access)], lambda one: _runbooks(asking, one)),
            )
        ]  # fmt: skip


def _repositories(asking: Asking, access: GitHubAccess) -> Iterator[Named]:
    path = INSTALLATION if access.token.startswith("ghs_") else USER
    told = asking.told("its repositories", "GET", path)
    for number in range(1, MOST_PAGES + 1):
        response = asking.get(path, "its repositories", {"per_page": PAGE, "page": number})
        if response.status_code != 200:
            raise refused(response, told)
        value = value_of(response, told)
        page = wire.objects(value.get("repositories") if isinstance(value, dict) else value, told)
        for one in (wire.read(_Repository, held, told) for held in page):
            name = one.full_name.rpartition("/")[2]
            yield Named(kind="repository", id=one.full_name, name=name, said=one.description or "")
        if len(page) < PAGE:
            return
    raise endless(told, MOST_PAGES)


def _runbooks(asking: Asking, repository: Named) -> list[Named]:
    """The first of the usual places in which there is one."""
    for place in RUNBOOKS:
        path = f"/repos/{repository.id}/contents/{quote(place)}"
        what = f"{place} in {repository.id}"
        response = asking.get(path, what)
        if response.status_code == 200:
            return [Named(kind="runbook", id=f"{repository.id}/{place}", name=place)]
        failure = refused(response, asking.told(what, "GET", path))
        if not isinstance(failure, Gone):
            raise failure
    return []
