"""Where Slack's requests arrive: one address for commands, events and clicks."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from agent.deps import Deps
from agent.outputs.telling.chat import Chat
from agent.service.asking import Place
from agent.surfaces.slack.app import build
from agent.surfaces.slack.desk import Desk

PATH = "/slack/events"
LARGEST = 1_000_000  # bytes; a dialog that comes back holds everything that it showed


def route(deps: Deps, chat: Chat, place: Place) -> Route:
    """ConfigError where Slack's library is not installed."""
    from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response

    app = build(Desk(deps, chat, place))

    async def heard(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return PlainTextResponse("too long\n", 413)
        try:
            asked = to_bolt_request(request, body)
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8\n", 400)
        return to_starlette_response(await run_in_threadpool(app.dispatch, asked))

    return Route(PATH, heard, methods=["POST"])
