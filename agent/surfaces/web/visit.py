"""One request of one person: who it is, what the form says, and how answers and refusals are shown."""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs

from jinja2 import Environment
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agent.deps import Deps
from agent.errors import ClearanceError, Refused, UsageError
from agent.service import own_switch
from agent.service.caller import Caller, caller, logged_in
from agent.surfaces.web.oidc.logins import Logins
from agent.surfaces.web.oidc.provider import Provider
from agent.surfaces.web.sessions import Session, Sessions

LARGEST = 100_000  # bytes of a form
Form = dict[str, str]


@dataclass(frozen=True)
class Login:
    """Login by OpenID Connect: who is asked, and the logins that are under way."""

    provider: Provider
    under_way: Logins = field(default_factory=Logins)
    same_site: Literal["lax"] = "lax"  # so that a link in a message finds its reader logged in; every GET only shows


@dataclass(frozen=True)
class Site:
    """What every request shares. `tell` prints a sentence on the terminal that serves. `by_login` None: one person's
    page, with their own key and a one-time link.
    """

    deps: Deps
    sessions: Sessions
    templates: Environment
    address: str
    cookie: str
    tell: Callable[[str], None]
    by_login: Login | None = None

    @property
    def secure(self) -> bool:
        return self.address.startswith("https://")

    def who(self, session: Session) -> Caller:
        """Whose session it is, by people.yaml as it is now."""
        return logged_in(self.deps, session.login, session.roles) if session.login else caller(self.deps)

    def page(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        switch = own_switch.of(self.deps) if values.get("visit") else None  # strangers are told nothing
        return HTMLResponse(self.templates.get_template(name).render(switch=switch, **values), status)

    def sentence(self, visit: Visit | None, title: str, text: str, status: int) -> HTMLResponse:
        return self.page("sentence.html", status, visit=visit, title=title, text=text)

    def login(self, told: str, status: int = 401, to: str = "/") -> HTMLResponse:
        """`to`: where whoever logs in by OpenID Connect goes then."""
        issuer = self.by_login.provider.issuer if self.by_login else ""
        return self.page("login.html", status, visit=None, told=told, issuer=issuer, to=to)


@dataclass(frozen=True)
class Visit:
    """`who` is the person whose session this is, by the key this process holds or by their login; never by a form."""

    site: Site
    session: Session
    who: Caller
    path: dict[str, str]
    query: dict[str, str]
    form: Form
    partial: bool
    here: str = field(default="/")

    @property
    def deps(self) -> Deps:
        return self.site.deps

    def page(self, name: str, status: int = 200, **values: object) -> HTMLResponse:
        return self.site.page(name, status, visit=self, **values)

    def token(self, path: str) -> str:
        return self.session.token(path)


View = Callable[[Visit], Response]


def to(path: str) -> Response:
    return RedirectResponse(path, 303)


def endpoint(view: View) -> Callable[[Request], Awaitable[Response]]:
    """Lets only the person who is logged in through, with a form of this session, and tells refusals in sentences."""

    async def answer(request: Request) -> Response:
        body = b""
        if request.method == "POST":
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    return site_of(request).sentence(None, "Too long", "The form is too long; nothing was done.", 413)
        return await run_in_threadpool(_answer, request, view, body)

    return answer


def site_of(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def _answer(request: Request, view: View, body: bytes) -> Response:
    site = site_of(request)
    posted = " Nothing was done with the form that you sent." if request.method == "POST" else ""
    session = site.sessions.of(request.cookies.get(site.cookie), site.deps.clock())
    if session is None:
        wanted = request.url.path if request.method == "GET" else "/"
        return site.login(f"You are not logged in, or your session has ended.{posted}", to=wanted)
    try:
        visit = _visit(request, site, session, body)
        _check_form(visit, request)
        return view(visit)
    except ClearanceError as error:
        return _told(site, session, error)


def _visit(request: Request, site: Site, session: Session, body: bytes) -> Visit:
    who = site.who(session)
    if who.person != session.person:
        how = "login" if session.login else "key it runs with"
        raise Refused(f"this page was opened by {session.person}, and the {how} is {who.name}'s now; log in again")
    form = {k: v[-1].replace("\r\n", "\n") for k, v in parse_qs(body.decode("utf-8", "replace"), True).items()}
    return Visit(
        site, session, who, dict(request.path_params), dict(request.query_params), form,
        partial=request.headers.get("hx-request") == "true", here=request.url.path,
    )  # fmt: skip


def _check_form(visit: Visit, request: Request) -> None:
    sent = visit.form.get("csrf", "").encode(errors="replace")
    if request.method == "POST" and not hmac.compare_digest(sent, visit.token(visit.here).encode()):
        raise Refused("the form was not made for you by this page, or is from an older session; nothing was done")


def _told(site: Site, session: Session, error: ClearanceError) -> Response:
    status = 404 if isinstance(error, UsageError) else 409 if isinstance(error, Refused) else 500
    title = "Not found, or not understood" if status == 404 else "Refused" if status == 409 else "This went wrong"
    return site.sentence(None, title, str(error), status)


async def unexpected(request: Request, error: Exception) -> Response:
    """What nobody expected: whole in the log, in one sentence on the page."""
    incident = secrets.token_hex(4)
    logging.getLogger("clearance").error("incident %s", incident, exc_info=error)
    told = f"Something went wrong that should not (incident {incident}); what was stored before is kept."
    return site_of(request).sentence(None, "This went wrong", told, 500)


async def not_there(request: Request, error: Exception) -> Response:
    return site_of(request).sentence(None, "Not found", "There is no such page here.", 404)
