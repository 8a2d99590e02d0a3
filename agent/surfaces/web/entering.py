"""In and out: the one-time link, a new one on the terminal, and the end of a session."""

from __future__ import annotations

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agent.errors import ClearanceError
from agent.service.signing import caller
from agent.surfaces.web.visit import Site, site_of


def link_of(site: Site) -> str:
    """A fresh one-time link for the person whose key this process holds."""
    return f"{site.address}/login/{site.sessions.new_link(site.deps.clock())}"


async def enter(request: Request) -> Response:
    return await run_in_threadpool(_enter, request)


def _enter(request: Request) -> Response:
    """Redeem the link: a session in a cookie that no script reads, and an address without the token."""
    site = site_of(request)
    try:
        who = caller(site.deps)
    except ClearanceError as error:
        return site.sentence(None, "Refused", str(error), 409)
    cookie = site.sessions.redeem(str(request.path_params["token"]), who.person, site.deps.clock())
    if cookie is None:
        return site.login("This link was used already, is older than ten minutes, or is not one of ours.", 403)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(site.cookie, cookie, httponly=True, samesite="strict", path="/")
    return answer


async def ask(request: Request) -> Response:
    """Print a new link on the terminal. It can be asked by anybody on this machine; only the terminal sees it."""
    site = site_of(request)
    if not site.sessions.link_is_out(site.deps.clock()):
        site.tell(f"Log in within ten minutes, once: {link_of(site)}")
    return HTMLResponse(
        site.templates.get_template("login.html").render(
            visit=None, switch=None, issuer="", told="A link stands on the terminal where `clearance serve` runs."
        )
    )


async def leave(request: Request) -> Response:
    site, cookie = site_of(request), request.cookies.get(site_of(request).cookie)
    session = site.sessions.of(cookie, site.deps.clock())
    sent = (await request.body())[:1000].partition(b"csrf=")[2]
    if session is not None and hmac.compare_digest(sent, session.token("/logout").encode()):
        site.sessions.end(cookie)
    answer = site.login("You are logged out.", 200)
    answer.delete_cookie(site.cookie, httponly=True, samesite="strict", secure=site.secure, path="/")
    return answer
