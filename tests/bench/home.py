"""A home over N subjects and their vendors, for the benches that assess."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent import settings
from agent.deps import Deps
from agent.service.assembly import assemble
from collectors.rate import Limits
from tests.bench import subjects, vendors
from tests.bench.vendors import Line

ROOT = Path(__file__).resolve().parents[2]
GATE = "pilot-to-prod"


@dataclass(frozen=True)
class Home:
    """`env` points a command at it; `lines` are the vendors."""

    folder: Path
    env: Mapping[str, str]
    lines: Mapping[str, Line]

    def deps(self, *, limited: bool = True, **more: str) -> Deps:
        """As a command has them. Without `limited`, our own shares of the vendors' limits do not hold us back."""
        found = assemble(settings.read({**self.env, **more}))
        return found if limited else replace(found, connections=replace(found.connections, limits=Limits(())))

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """A process of its own."""
        kept = {**installed(), **self.env, **(env or {})}
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=3600, check=False)

    def measured(self, *words: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
        """What a module of the bench prints as JSON, run as a process of its own."""
        done = self.run(*words, env=env)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr[-2000:]}")
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    def refused(self) -> int:
        return sum(line.told()["refused"] for line in self.lines.values())

    def calls(self) -> int:
        return sum(line.told()["calls"] for line in self.lines.values())


def installed() -> dict[str, str]:
    """The environment of a command as it is installed: with its bytecode, however the bench itself was started."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(ROOT)}


@contextmanager
def home(n: int, *, enforced: bool = True) -> Iterator[Home]:
    """N subjects, their statements and their vendors, in a folder that is taken away afterwards."""
    with tempfile.TemporaryDirectory(prefix="clearance-bench-") as made:
        folder = Path(made)
        overlay = subjects.overlay(n, folder)
        key = {"CLEARANCE_KEY": str(folder / "keys/mike.chen.pem")}
        place = {"CLEARANCE_HOME": str(folder / "home"), "CLEARANCE_CONFIG": str(overlay)}
        with vendors.running(n, enforced=enforced) as (world, lines):
            yield Home(folder, {**vendors.settings(world, lines), **place, **key}, lines)
