"""6: the first byte of the page, for a board of five thousand subjects and for one review."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from agent.service.assess import assess
from tests.bench.home import GATE, ROOT, Home, home
from tests.bench.subjects import name
from tests.bench.table import Row
from tests.web.crowd import crowd

MANY, TIMES, AIM = 5000, 9, 100  # ms


def rows(many: int = MANY, times: int = TIMES) -> Iterator[Row]:
    """The served page of one person, asked over its socket; the median of several."""
    with home(1, enforced=False) as at:
        deps = at.deps(limited=False)
        review = assess(deps, name(0), GATE).document.review
        crowd(deps, review, many)
        with _served(at) as place:
            yield Row("6", f"first byte of the board of {many:,} subjects", place.median("/", times), "ms", AIM)
            yield Row("6", "first byte of one review", place.median(f"/reviews/{review}", times), "ms", AIM)


class _served:
    """`clearance serve` as a process, with a session."""

    def __init__(self, at: Home) -> None:
        self.at = at

    def __enter__(self) -> _served:
        env = {**os.environ, **self.at.env, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "agent", "serve", "--port", "0", "--json", "--until-stdin-closes"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout
        told = json.loads(self.process.stdout.readline())
        self.address = urlsplit(told["address"])
        self.cookie = self._log_in(told["login"])
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=30)

    def _log_in(self, link: str) -> str:
        parts = urlsplit(link)
        connection = http.client.HTTPConnection(self.address.hostname or "", self.address.port)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        for method in ("POST", "GET"):
            connection.request(method, path, headers={"Origin": self.address.geturl(), "Content-Length": "0"})
            answer = connection.getresponse()
            answer.read()
            if cookie := answer.getheader("set-cookie"):
                return cookie.split(";", 1)[0]
        raise RuntimeError(f"{link} gave no session")

    def median(self, path: str, times: int) -> float:
        return statistics.median([self._first_byte(path) for _ in range(times + 1)][1:]) * 1000

    def _first_byte(self, path: str) -> float:
        connection = http.client.HTTPConnection(self.address.hostname or "", self.address.port)
        connection.connect()
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        answer.read(1)
        took = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        connection.close()
        return took
