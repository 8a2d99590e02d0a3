"""The quiz for whoever is known by a login alone: to be read, and no form that would be refused after all."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from agent.domain import LoggedIn
from agent.surfaces.web.app import build
from agent.surfaces.web.oidc.provider import Provider
from tests.acceptance.conftest import SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.acceptance.test_by_login import ISSUER, bind, row
from tests.web.visiting import ADDRESS


def page(desk: Desk, person: str, path: str) -> str:
    bind(desk, lambda told: told[person].update(logins=[row(person)]))
    deps = desk.deps(CLEARANCE_KEY="/nowhere")
    app, site = build(deps, ADDRESS, lambda sentence: None, Provider(ISSUER, "page", None))
    cookie = site.sessions.open(person, deps.clock(), LoggedIn(issuer=ISSUER, subject=person, at=deps.clock()))
    return TestClient(app, base_url=ADDRESS, cookies={site.cookie: cookie}).get(path).text


def test_the_quiz_is_read_and_answered_elsewhere(prepared: Prepared, tmp_path: Path):
    body = page(prepared.copy(tmp_path), "mike.chen", f"/quiz/{SUBJECT}")

    assert "Answers on record" in body
    assert f"<code>clearance quiz {SUBJECT}</code>" in body
    assert f'action="/quiz/{SUBJECT}' not in body
