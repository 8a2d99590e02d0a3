"""The page inside the test's own process, over a real store: what a form answers, without a browser or a socket."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html import unescape

from starlette.responses import Response
from starlette.testclient import TestClient

from agent.deps import Deps
from agent.surfaces.web.app import build
from agent.surfaces.web.visit import Site
from tests.acceptance.conftest import Desk
from tests.acceptance.prepared import Hands

ADDRESS = "http://127.0.0.1:8321"


@dataclass(frozen=True)
class Guest:
    """Somebody who is logged in with their own key. `told` is the last answer as text, tags taken out."""

    client: TestClient
    site: Site
    deps: Deps

    def get(self, path: str) -> str:
        return _text(self.client.get(path))

    def status(self, path: str) -> int:
        return int(self.client.get(path).status_code)

    def token(self, page: str, action: str) -> str:
        """What the form that posts to `action` carries on `page`."""
        body = self.client.get(page).text
        found = re.search(rf'action="{re.escape(action)}"[^>]*>.*?name="csrf" value="(\w+)"', body, re.DOTALL)
        assert found, f"no form for {action} on {page}"
        return found[1]

    def old_token(self, action: str) -> str:
        """What a form carries that this session was given earlier, whatever the page shows now."""
        session = self.site.sessions.of(self.client.cookies.get(self.site.cookie), self.deps.clock())
        assert session
        return session.token(action)

    def post(self, action: str, page: str = "", csrf: str = "", **fields: str) -> tuple[int, str]:
        """Status and text; a form that is done answers with 303 and where to look, which is then the text."""
        token = csrf or self.token(page, action)
        form = {name.replace("__", "-"): value for name, value in fields.items()} | {"csrf": token}
        answer = self.client.post(action, data=form, headers={"Origin": ADDRESS}, follow_redirects=False)
        return answer.status_code, answer.headers.get("location") or _text(answer)


def guest(desk: Desk, person: str, clock: Hands | None = None) -> Guest:
    """Redeems a link of this person's own page."""
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{person}.pem"))
    deps = replace(deps, clock=clock) if clock else deps
    app, site = build(deps, ADDRESS, lambda sentence: None)
    client = TestClient(app, base_url=ADDRESS)
    assert client.get(f"/login/{site.sessions.new_link(deps.clock())}", follow_redirects=False).status_code == 303
    return Guest(client, site, deps)


def _text(answer: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())  # type: ignore[attr-defined]
