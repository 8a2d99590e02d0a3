"""May the token view the projects that cards name? A role may open one project and leave out the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from collectors.connections import Connections, SourceCheck
from collectors.evidence import Request
from collectors.launchdarkly.client import VENDOR, Rest, rest_client, rest_source, secrets_of
from collectors.launchdarkly.facts import FlagAsk, FlagHistoryAsk, RolloutAsk
from collectors.launchdarkly.flag import read_flag
from collectors.needs import NEEDS
from collectors.tries import Trial, first_of_each

(VIEW,) = NEEDS["launchdarkly.flag"]


def trials(conn: Connections, check: SourceCheck, asks: Sequence[Request]) -> Iterator[Trial]:
    """One flag of each of the first few projects."""
    access = conn.launchdarkly
    flags = [ask for ask in asks if isinstance(ask, FlagAsk | FlagHistoryAsk | RolloutAsk)]
    if access is None or not flags:
        return
    log, asked = conn.log(VENDOR), rest_source(access)
    with rest_client(access, log, conn.timeout, conn.way(VENDOR, asked.credential)) as http:
        rest = Rest(http, log, asked, conn.clock, secrets_of(access))
        for ask in first_of_each(flags, lambda ask: ask.project):
            yield Trial(VIEW, f"project {ask.project}", partial(read_flag, rest, ask))
