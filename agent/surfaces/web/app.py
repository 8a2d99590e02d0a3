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
from agent.surfaces.web import actions, entering, quizzes, stating, views
from agent.surfaces.web.guard import Guard
from agent.surfaces.web.sessions import Sessions
from agent.surfaces.web.visit import Site, endpoint, not_there, unexpected

HERE = Path(__file__).parent


def build(deps: Deps, address: str, tell: Callable[[str], None]) -> tuple[Starlette, Site]:
    """`address` (http://127.0.0.1:8321) is the only one under which it answers, beside localhost on the same port."""
    port = urlsplit(address).port or 80
    site = Site(deps, Sessions(), _templates(), address, f"clearance_{port}", tell)
    hosts = frozenset({urlsplit(address).netloc, f"localhost:{port}"})
    app = Starlette(
        routes=_routes(), middleware=[Middleware(Guard, hosts=hosts)],
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
        Route("/switch/{subject}", endpoint(views.switch_page), methods=["GET"]),
        Route("/quiz/{subject}", endpoint(quizzes.quiz_page), methods=["GET"]),
        Route("/quiz/{subject}/answer", endpoint(quizzes.answer), methods=["POST"]),
        Route("/quiz/{subject}/mark", endpoint(quizzes.mark), methods=["POST"]),
        Route(f"{review}/items/{{item}}/open", endpoint(actions.open_item), methods=["POST"]),
        Route(f"{review}/items/{{item}}/again", endpoint(stating.check_again), methods=["POST"]),
        Route(f"{review}/items/{{item}}/state", endpoint(stating.state), methods=["POST"]),
        Route(f"{review}/sign", endpoint(actions.sign), methods=["POST"]),
        Route(f"{review}/revoke", endpoint(actions.revoke), methods=["POST"]),
        Route("/login/{token}", entering.enter, methods=["GET"]),
        Route("/login", entering.ask, methods=["POST"]),
        Route("/logout", entering.leave, methods=["POST"]),
        Route("/static/report.css", _report_css, methods=["GET"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


async def _report_css(request: Request) -> Response:
    return FileResponse(TEMPLATES / "report.css", media_type="text/css")


def _templates() -> Environment:
    made = environment(HERE / "templates")
    made.filters |= {"age": _age, "told": _told}
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
