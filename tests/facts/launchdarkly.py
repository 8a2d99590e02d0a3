"""LaunchDarkly (its part of 5, 9, 10.16)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}
