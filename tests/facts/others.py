"""Okta, LangSmith, GitHub and Slack (their part of 5, 6e, 7, 8)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}

# The sections (`1d`) and single blocks (`5.12`) that this table answers for, every one of them.
SECTIONS: tuple[str, ...] = ()
