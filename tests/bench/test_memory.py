"""Very long lists are read to their end in little memory; a list beyond the cap is a gap, never a shorter list."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from collectors.sandbox.server import StandIn, serve
from tests.bench.long_lists import LongLog, LongSearch

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 200  # MB


def measured(question: str, vendor: StandIn) -> dict[str, Any]:
    """What a process of its own made of the vendor's list, and its peak memory in MB."""
    server = serve(vendor)
    try:
        command = [sys.executable, "-m", "tests.bench.measured", question, server.url]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=True)
    finally:
        server.close()
    told: dict[str, Any] = json.loads(done.stdout)
    print(question, told)
    return told


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process's peak memory is read from /proc")


def test_a_log_search_of_a_hundred_thousand_events_is_read_whole_in_under_200_mb():
    """A hundred pages of a thousand; all counted, the newest of each outcome kept."""
    told = measured("logs", LongSearch(100_000))

    assert told["items"] == 100_000
    assert told["facts"] < 100_000
    assert told["peak_mb"] < LIMIT


def test_a_log_search_that_goes_on_is_truncated_and_says_where():
    """One event more than the cap."""
    told = measured("logs", LongSearch(100_001))

    assert told["gap"] == "truncated"
    assert "100 pages and 100000 events" in told["what"]
    assert told["peak_mb"] < LIMIT


def test_an_audit_log_of_ten_thousand_entries_is_read_whole_in_under_200_mb():
    """Five hundred pages of twenty, the two switches among them found at both ends."""
    told = measured("audit-log", LongLog(10_000))

    assert (told["items"], told["facts"]) == (10_000, 2)
    assert told["peak_mb"] < LIMIT
