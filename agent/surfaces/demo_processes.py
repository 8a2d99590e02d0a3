"""The demo's sandboxes: one process a world, for the AWS stand-in keeps its state per process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import agent
from agent.errors import ConfigError
from agent.surfaces.worlds import folder_of
from collectors.sandbox.world import World, load_world

STOP_WITHIN = 10  # seconds


@dataclass(frozen=True)
class RunningWorld:
    """A world whose stand-ins run. `settings` point at them; `keys` holds a key for each of its people."""

    name: str
    title: str
    subject: str
    settings: dict[str, str]
    keys: Path


@contextmanager
def start_worlds(home: Path, names: Sequence[str]) -> Iterator[list[RunningWorld]]:
    """Start all at once, wait until each is up, and stop them at the end."""
    with ExitStack() as stack:
        worlds = [load_world(folder_of(name)) for name in names]
        processes = [stack.enter_context(_process(world, home)) for world in worlds]
        yield [_up(world, process) for world, process in zip(worlds, processes, strict=True)]


@contextmanager
def _process(world: World, home: Path) -> Iterator[subprocess.Popen[str]]:
    # -P and the package's own folder: a folder named `agent` in the working directory must not be taken for ours.
    command = [sys.executable, "-P", "-m", "agent", "sandbox", "--world", world.name, "--json", "--until-stdin-closes"]
    env = {**os.environ, "CLEARANCE_HOME": str(home), "PYTHONPATH": str(Path(agent.__file__).resolve().parents[1])}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )  # fmt: skip
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()


def _up(world: World, process: subprocess.Popen[str]) -> RunningWorld:
    assert process.stdout
    assert process.stderr
    line = process.stdout.readline()
    if not line:
        raise ConfigError(f"the stand-ins of {world.name} did not start: {process.stderr.read().strip()}")
    told: dict[str, str] = json.loads(line)
    del told["CLEARANCE_SANDBOX_CONTROL"]
    keys = Path(told["CLEARANCE_KEY"]).parent
    return RunningWorld(world.name, world.title, world.subject, told, keys)
