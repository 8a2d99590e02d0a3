"""Asks every vendor at once whether it answers; each vendor's own `check`, and `tries`, say how it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from collectors import tries
from collectors.connections import Connections, SourceCheck
from collectors.evidence import Request

VENDORS = ("pagerduty", "launchdarkly", "datadog", "aws", "langsmith", "github", "slack", "okta")
BY_THE_THING = ("launchdarkly", "aws", "github")  # where a permission hangs on a project, bucket, repository …


def check_all(conn: Connections, asks: Sequence[Request] = ()) -> list[SourceCheck]:
    """What each source says, in the order of VENDORS; a source may answer for several credentials.

    Of what `asks` are about, a few things are tried where only they show what the credential may do.
    """
    with ThreadPoolExecutor(len(VENDORS)) as pool:
        found = pool.map(lambda vendor: _check(vendor, conn, asks), VENDORS)
        return [one for answers in found for one in answers]


def _check(vendor: str, conn: Connections, asks: Sequence[Request]) -> list[SourceCheck]:
    told: SourceCheck | list[SourceCheck] = import_module(f"collectors.{vendor}.check").check(conn)
    first, *others = told if isinstance(told, list) else [told]
    if vendor in BY_THE_THING and first.state == "ok":
        trials = import_module(f"collectors.{vendor}.tries").trials(conn, first, asks)
        first = tries.with_tried(first, tries.run(trials))
    return [first, *others]
