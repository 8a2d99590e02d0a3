"""Whole reviews over running stand-ins: one sandbox process a world, a fresh home and overlay for every test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent import resources, settings
from agent.deps import Deps
from agent.domain import ReviewDocument, SignOffDecision
from agent.service import signing
from agent.service.assembly import assemble
from agent.service.assess import assess
from agent.service.opened import not_opened, opened
from agent.surfaces.demo_world import lay_out
from tests import stem
from tests.processes import LONGEST, next_line, started

if TYPE_CHECKING:
    from tests.acceptance.prepared import Prepared

ROOT = Path(__file__).resolve().parents[2]
SUBJECT, GATE = "finance-invoice-recon", "pilot-to-prod"
NOTES = {
    "4": "Saw all three guardrail events in the log",
    "7": "Read the answers of all three on call",
    "9": "Compared the drill with the flag history",
}
SIGNERS = (("mike.chen", "builder"), ("morteza.moradi", "lead"), ("dana.ortiz", "second_approver"))


@dataclass(frozen=True)
class RunningWorld:
    """A sandbox process: the settings that point at it, and its control port for faults."""

    name: str
    settings: dict[str, str]
    control: str

    def faults(self, vendor: str, *faults: dict[str, object]) -> None:
        body = json.dumps({"vendor": vendor, "faults": list(faults)}).encode()
        request = urllib.request.Request(self.control + "/faults", data=body, method="POST")
        urllib.request.urlopen(request, timeout=LONGEST).close()

    def seen(self, vendor: str) -> list[dict[str, object]]:
        with urllib.request.urlopen(f"{self.control}/seen?vendor={vendor}", timeout=LONGEST) as answer:
            found: list[dict[str, object]] = json.load(answer)
        return found


def open_all(deps: Deps, who: signing.Caller, review: str) -> None:
    """As `reviews show REVIEW ITEM` with this key notes it."""
    for item in not_opened(deps, review, who.person):
        opened(deps, review, item, who.person, "cli")


def start_world(name: str, home: Path) -> Iterator[RunningWorld]:
    command = [sys.executable, "-m", "agent", "sandbox", "--world", name, "--json", "--until-stdin-closes"]
    env = {**os.environ, "CLEARANCE_HOME": str(home)}
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=env) as process:
        told = json.loads(next_line(process))
        control = told.pop("CLEARANCE_SANDBOX_CONTROL")
        told = {k: v for k, v in told.items() if k not in ("CLEARANCE_CONFIG", "CLEARANCE_HOME", "CLEARANCE_KEY")}
        yield RunningWorld(name, told, control)


@pytest.fixture(scope="session")
def as_written_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    yield from start_world("as-written", tmp_path_factory.mktemp("as-written"))


@pytest.fixture(scope="session")
def put_right_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    yield from start_world("put-right", tmp_path_factory.mktemp("put-right"))


@dataclass(frozen=True)
class Desk:
    """One home, one overlay, one world: assess and sign as its people would."""

    world: RunningWorld
    home: Path
    overlay: Path
    keys: Path
    timeout: str = "30"  # seconds; no stand-in of ours is this slow, however busy the machine

    def env(self, **more: str) -> dict[str, str]:
        own = {
            "CLEARANCE_HOME": str(self.home),
            "CLEARANCE_CONFIG": str(self.overlay),
            "CLEARANCE_TIMEOUT": self.timeout,
        }
        return {**self.world.settings, **own, **more}

    def deps(self, *without: str, **more: str) -> Deps:
        env = {k: v for k, v in self.env(**more).items() if k not in without}
        return assemble(settings.read(env))

    def assess(self, *without: str, only: tuple[int, ...] = (), new: bool = False) -> ReviewDocument:
        return assess(self.deps(*without), SUBJECT, GATE, only=only, new=new).document

    def sign(self, person: str, role: str, review: str, decision: str = "cleared", **more: str) -> signing.Signed:
        deps = self.deps(CLEARANCE_KEY=str(self.keys / f"{person}.pem"))
        who = signing.caller(deps)
        open_all(deps, who, review)
        return signing.sign(deps, who, review, role, SignOffDecision(decision), notes=NOTES, **more)

    def sign_all(self, review: str) -> signing.Signed:
        for person, role in SIGNERS:
            signed = self.sign(person, role, review)
        return signed

    def cli(self, *args: str, without: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **{k: v for k, v in self.env(**more).items() if k not in without}}
        return stem.run(args, ROOT, env)


def desk_over(world: RunningWorld, tmp_path: Path, mend: Callable[[Path], None] | None = None) -> Desk:
    """A desk whose overlay is the world's own, mended first if asked."""
    import shutil

    source = tmp_path / "source"
    shutil.copytree(resources.folder("config") / "worlds" / world.name / "overlay", source)
    if mend:
        mend(source)
    overlay = lay_out(source, tmp_path / "overlay", tmp_path / "keys")
    return Desk(world, tmp_path / "home", overlay, tmp_path / "keys")


@pytest.fixture
def as_written(as_written_world: RunningWorld, tmp_path: Path) -> Iterator[Desk]:
    yield desk_over(as_written_world, tmp_path)
    _quiet(as_written_world)


@pytest.fixture
def put_right(put_right_world: RunningWorld, tmp_path: Path) -> Iterator[Desk]:
    yield desk_over(put_right_world, tmp_path)
    _quiet(put_right_world)


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """An S3 that takes what is published; its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


@pytest.fixture(scope="session")
def prepared(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """The put-right world, assessed once."""
    from tests.acceptance.prepared import Prepared

    desk = desk_over(put_right_world, tmp_path_factory.mktemp("prepared"))
    deps = desk.deps()
    review = assess(deps, SUBJECT, GATE).document.review
    deps.engine.dispose()
    return Prepared(desk, review)


def _quiet(world: RunningWorld) -> None:
    for vendor in ("pagerduty", "launchdarkly", "datadog", "aws"):
        world.faults(vendor)
