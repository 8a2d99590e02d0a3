"""LaunchDarkly on loopback: the REST API behind an access token, the SDK's endpoints behind an SDK key."""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Event as Signal

from collectors.sandbox.launchdarkly.auditlog import Filter, Invalid, Log
from collectors.sandbox.launchdarkly.bodies import Json, detailed, flag_body, link, summary
from collectors.sandbox.launchdarkly.lists import environments, page, projects
from collectors.sandbox.launchdarkly.sdk import events, payload
from collectors.sandbox.launchdarkly.state import FlagState, LaunchDarklyWorld, replay
from collectors.sandbox.server import Asked, Reply, reply_json
from collectors.sandbox.world import World

Handler = Callable[..., Reply]


class LaunchDarkly:
    """Answers as the flags of `world` stand at its clock. `close` ends the streams that are still open."""

    def __init__(self, world: World) -> None:
        self._token = world.credentials.launchdarkly_token
        self._environments = {key: name for name, key in world.credentials.launchdarkly_sdk_keys.items()}
        self._clock = world.clock
        self._world = LaunchDarklyWorld.model_validate(world.vendor("launchdarkly"))
        self._flags, entries = replay(self._world, world.clock)
        self._log = Log(entries)
        self._closed = Signal()

    def close(self) -> None:
        self._closed.set()

    def answer(self, asked: Asked) -> Reply:
        shown = asked.headers.get("authorization", "")
        if asked.path in _SDK:
            environment = self._environments.get(shown)
            return _SDK[asked.path](self, environment) if environment else _refused("Invalid SDK key")
        if shown != self._token:
            return _refused("Invalid access token")
        for pattern, handler in _REST.items():
            found = re.fullmatch(pattern, asked.path)
            if found:
                return _only_get(asked) or handler(self, asked, *found.groups())
        return _missing()

    def _caller(self, asked: Asked) -> Reply:
        return reply_json(
            {"accountId": self._world.account, "authKind": "token", "tokenKind": "auth",
             "tokenName": self._world.token_name, "tokenId": "6650a000000000000000cccc", "serviceToken": True,
             "scopes": []}
        )  # fmt: skip

    def _flag(self, asked: Asked, project: str, key: str) -> Reply:
        state = self._flags.get((project, key))
        if state is None:
            return _missing()
        environments = asked.all("env") or tuple(state.environments)
        return reply_json(flag_body(state, self._world, environments))

    def _listed(self, asked: Asked, project: str) -> Reply:
        """The flags that are not archived; with their configuration in the one environment that is filtered for."""
        filters = dict(part.partition(":")[::2] for part in (asked.one("filter") or "").split(",") if part)
        environments = (filters["filterEnv"],) if "filterEnv" in filters else ()
        if project not in self._world.projects:
            return _missing()
        states = [state for state in self._flags.values() if state.project == project and not state.flag.archived]
        offset, limit = int(asked.one("offset") or 0), min(int(asked.one("limit") or 20), 100)
        bodies = [flag_body(state, self._world, environments) for state in states[offset : offset + limit]]
        if asked.one("summary") != "0":
            bodies = [summary(body) for body in bodies]
        return reply_json({"items": [*bodies], "totalCount": len(states), "_links": {"self": link(asked.target)}})

    def _projects(self, asked: Asked) -> Reply:
        return page(asked, projects(self._world))

    def _environments_of(self, asked: Asked, project: str) -> Reply:
        known = project in self._world.projects
        return page(asked, environments(self._world, project)) if known else _missing()

    def _audit_log(self, asked: Asked) -> Reply:
        try:
            wanted = Filter.of(asked)
        except Invalid as error:
            return _failed(400, "invalid_request", str(error))
        page = wanted.page(self._log, self._world)
        return reply_json({"items": [*page], "_links": {"self": link(asked.target)}})

    def _entry(self, asked: Asked, entry_id: str) -> Reply:
        found = self._log.get(entry_id)
        return reply_json(detailed(found, self._world)) if found else _missing()

    def _status(self, asked: Asked, project: str, environment: str, key: str) -> Reply:
        state = self._flags.get((project, key))
        if state is None or environment not in state.environments:
            return _missing()
        links: Json = {
            "parent": link(f"/api/v2/flags/{project}/{key}"),
            "self": link(f"/api/v2/flag-statuses/{project}/{environment}/{key}"),
        }
        return reply_json({**self._asked_for(state, environment), "_links": links})

    def _asked_for(self, state: FlagState, environment: str) -> Json:
        """A flag that is on is evaluated all the time, one that never was switched on not at all."""
        if state.environments[environment].version == 1:
            return {"name": "new"}
        return {"name": "active", "lastRequested": self._clock.isoformat()}

    def _poll(self, environment: str) -> Reply:
        return reply_json(payload(self._flags, environment))

    def _stream(self, environment: str) -> Reply:
        stream = events(payload(self._flags, environment), self._closed)
        return Reply(200, headers={"content-type": "text/event-stream"}, stream=stream)


_SDK: dict[str, Handler] = {"/all": LaunchDarkly._stream, "/sdk/latest-all": LaunchDarkly._poll}
_REST: dict[str, Handler] = {
    "/api/v2/caller-identity": LaunchDarkly._caller,
    "/api/v2/projects": LaunchDarkly._projects,
    "/api/v2/projects/([^/]+)/environments": LaunchDarkly._environments_of,
    "/api/v2/flags/([^/]+)": LaunchDarkly._listed,
    "/api/v2/flags/([^/]+)/([^/]+)": LaunchDarkly._flag,
    "/api/v2/flag-statuses/([^/]+)/([^/]+)/([^/]+)": LaunchDarkly._status,
    "/api/v2/auditlog": LaunchDarkly._audit_log,
    "/api/v2/auditlog/([^/]+)": LaunchDarkly._entry,
}


def _failed(status: int, code: str, message: str) -> Reply:
    return reply_json({"code": code, "message": message}, status)


def _refused(message: str) -> Reply:
    return _failed(401, "unauthorized", message)


def _missing() -> Reply:
    return _failed(404, "not_found", "Unknown resource")


def _only_get(asked: Asked) -> Reply | None:
    """The token of a world is a reader's: whatever would change something is forbidden."""
    return None if asked.method == "GET" else _failed(403, "forbidden", "Access to the requested resource was denied")
