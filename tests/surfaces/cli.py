"""Runs `clearance` as people do: a process of its own, no terminal, a home and overlay of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests import stem

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Desk:
    """`cwd` is somewhere outside the repository; `env` holds the settings besides the home."""

    cwd: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.cwd / "home"

    def environment(self, **more: str) -> dict[str, str]:
        own = {"CLEARANCE_HOME": str(self.home), "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
        return {**os.environ, **own, **self.env, **more}

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return stem.run(arguments, self.cwd, self.environment(**more))
