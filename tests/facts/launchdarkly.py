"""LaunchDarkly (its part of 5, 9, 10.16)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}

# The sections (`1d`) and single blocks (`5.12`) that this table answers for, every one of them.
SECTIONS: tuple[str, ...] = ()
