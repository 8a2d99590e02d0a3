"""Requests of programs: a token, one of the known calls, and an answer or a sentence as JSON."""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from agent.answers import MayDeploy
from agent.deps import Deps
from agent.errors import ClearanceError, ConfigError, Refused, UsageError
from agent.service import tokens
from agent.service.asking import Place
from agent.store.database import SQLAlchemyError
from agent.store.tokens import Token
from agent.surfaces.api.calls import CALLS, LONGEST, BadRequest, Call, Given
from agent.surfaces.api.description import described

AT = "/api/v1"
LARGEST, LONGEST_QUERY = 10_000, 2_000  # bytes of a body, characters of a query
EACH_MINUTE = 120  # calls of one token, in one process


@dataclass
class Limit:
    """Calls of each token: a bucket that fills evenly."""

    each_minute: int = EACH_MINUTE
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, id: str, now: float) -> float:
        """Seconds until this token may ask again; 0 = it may now."""
        rate = self.each_minute / 60
        with self._lock:
            left, at = self._left.get(id, (float(self.each_minute), now))
            left = min(float(self.each_minute), left + (now - at) * rate)
            if left < 1:
                return (1 - left) / rate
            self._left[id] = (left - 1, now)
        return 0.0


@dataclass(frozen=True)
class Door:
    deps: Deps
    place: Place
    limit: Limit = field(default_factory=Limit)


def mounted(deps: Deps, place: Place) -> Mount:
    door = Door(deps, place)
    routes = [Route(call.path, _endpoint(door, call), methods=[call.method]) for call in CALLS]
    routes.append(Route("/openapi.json", _description(place), methods=["GET"]))
    nothing = {404: _not_there, 405: _not_there, Exception: _unexpected}
    return Mount(AT, app=Starlette(routes=routes, exception_handlers=nothing))


def _description(place: Place) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return JSONResponse(described(f"{place.address}{AT}"))

    return answer


def _endpoint(door: Door, call: Call) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return _sorry(413, f"the body is longer than {LARGEST} bytes")
        return await run_in_threadpool(_answer, door, call, request, body)

    return answer


def _answer(door: Door, call: Call, request: Request, body: bytes) -> Response:
    try:
        token = _token(door, request)
        refused = _may(door, call, token)
        if refused is not None or token is None:
            return refused or _unknown()
        found = call.run(Given(door.deps, door.place, token, _values(call, request, body)))
    except ClearanceError as error:
        return _sorry(_status(error), str(error))
    except (SQLAlchemyError, OSError) as error:
        return _sorry(503, f"the store could not be reached ({type(error).__name__}); nothing is known. Ask again")
    if isinstance(found, MayDeploy) and "text/plain" in request.headers.get("accept", ""):
        return PlainTextResponse(lines(found))
    return JSONResponse(found.model_dump(mode="json"), call.status)


def lines(found: MayDeploy) -> str:
    """For a shell: a line to compare whole, the sentence, and the link where there is one."""
    told = f"may-deploy {found.code} {found.subject}@{found.version} {found.gate}\n{found.sentence}\n"
    return told + (f"{found.link}\n" if found.link else "")


def _token(door: Door, request: Request) -> Token | None:
    """The token of the header; nothing in an address is one, since addresses are kept in logs."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    return tokens.holder(door.deps, given.strip()) if kind.lower() == "bearer" else None


def _may(door: Door, call: Call, token: Token | None) -> Response | None:
    if token is None:
        return _unknown()
    if call.scope not in token.scopes.split():
        return _sorry(403, f"the token {token.name} has not the scope {call.scope}; make one that has it")
    wait = door.limit.wait(token.id, monotonic())
    if wait:
        seconds = str(int(wait) + 1)
        return _sorry(
            429, f"more than {EACH_MINUTE} calls a minute; ask again in {seconds} s", {"Retry-After": seconds}
        )
    return None


def _unknown() -> Response:
    return _sorry(
        401, "no token, or none that counts: send `Authorization: Bearer …`; `clearance tokens new` makes one",
        {"WWW-Authenticate": 'Bearer realm="clearance"'},
    )  # fmt: skip


def _values(call: Call, request: Request, body: bytes) -> dict[str, str]:
    """What the call's parameters were given; BadRequest for what is unknown, there twice, missing or too long."""
    if len(request.url.query) > LONGEST_QUERY:
        raise BadRequest(f"the query is longer than {LONGEST_QUERY} characters")
    pairs = list(request.query_params.multi_items()) if call.method == "GET" else _of_body(request, body)
    pairs += [(name, str(value)) for name, value in request.path_params.items()]
    known = {one.name for one in call.parameters}
    for name, value in pairs:
        if name not in known:
            raise BadRequest(f"{name[:40]!r} is no parameter here; there is {', '.join(sorted(known)) or 'none'}")
        if len(value) > LONGEST or sum(other == name for other, _ in pairs) > 1:
            raise BadRequest(f"{name}: must stand there once, with {LONGEST} characters at most")
        if not value.isprintable():
            raise BadRequest(f"{name}: holds a character that no screen shows")
    values = dict(pairs)
    missing = next((one.name for one in call.parameters if one.required and not values.get(one.name)), None)
    if missing:
        raise BadRequest(f"{missing}: is missing")
    return values


def _of_body(request: Request, body: bytes) -> list[tuple[str, str]]:
    if request.url.query:
        raise BadRequest("send the parameters as a JSON object in the body, and none in the address")
    try:
        given = json.loads(body or b"null", object_pairs_hook=list)
        pairs = [(name, value) for name, value in given]
    except (ValueError, TypeError, RecursionError) as error:
        raise BadRequest("the body must be a JSON object") from error
    if not all(isinstance(name, str) and isinstance(value, str) for name, value in pairs):
        raise BadRequest("every value of the body must be a string")
    return pairs


def _status(error: ClearanceError) -> int:
    if isinstance(error, BadRequest):
        return 400
    known: Mapping[type[ClearanceError], int] = {UsageError: 404, Refused: 409, ConfigError: 409}
    return next((code for kind, code in known.items() if isinstance(error, kind)), 503)


def _sorry(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": sentence}, status, dict(headers or {}))


async def _not_there(request: Request, error: Exception) -> Response:
    return _sorry(getattr(error, "status_code", 404), f"there is no such call here; {AT}/openapi.json says which")


async def _unexpected(request: Request, error: Exception) -> Response:
    """What nobody expected: whole in the log, in one sentence here; and no answer that could be taken for a yes."""
    incident = secrets.token_hex(4)
    logging.getLogger("clearance").error("incident %s", incident, exc_info=error)
    return _sorry(500, f"something went wrong that should not (incident {incident}); nothing is known")
