"""The page as people use it: `clearance serve` as a process of its own for each person, and a browser for each."""

from __future__ import annotations

import json
import os
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.acceptance.conftest import (
    ROOT,
    Desk,
    RunningWorld,
    as_written,
    as_written_world,
    desk_over,
    prepared,
    put_right,
    put_right_world,
)
from tests.processes import LONGEST, beside, next_line
from tests.stem import Beside

__all__ = ["as_written", "as_written_world", "prepared", "put_right", "put_right_world"]
WAITS = LONGEST * 1000  # milliseconds; of itself Playwright gives a page five seconds to show what is expected
expect.set_options(timeout=WAITS)
# The shell takes a quarter of the time: it draws pages, and no windows of its own around them.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Served:
    """One person's page: its address and the first link that logs in."""

    address: str
    login: str
    person: str
    process: Beside
    used: list[str] = field(default_factory=list)

    def link(self) -> str:
        """A link that was not used: the first, or one that the page prints on its terminal when asked."""
        if self.used:
            form = {"Origin": self.address}
            request = urllib.request.Request(self.address + "/login", data=b"", headers=form, method="POST")
            urllib.request.urlopen(request, timeout=LONGEST).close()
        self.used.append(self.printed_link() if self.used else self.login)
        return self.used[-1]

    def printed_link(self) -> str:
        said = iter(lambda: next_line(self.process, self.process.stderr), "")
        return next(line for line in said if "/login/" in line).split()[-1]


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts a person's page over a desk; the same person at the same desk has one."""
    known: dict[tuple[Path, str], Served] = {}
    with ExitStack() as stack:

        def start(desk: Desk, person: str, own: dict[str, str]) -> Served:
            env = {**os.environ, **desk.env(**{"CLEARANCE_KEY": str(desk.keys / f"{person}.pem"), **own})}
            line = ("serve", "--port", "0", "--json", "--until-stdin-closes")
            process = stack.enter_context(
                beside("agent", *line, cwd=ROOT, env=env, pipes=("stdin", "stdout", "stderr"))
            )
            return Served(**json.loads(next_line(process)), process=process)

        def page_of(desk: Desk, person: str, **own: str) -> Served:
            if (desk.home, person) not in known:
                known[desk.home, person] = start(desk, person, own)
            return known[desk.home, person]

        yield page_of


@dataclass(frozen=True)
class Office:
    """One desk over the put-right world, with a review that waits."""

    desk: Desk
    review: str
    serve: Serve

    @property
    def served(self) -> Served:
        return self.at("mike.chen")

    def at(self, person: str) -> Served:
        return self.serve(self.desk, person)

    def fresh(self) -> str:
        """A new review; those before it are superseded."""
        return self.desk.assess(new=True).review


@pytest.fixture(scope="module")
def office(put_right_world: RunningWorld, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Office:
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("office"))
    return Office(desk, desk.assess().review, serve)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's own browser; without one these tests are skipped, aloud."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed (apt-get install chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()


Enter = Callable[..., Page]


@pytest.fixture
def enter(chromium: Browser) -> Iterator[Enter]:
    """A fresh browser context, logged in by the link. An error or warning on its console fails the test."""
    said: list[str] = []
    with ExitStack() as stack:

        def open_page(served: Served, *, scripts: bool = True, width: int = 1100) -> Page:
            context = chromium.new_context(java_script_enabled=scripts, viewport={"width": width, "height": 900})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(WAITS)
            page.on("console", lambda message: said.append(_told(message)))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.goto(served.link())
            return page

        yield open_page
    assert [line for line in said if line] == []


def _told(message: ConsoleMessage) -> str:
    """Errors and warnings; the browser itself writes the status of a refusal there, which is no error of the page."""
    refused = re.search("status of (404|409)", message.text)
    return "" if refused or message.type not in ("error", "warning") else f"{message.type}: {message.text}"
