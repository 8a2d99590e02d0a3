"""Every setting is explained, and nothing is explained that is none."""

from __future__ import annotations

import re

import pytest

from agent.settings import NAMES
from tests.builders import ROOT

PAGES = [ROOT / "docs" / name for name in ("settings.md", "models.md")]
EXPLAINED = {name for page in PAGES for name in re.findall(r"`([A-Z][A-Z_]{5,})`", page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_explained(name: str):
    assert name in EXPLAINED


def test_nothing_is_explained_that_nobody_reads():
    assert EXPLAINED - set(NAMES) == set()
