"""The runbook's own steps: what stands in its blocks of commands, and a shell to run them in as a reader would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.conftest import GATE, SUBJECT, Desk

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "runbook.md"
_CODE = re.compile(r"\s+# code (\d+)$")
_COMMENT = re.compile(r"\s{2,}#.*$")


@dataclass(frozen=True)
class Step:
    """One line to be typed, and the exit code that the runbook says it has."""

    command: str
    code: int


def sections(text: str) -> dict[str, list[list[Step]]]:
    """Each heading's blocks of commands, in their order; headings without any are left out."""
    found: dict[str, list[list[Step]]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        blocks = re.findall(r"^```sh\n(.*?)^```", body, flags=re.MULTILINE | re.DOTALL)
        if blocks:
            found[title.strip()] = [[_step(line) for line in block.splitlines() if line.strip()] for block in blocks]
    return found


def _step(line: str) -> Step:
    said = _CODE.search(line)
    return Step(_COMMENT.sub("", _CODE.sub("", line)).strip(), int(said[1]) if said else 0)


@dataclass(frozen=True)
class Reader:
    """Somebody with the runbook open at one heading, at a desk. `say` is what they would fill in for each $NAME."""

    desk: Desk
    title: str
    person: str = "mike.chen"

    def follow(self, block: int, *, without: tuple[str, ...] = (), **say: str) -> str:
        """Type a block of this heading; everything that was printed. Fails at the first line with another exit code."""
        told = []
        for step in sections(RUNBOOK.read_text(encoding="utf-8"))[self.title][block]:
            done = self.type(step.command, without, say)
            assert done.returncode == step.code, f"{step.command}: {done.returncode}\n{done.stdout}{done.stderr}"
            told.append(done.stdout + done.stderr)
        return "\n".join(told)

    def type(
        self, line: str, without: tuple[str, ...] = (), say: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        own = self.desk.env(
            CLEARANCE_KEY=str(self.desk.keys / f"{self.person}.pem"), SUBJECT=SUBJECT, GATE=GATE, VERSION="1.0"
        )
        path = f"{_bin(self.desk.home.parent / 'bin')}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {**os.environ, **own, **(say or {}), "PATH": path, "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            ["bash", "-c", line], cwd=self.desk.home.parent, text=True, capture_output=True, timeout=120,
            env={name: value for name, value in env.items() if name not in without}, stdin=subprocess.DEVNULL,
        )  # fmt: skip


def _bin(folder: Path) -> Path:
    """A folder with `clearance` in it: this code, by this Python."""
    folder.mkdir(exist_ok=True)
    command = folder / "clearance"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m agent "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return folder
