"""Vendors' clients are loaded when they are first needed, by one thread at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collectors.datadog import facts as datadog
from collectors.registry import Row

MODULE = """
from threading import BrokenBarrierError

from outside.datadog import both

try:
    both.wait(0.3)
    together = True
except BrokenBarrierError:
    together = False
"""


def test_two_collectors_of_one_vendor_are_not_loaded_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Datadog's client imports itself in a circle: loaded from two ends at once it was a deadlock, and a gap."""
    package = tmp_path / "outside" / "datadog"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").write_text("from threading import Barrier\n\nboth = Barrier(2)\n", encoding="utf-8")
    for name in ("one", "other"):
        (package / f"{name}.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    rows = [
        Row(datadog.MonitorsAsk, datadog.MonitorsFacts, f"outside.datadog.{name}:together") for name in ("one", "other")
    ]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda row: row.collector(), rows)) == [False, False]
