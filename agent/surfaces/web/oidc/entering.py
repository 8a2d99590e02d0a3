"""In by OpenID Connect: to the provider with state, nonce and PKCE, and back with a code that is exchanged once."""

from __future__ import annotations

import hmac
import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agent.clock import machine_clock
from agent.domain import LoggedIn
from agent.errors import ClearanceError, Refused
from agent.service.caller import logged_in
from agent.surfaces.web.oidc import tokens
from agent.surfaces.web.oidc.logins import Begun
from agent.surfaces.web.visit import Login, Site, site_of

BACK = "/login/back"
AGAIN = "This login was not begun in this browser, was used already, or is older than ten minutes. Log in again."


async def begin(request: Request) -> Response:
    return await run_in_threadpool(_begin, request)


async def back(request: Request) -> Response:
    return await run_in_threadpool(_back, request)


def _begin(request: Request) -> Response:
    """Send the browser to the provider; a cookie ties what comes back to this browser."""
    site = site_of(request)
    login = _login(site)
    wanted = request.query_params.get("to", "/")
    to = wanted if re.fullmatch(r"/(?:[A-Za-z0-9_.-]+/?)*", wanted) else "/"
    try:
        at = login.provider.endpoints()
    except Refused as error:
        return site.login(f"You cannot log in now. {error}", 502)
    cookie, begun = login.under_way.begin(to, site.deps.clock())
    where = login.provider.address(at, site.address + BACK, begun.state, begun.nonce, begun.verifier)
    answer = RedirectResponse(where, 303)
    # Lax, not strict: the provider's page sends the browser back, and that is another site.
    answer.set_cookie(_flow(site), cookie, max_age=600, httponly=True, samesite="lax", secure=site.secure, path="/")
    return answer


def _back(request: Request) -> Response:
    site = site_of(request)
    begun = _login(site).under_way.take(request.cookies.get(_flow(site)), site.deps.clock())
    try:
        answer = _entered(site, request, begun)
    except ClearanceError as error:
        answer = site.login(f"You are not logged in: {error}", 403)
    answer.delete_cookie(_flow(site), httponly=True, samesite="lax", secure=site.secure, path="/")
    return answer


def _entered(site: Site, request: Request, begun: Begun | None) -> Response:
    """A new session for whoever the provider says it is; the one that this browser had before is over."""
    login = _login(site)
    who, roles = _who(site, request, begun)
    found = logged_in(site.deps, who, roles)
    site.sessions.end(request.cookies.get(site.cookie))
    cookie = site.sessions.open(found.person, site.deps.clock(), who, roles)
    answer = RedirectResponse(begun.to if begun else "/", 303)
    answer.set_cookie(site.cookie, cookie, httponly=True, samesite=login.same_site, secure=site.secure, path="/")
    return answer


def _who(site: Site, request: Request, begun: Begun | None) -> tuple[LoggedIn, tuple[str, ...] | None]:
    provider, told = _login(site).provider, request.query_params
    if begun is None or not hmac.compare_digest(told.get("state", "").encode(), begun.state.encode()):
        raise Refused(AGAIN)
    if told.get("iss", provider.issuer) != provider.issuer:
        raise Refused("another provider than ours sent this browser back. Log in again.")
    if "error" in told or not told.get("code"):
        said = told.get("error", "")
        raise Refused(
            f"the provider did not let you in ({said if re.fullmatch('[a-z_]{1,60}', said) else 'no reason'})."
        )
    at = provider.endpoints()
    if at.names_itself and "iss" not in told:
        raise Refused("the provider says that it names itself when it sends you back, and did not. Log in again.")
    got = provider.exchange(at, site.address + BACK, told["code"], begun.verifier)
    wanted = tokens.Expected(
        issuer=provider.issuer, client_id=provider.client_id, nonce=begun.nonce, roles_claim=provider.roles_claim,
        now=machine_clock(),
    )  # fmt: skip
    said_ = tokens.said(str(got.get("id_token", "")), provider.keys(at), str(got.get("access_token", "")), wanted)
    login = LoggedIn(issuer=provider.issuer, subject=said_.subject, email=said_.email, at=site.deps.clock())
    return login, said_.roles


def _login(site: Site) -> Login:
    if site.by_login is None:
        raise Refused("nobody logs in here with OpenID Connect")
    return site.by_login


def _flow(site: Site) -> str:
    return f"{site.cookie}_login"


__all__ = ["BACK", "back", "begin"]
