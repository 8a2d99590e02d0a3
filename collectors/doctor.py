"""Asks every vendor at once whether it answers; each vendor's own `check` says how it is asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from collectors.connections import Connections, SourceCheck

VENDORS = ("pagerduty", "launchdarkly", "datadog", "aws", "langsmith", "github", "slack", "okta")


def check_all(conn: Connections) -> list[SourceCheck]:
    """What each source says, in the order of VENDORS; a source may answer for several credentials."""
    with ThreadPoolExecutor(len(VENDORS)) as pool:
        found = pool.map(lambda vendor: _check(vendor, conn), VENDORS)
        return [one for answers in found for one in answers]


def _check(vendor: str, conn: Connections) -> list[SourceCheck]:
    told: SourceCheck | list[SourceCheck] = import_module(f"collectors.{vendor}.check").check(conn)
    return told if isinstance(told, list) else [told]
