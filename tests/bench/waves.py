"""What a wave's lists cost where the account holds far more than the wave asks about: for docs/scale.md.

The bound of `make bench` is that of an account which holds what is asked about and little else. A sweep asks about a
thousand subjects at a time, and each wave meets the lists of the whole account. The rules are the collectors' own, by
their own numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from agent.service.sweeps.sweeping import MOST
from collectors.aws import account_list
from collectors.datadog import monitors
from collectors.launchdarkly.shared import ALONE, MOST_SHARED

LOG_PAGE, TURNS = 20, 2  # entries a page of LaunchDarkly's log; those of a flag in the pilot, a drill


@dataclass(frozen=True)
class Listed:
    """A list: of what one subject has `each`, `page` at a time. `most`: pages that are read for so many wanted.

    `looks`: a list that is longer is left after its first page. What was not found is asked for one by one.
    """

    each: int
    page: int
    most: Callable[[int], int]
    looks: bool = False

    def calls(self, account: int, wave: int) -> int:
        """For the subjects of one wave in an account of so many."""
        pages, wanted = ceil(self.each * account / self.page), self.each * wave
        if pages <= self.most(wanted):
            return pages
        read = 1 if self.looks else self.most(wanted)
        return read + wanted - wanted * read // pages


def _aws(wanted: int) -> int:
    return max(1, wanted // account_list.SPARED)


SERVICES = Listed(1, 100, lambda wanted: wanted, looks=True)
# By part of the bound. PagerDuty's services are read by both.
LISTS = {
    "pagerduty.on_call": SERVICES,
    "pagerduty.incidents": SERVICES,
    "launchdarkly": Listed(1, 100, lambda wanted: wanted, looks=True),
    "datadog.monitors": Listed(1, 1000, lambda wanted: 1 + wanted // monitors.SPARED),
    "aws.secret_rotation": Listed(2, 100, _aws),
    "aws.iam": Listed(1, 1000, _aws),
}


def count(account: int) -> int:
    """How many waves a sweep of all of them takes."""
    return ceil(account / MOST)


def more(part: str, account: int) -> int:
    """Calls of all waves over those of as many accounts that hold a wave's subjects each."""
    lists = LISTS.get(part)
    longer = count(account) * (lists.calls(account, MOST) - lists.calls(MOST, MOST)) if lists else 0
    return longer + (_histories(account) if part == "launchdarkly" else 0)


def _histories(account: int) -> int:
    """The log of the account is read once for many waves; one that is too long is left, and each flag asked alone."""
    pages, of_a_wave = ceil(account * TURNS / LOG_PAGE), ceil(MOST * TURNS / LOG_PAGE)
    most = min(MOST_SHARED, ALONE * MOST)
    if pages <= most:
        return pages - count(account) * of_a_wave
    return most + account * ALONE - count(account) * of_a_wave
