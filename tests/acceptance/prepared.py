"""A review that was assessed once and waits for signatures, copied for every test that starts from there."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from agent.deps import Deps
from agent.service import signing
from tests.acceptance.conftest import Desk


@dataclass
class Hands:
    """A clock that stands still until a test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def go(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Prepared:
    """`desk`: as it was when the review `review` reached its signers. Never worked on, only copied."""

    desk: Desk
    review: str

    def copy(self, into: Path) -> Desk:
        """The same home, overlay and keys in a folder of their own."""
        desk = replace(self.desk, home=into / "home", overlay=into / "overlay", keys=self.desk.keys)
        shutil.copytree(self.desk.home, desk.home)
        shutil.copytree(self.desk.overlay, desk.overlay)
        return desk


def as_person(desk: Desk, person: str, clock: Hands | None = None, **more: str) -> tuple[Deps, signing.Caller]:
    """The dependencies of a command that this person runs."""
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{person}.pem"), **more)
    deps = replace(deps, clock=clock) if clock else deps
    return deps, signing.caller(deps)
