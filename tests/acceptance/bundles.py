"""A signed bundle to check and to tamper with, the key that an auditor got by another way, and the recipe by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.conftest import Desk, RunningWorld, desk_over
from tests.processes import LONGEST

SHELLS = [shell for shell in ("dash", "bash") if shutil.which(shell)]


@pytest.fixture(scope="module")
def signed(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """One bundle, signed by its people."""
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("bundle"))
    return desk, Path(desk.sign_all(desk.assess().review).bundle)


@pytest.fixture
def bundle(signed: tuple[Desk, Path], tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(signed[1], tmp_path / "bundle"))


@pytest.fixture(scope="module")
def key(signed: tuple[Desk, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public key, as an auditor got it by another way."""
    return Path(shutil.copy(signed[0].home / "trust/clearance.pub.pem", tmp_path_factory.mktemp("key")))


def recipe_of(bundle: Path) -> str:
    return (bundle / "VERIFY.md").read_text().split("```sh\n")[1].split("```")[0]


def by_hand(bundle: Path, key: Path, shell: str = "sh", recipe: str = "") -> subprocess.CompletedProcess[str]:
    """The recipe of VERIFY.md, or one that was read before the bundle was touched."""
    return subprocess.run(
        [shell, "-c", recipe or recipe_of(bundle)], cwd=bundle, env={**os.environ, "KEY": str(key)}, text=True,
        capture_output=True, timeout=LONGEST, stdin=subprocess.DEVNULL,
    )  # fmt: skip
