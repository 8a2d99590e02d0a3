"""The application: routes, guard, templates. Built from dependencies; holds nothing but sessions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from agent.deps import Deps
from agent.domain import Finding
from agent.drafting.parts import sentence
from agent.outputs.html import TEMPLATES, environment
from agent.outputs.table import OUTCOMES
from agent.service.asking import Place
from agent.surfaces.difference import once
from agent.surfaces.web import actions, entering, quizzes, stating, views
from agent.surfaces.web.guard import Guard
from agent.surfaces.web.oidc import entering as oidc
from agent.surfaces.web.oidc.provider import Provider
from agent.surfaces.web.sessions import Sessions
from agent.surfaces.web.visit import Login, Site, endpoint, not_there, unexpected

HERE = Path(__file__).parent


def build(
    deps: Deps, address: str, tell: Callable[[str], None], provider: Provider | None = None,
    proxies: frozenset[str] = frozenset(),
) -> tuple[Starlette, Site]:  # fmt: skip
    """`address` (http://127.0.0.1:8321) is the only one under which it answers; without a provider of logins also
    localhost on the same port.
    """
    at = urlsplit(address)
    by_login = Login(provider) if provider else None
    site = Site(deps, Sessions(), _templates(), address, _cookie(address), tell, by_login)
    hosts = frozenset({at.netloc} if by_login else {at.netloc, f"localhost:{at.port or 80}"})
    guard = Middleware(Guard, hosts=hosts, scheme=at.scheme, proxies=proxies)
    app = Starlette(
        routes=[*_routes(), *(_by_login() if by_login else _by_link()), *_asked(deps, address)], middleware=[guard],
        exception_handlers={404: not_there, 405: not_there, Exception: unexpected},
    )  # fmt: skip
    app.state.site = site
    return app, site


def _routes() -> list[Route | Mount]:
    review = "/reviews/{review}"
    return [
        Route("/", endpoint(views.board_page), methods=["GET"]),
        Route(review, endpoint(views.review_page), methods=["GET"]),
        Route(f"{review}/items/{{item}}", endpoint(views.item_page), methods=["GET"]),
        Route(f"{review}/report", endpoint(views.report_page), methods=["GET"]),
        Route("/catalogue", endpoint(views.catalogue_page), methods=["GET"]),
        Route("/switch/{subject}", endpoint(views.switch_page), methods=["GET"]),
        Route("/quiz/{subject}", endpoint(quizzes.quiz_page), methods=["GET"]),
        Route("/quiz/{subject}/answer", endpoint(quizzes.answer), methods=["POST"]),
        Route("/quiz/{subject}/mark", endpoint(quizzes.mark), methods=["POST"]),
        Route(f"{review}/items/{{item}}/open", endpoint(actions.open_item), methods=["POST"]),
        Route(f"{review}/items/{{item}}/again", endpoint(stating.check_again), methods=["POST"]),
        Route(f"{review}/items/{{item}}/state", endpoint(stating.state), methods=["POST"]),
        Route(f"{review}/sign", endpoint(actions.sign), methods=["POST"]),
        Route(f"{review}/revoke", endpoint(actions.revoke), methods=["POST"]),
        Route("/logout", entering.leave, methods=["POST"]),
        Route("/static/report.css", _report_css, methods=["GET"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


def _asked(deps: Deps, address: str) -> list[Route | Mount]:
    """What is no page: the API, and Slack where its app calls us; by Socket Mode alone nothing comes here."""
    from agent.surfaces.api.app import mounted

    place = Place(address)
    if deps.channels.chat is None or not deps.channels.chat.secret:
        return [mounted(deps, place)]
    from agent.surfaces.slack.endpoint import route

    return [mounted(deps, place), route(deps, deps.channels.chat, place)]


def _by_link() -> list[Route]:
    return [
        Route("/login/{token}", entering.enter, methods=["GET"]),
        Route("/login", entering.ask, methods=["POST"]),
    ]


def _by_login() -> list[Route]:
    return [Route("/login", oidc.begin, methods=["GET"]), Route(oidc.BACK, oidc.back, methods=["GET"])]


def _cookie(address: str) -> str:
    """Browsers give cookies to every port of a host; over TLS they keep `__Host-` to this very host as well."""
    at = urlsplit(address)
    return "__Host-clearance" if at.scheme == "https" else f"clearance_{at.port or 80}"


async def _report_css(request: Request) -> Response:
    return FileResponse(TEMPLATES / "report.css", media_type="text/css")


def _templates() -> Environment:
    made = environment(HERE / "templates")
    made.filters |= {"age": _age, "told": _told, "once": once}
    return made


def _age(seconds: float) -> str:
    """How old a review is: 5 minutes, 3 hours, 2 days."""
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' * (count != 1)}"
    return "under a minute"


def _told(finding: Finding, zone: str) -> str:
    return " ".join(OUTCOMES[finding.outcome]) + ": " + sentence(finding, zone)
