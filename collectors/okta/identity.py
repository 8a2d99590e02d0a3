"""Collector `okta.identity`: does the subject's application exist, and is it active?

One name is searched for, several are found in one reading of the whole list; inactive applications are asked for in
so many words, since Okta leaves them out otherwise. The list is followed by the cursor of its `next` link, never by the
link itself: where it leads is Okta's word, not an address to send a token to. Out of scope: people, groups, the
application's keys and secrets, API tokens, the system log, and who is assigned to it. How its pages are linked is
believed and not confirmed: a link that cannot be followed makes the list truncated, never shorter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.errors import Gone, Malformed, Truncated
from collectors.evidence import Answer, Completeness, Resource, State, Time, pointer
from collectors.http import Response, value_of
from collectors.okta.client import answer_all, refused
from collectors.okta.facts import IdentityAsk, OktaIdentityFacts
from collectors.several import Once
from collectors.wire import Instant, Json, Wire

PATH = "/api/v1/apps"
PAGE, MOST_PAGES = 200, 50
KEPT = ("id", "name", "label", "status", "created", "lastUpdated", "signOnMode")
_ID = re.compile("0oa[A-Za-z0-9]{17}")


class _Listed(Wire):
    id: str


class _App(_Listed):
    label: str
    status: str
    created: Instant


@dataclass(frozen=True)
class Applications:
    apps: tuple[Json, ...]
    pages: int


@dataclass
class _Apps:
    """What one batch has read."""

    asking: Asking
    several: bool

    def __post_init__(self) -> None:
        """All applications, read once; a failure stands for all questions of the batch."""
        self._every = Once(self.asking.log, partial(applications, self.asking, {}), self.asking.clock)

    def of(self, name: str) -> Applications:
        if _ID.fullmatch(name):
            return _by_id(self.asking, name)
        if self.several:
            read = self._every.of("its applications").get()
        else:
            read = applications(self.asking, {"q": name}, f"the application {name}")
        return Applications(tuple(app for app in read.apps if app.get("label") == name), read.pages)


def identity(conn: Connections, asks: Sequence[IdentityAsk]) -> Iterable[Answer]:
    """The application of this label or id and its status."""
    return answer_all(conn, asks, lambda asking: _answering(asking, asks))


def _answering(asking: Asking, asks: Sequence[IdentityAsk]) -> Callable[[IdentityAsk], Answer]:
    known = _Apps(asking, several=len({ask.name for ask in asks}) > 1)
    return lambda ask: _answer(known, ask)


def _answer(known: _Apps, ask: IdentityAsk) -> Answer:
    if not 0 < len(ask.name) <= 100:
        raise Gone("Okta has no application without a name or with one of more than 100 characters")
    read = known.of(ask.name)
    told = known.asking.told(f"the application {ask.name}", "GET", PATH)
    app = wire.read(_App, _the_one(read, ask, told), told)
    if app.status == "DELETED":
        raise Gone(f"{told} says that it is deleted", status=200)
    completeness = Completeness(pages=read.pages, items=len(read.apps))
    removed = ("everything of the application but name, status and dates",)
    body: Json = {"app": wire.kept(read.apps[0], KEPT)}
    return known.asking.sealed(
        ask, _facts(app), body, since=0, link=_link(known.asking, app), completeness=completeness, redacted=removed
    )


def _the_one(read: Applications, ask: IdentityAsk, told: str) -> Json:
    if not read.apps:
        raise Gone(f"{told} knows no application of this label that the token may see", status=200)
    if len(read.apps) > 1:
        raise Malformed(
            f"{told} knows {len(read.apps)} applications of this label", status=200,
            advice="Write the application's id (0oa…) on the card.",
        )  # fmt: skip
    return read.apps[0]


def _facts(app: _App) -> OktaIdentityFacts:
    return OktaIdentityFacts(
        identity=Resource(value=app.label[:200], pointer=pointer("app", "label")),
        kind=State(value="application", pointer=pointer("app")),
        state=State(value=app.status.lower()[:80], pointer=pointer("app", "status")),
        keys=(),
        created=Time(value=app.created, at=app.created, pointer=pointer("app", "created")),
    )


def _by_id(asking: Asking, name: str) -> Applications:
    what, path = f"the application {name}", f"{PATH}/{name}"
    told = asking.told(what, "GET", path)
    response = asking.get(path, what)
    if response.status_code != 200:
        raise refused(response, told)
    (app,) = wire.objects([value_of(response, told)], told)
    if app.get("id") != name:
        raise Malformed(f"{told} answered with another application", status=200)
    return Applications((app,), 1)


def applications(asking: Asking, params: dict[str, str | int], what: str) -> Applications:
    """Every application, page by page to the end."""
    told = asking.told(what, "GET", PATH)
    apps: dict[str, Json] = {}
    seen: set[str] = set()
    asked: dict[str, str | int] = {**params, "limit": PAGE, "includeNonDeleted": "true"}
    for number in range(1, MOST_PAGES + 1):
        response = asking.get(PATH, what, asked)
        if response.status_code != 200:
            raise refused(response, told)
        page = wire.objects(value_of(response, told), told)
        apps |= {wire.read(_Listed, app, told).id: app for app in page}
        cursor = _next(response, told)
        if cursor is None:
            return Applications(tuple(apps.values()), number)
        if cursor in seen or not page:
            raise Truncated(f"{told} gave a next page that leads nowhere after {len(apps)} applications")
        seen.add(cursor)
        asked["after"] = cursor
    raise Truncated(f"{told} did not end within {MOST_PAGES} pages of {PAGE}")


def _next(response: Response, told: str) -> str | None:
    """The cursor in the link to the next page; None at the end."""
    for link in response.headers.get_list("link", split_commas=True):
        found = re.fullmatch(r'\s*<([^<>]*)>\s*;(?:.*;)?\s*rel="?next"?\s*(?:;.*)?', link)
        if found:
            cursor = parse_qs(urlsplit(found[1]).query).get("after", [""])[0]
            if not cursor:
                raise Truncated(f"{told} names a next page without a cursor")
            return cursor
    return None


def _link(asking: Asking, app: _App) -> str:
    """Where an administrator sees the application; Okta's console stands beside the organisation's own host."""
    base = asking.source.base_url.rstrip("/")
    found = re.fullmatch(r"(https://[A-Za-z0-9-]+)(\.okta[A-Za-z-]*\.com)", base)
    return f"{found[1]}-admin{found[2]}/admin/apps" if found else base
