"""Several people at one page, each in a browser of their own, let in by a provider of logins that is not ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from agent.service.permission import may_deploy
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT, RunningWorld, desk_over
from tests.processes import next_line, started
from tests.web.conftest import WAITS, Serve, Served
from tests.web.test_login import LOGINS, bind, settings
from tests.web.test_page import sign_in_browser


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Under another host name than the page: to the browser it is another site, as in life."""
    users = [part for subject in LOGINS.values() for part in ("--user", subject)]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        "0",
        "--require-nonce",
        "1",
        *users,
    ]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with started(command, text=True, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = iter(lambda: next_line(process), "")
        ports = (re.search(r"running on http://127\.0\.0\.1:(\d+)", line) for line in said)
        port = next(found[1] for found in ports if found)
        yield f"http://localhost:{port}"
        process.terminate()


def log_in(page: Page, served: Served, subject: str) -> None:
    page.goto(served.address)
    page.get_by_role("link", name="Log in at").click()
    page.get_by_role("button", name=subject, exact=True).click()
    page.wait_for_url(served.address + "/")


def test_three_people_sign_at_one_page_in_browsers_of_their_own(
    put_right_world: RunningWorld, serve: Serve, chromium: Browser, issuer: str, tmp_path: Path
):
    """One of them without scripts; the addresses that their browsers stop at hold neither code nor state."""
    desk = desk_over(put_right_world, tmp_path)
    bind(desk, issuer, LOGINS)
    review = desk.assess().review
    served, wrong, seen = serve(desk, "everybody", **settings(issuer)), list[str](), list[str]()

    def heard(message: ConsoleMessage) -> None:
        ours = message.type in ("error", "warning") and message.location["url"].startswith(served.address)
        if ours and "status of 401" not in message.text:  # the page itself, before anybody is logged in
            wrong.append(message.text)

    for person, role in SIGNERS:
        with chromium.new_context(java_script_enabled=person != "dana.ortiz") as context:
            page = context.new_page()
            page.set_default_timeout(WAITS)
            page.on("console", heard)
            log_in(page, served, LOGINS[person])
            expect(page.locator("header")).to_contain_text(desk.deps().configuration.people().name_of(person))
            seen.append(page.url)
            sign_in_browser(page, review, role)

    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    assert {str(one.assurance) for one in desk.deps().reviews.signoffs(review)} == {"oidc"}
    assert not any("code=" in url or "state=" in url for url in seen)
    assert wrong == []
