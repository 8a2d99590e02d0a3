"""AWS (its part of 5, 6a to 6c)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}
