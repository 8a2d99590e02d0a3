"""Okta, LangSmith, GitHub and Slack (their part of 5, 6e, 7, 8)."""

from __future__ import annotations

from tests.facts.fact import Said

FACTS: dict[str, Said] = {}
