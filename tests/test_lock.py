"""The lock file pins exactly what pyproject asks for, and nothing in it belongs to one machine."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ \\]+)", LOCK, re.MULTILINE))


def wanted() -> list[str]:
    """Everything that runs, demonstrates, tests or builds."""
    extras = PROJECT["project"]["optional-dependencies"]
    asked = [*PROJECT["project"]["dependencies"], *extras["demo"], *extras["dev"], *PROJECT["build-system"]["requires"]]
    return [one for one in asked if not one.startswith("clearance[")]


@pytest.mark.parametrize("asked", wanted())
def test_every_dependency_is_pinned_within_its_range(asked: str):
    """When this fails after a change to pyproject: `make lock`."""
    requirement = Requirement(asked)
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_every_pin_carries_hashes_and_no_place():
    """No index, no path, no link: any mirror may serve it, and what it serves is checked."""
    assert LOCK.count("==") == len(PINS)
    assert all(
        "--hash=sha256:" in block for block in re.split(r"^(?=[A-Za-z])", LOCK, flags=re.MULTILINE) if "==" in block
    )
    assert not re.search(r"https?://|file:|--index|--find-links|^/", LOCK, re.MULTILINE)
