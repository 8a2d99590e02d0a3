"""Opens okta on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.collectors.optional_place import Place, places


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    with places("okta", tmp_path) as opened:
        yield opened
