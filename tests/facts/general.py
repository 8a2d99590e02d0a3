"""rules for every source (0), clients (10.1 to 10.13) and tests (11)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}

# The sections (`1d`) and single blocks (`5.12`) that this table answers for, every one of them.
SECTIONS: tuple[str, ...] = ()
