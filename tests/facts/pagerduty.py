"""PagerDuty (1d, 3, 10.14)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}
