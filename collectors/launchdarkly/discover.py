"""Which flags LaunchDarkly has, in every project. Of a project's environments only key and name are taken: the answer
holds their SDK keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collectors import wire
from collectors.connections import Connections
from collectors.discovery import Listing, Named, detailed, endless, listed, unseen
from collectors.errors import NotConfigured, Truncated
from collectors.launchdarkly.client import VENDOR, Rest, rest_client, rest_source, secrets_of
from collectors.launchdarkly.reading import Json
from collectors.wire import Wire

PAGE, MOST_PAGES = 100, 50
PROJECTS = "/api/v2/projects"


class _Item(Wire):
    key: str
    name: str = ""
    description: str = ""


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Every flag that is not archived; those like the subject's with the environments of their project."""
    access = conn.launchdarkly
    if access is None or not access.token:
        absent = NotConfigured("LaunchDarkly was not asked: LAUNCHDARKLY_ACCESS_TOKEN is not set")
        return [unseen(VENDOR, "flag", absent)]
    log, asked = conn.log(VENDOR), rest_source(access)
    with rest_client(access, log, conn.timeout, conn.way(VENDOR, asked.credential)) as http:
        rest = Rest(http, log, asked, conn.clock, secrets_of(access))
        return [listed(VENDOR, "flag", lambda: _flags(rest, subject))]


def _flags(rest: Rest, subject: str) -> list[Named]:
    found: list[Named] = []
    for project in _every(rest, PROJECTS, "its projects"):
        flags = _every(rest, f"/api/v2/flags/{project.key}", f"the flags of {project.key}")
        found += [_flag(project.key, flag) for flag in flags]
    return detailed(subject, found, lambda flag: _environments(rest, flag.parent))


def _flag(project: str, flag: _Item) -> Named:
    return Named(kind="flag", id=flag.key, name=flag.name or flag.key, said=flag.description, parent=project)


def _environments(rest: Rest, project: str) -> Sequence[Named]:
    path = f"{PROJECTS}/{project}/environments"
    found = _every(rest, path, f"the environments of {project}")
    return [Named(kind="environment", id=one.key, name=one.name or one.key) for one in found]


def _every(rest: Rest, path: str, what: str) -> Iterator[_Item]:
    """The items of all pages of a list."""
    told, seen = f"LaunchDarkly, asked for {what}: GET {path}", 0
    for _ in range(MOST_PAGES):
        body: Json = rest.get(path, what, {"limit": PAGE, "offset": seen})
        page, total = wire.objects(body.get("items"), told), body.get("totalCount")
        yield from (wire.read(_Item, one, told) for one in page)
        seen += len(page)
        if (seen >= total) if isinstance(total, int) else len(page) < PAGE:
            return
        if not page:
            raise Truncated(f"{told} promised {total} and gave {seen}")
    raise endless(told, MOST_PAGES)
