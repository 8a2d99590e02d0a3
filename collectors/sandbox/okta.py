"""Okta on loopback: the applications of one organisation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlencode

from pydantic import AwareDatetime, JsonValue

from collectors.evidence import Model
from collectors.sandbox.server import Asked, Reply, reply_json
from collectors.sandbox.world import World

Json = dict[str, JsonValue]
LIMIT = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "97", "x-rate-limit-reset": "1900000000"}


class App(Model):
    id: str
    label: str
    name: str = "oidc_client"
    status: Literal["ACTIVE", "INACTIVE", "DELETED"] = "ACTIVE"
    created: AwareDatetime
    updated: AwareDatetime | None = None
    sign_on: str = "OPENID_CONNECT"


class OktaWorld(Model):
    """`page` is how many applications a page holds at most."""

    page: int = 200
    apps: tuple[App, ...]


class Okta:
    """Answers as the organisation of `world` stands at its clock."""

    def __init__(self, world: World) -> None:
        self._token = world.credentials.okta_token
        self._world = OktaWorld.model_validate(world.vendor("okta"))
        self._apps = [app for app in self._world.apps if app.created <= world.clock]

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"SSWS {self._token}":
            return _failed(401, "E0000011", "Invalid token provided")
        if asked.method != "GET":
            return _failed(403, "E0000006", "You do not have permission to perform the requested action")
        if asked.path == "/api/v1/apps":
            return self._list(asked)
        found = re.fullmatch("/api/v1/apps/([^/]+)", asked.path)
        app = next((app for app in self._apps if found and app.id == found[1]), None)
        if app is None:
            return _failed(404, "E0000007", "Not found: Resource not found (AppInstance)")
        return reply_json(_body(app), headers=LIMIT)

    def _list(self, asked: Asked) -> Reply:
        """Without `includeNonDeleted` only active applications; `q` is the beginning of a label or name."""
        begin, every = (asked.one("q") or "").lower(), asked.one("includeNonDeleted") == "true"
        found = [
            app
            for app in self._apps
            if (app.status == "ACTIVE" or (every and app.status != "DELETED"))
            and (app.label.lower().startswith(begin) or app.name.startswith(begin))
        ]
        ids = [app.id for app in found]
        after = asked.one("after")
        start = ids.index(after) + 1 if after in ids else 0
        end = start + min(int(asked.one("limit") or 50), self._world.page)
        page: list[JsonValue] = [_body(app) for app in found[start:end]]
        headers = {**LIMIT, "link": _links(asked, ids[end - 1] if end < len(ids) else None)}
        return reply_json(page, headers=headers)


def _links(asked: Asked, after: str | None) -> str:
    """Okta names its own address; a reader that followed it would leave the sandbox."""
    own = f'<https://acme.okta.com{asked.target}>; rel="self"'
    if after is None:
        return own
    query = urlencode([*((k, v) for k, v in asked.query if k != "after"), ("after", after)])
    return f'{own}, <https://acme.okta.com/api/v1/apps?{query}>; rel="next"'


def _body(app: App) -> Json:
    updated = app.updated or app.created
    return {
        "id": app.id, "name": app.name, "label": app.label, "status": app.status, "created": _time(app.created),
        "lastUpdated": _time(updated), "signOnMode": app.sign_on, "features": [], "visibility": {"hide": None},
        "credentials": {"oauthClient": {"client_id": app.id, "token_endpoint_auth_method": "private_key_jwt"}},
        "settings": {"notes": {"admin": "asked by finance@acme.example"}},
    }  # fmt: skip


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _failed(status: int, code: str, summary: str) -> Reply:
    body: Json = {"errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": "oae", "errorCauses": []}
    return reply_json(body, status, LIMIT)
