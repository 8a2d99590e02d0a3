"""How long before a call is tried again: what the vendor asks for, each in its own header, or a short backoff."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from collectors.rate import JITTER, REMAINING

RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")


def backoff(attempt: int) -> float:
    """Seconds after the failed attempt number `attempt`: 0.1 to 0.2, 0.2 to 0.4, …"""
    return float(0.1 * 2 ** (attempt - 1) * (1 + random.random()))


def pause(status: int, headers: Mapping[str, str], attempt: int) -> float | None:
    """Seconds before the next attempt, or None when the answer stands. `headers` must not mind the case of names."""
    limited = is_limit(status, headers)
    if not limited and status < 500:
        return None
    asked = _after(headers)
    if asked is None and limited:  # resets come with every answer and tell nothing of a failure
        asked = next((wait for name in RESETS if (wait := _until(headers, name)) is not None), None)
    return backoff(attempt) if asked is None else asked + random.random() * JITTER


def is_limit(status: int, headers: Mapping[str, str]) -> bool:
    """Too many calls. GitHub's limits hide behind 403: nothing remains, or it says when to come back."""
    if status == 403:
        return headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return status == 429


def used_up(headers: Mapping[str, str]) -> float | None:
    """Seconds until there are calls again, where the answer says that none is left and when; None otherwise."""
    if not any(headers.get(name) == "0" for name in REMAINING):
        return None
    return next((wait for name in RESETS if (wait := _until(headers, name)) is not None), None)


def _after(headers: Mapping[str, str]) -> float | None:
    """Retry-After: seconds, or an instant as HTTP writes it."""
    value = headers.get("retry-after", "")
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    at = _instant(value)
    return None if at is None else max(0.0, at - _now(headers))


def _until(headers: Mapping[str, str], name: str) -> float | None:
    """PagerDuty and Datadog give seconds, GitHub and Okta the second since 1970, LaunchDarkly its millisecond."""
    value = headers.get(name, "")
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    if re.fullmatch(r"\d{10}|\d{13}", value):
        at = int(value) / (1000 if len(value) == 13 else 1)
        return max(0.0, at - _now(headers))
    return None


def _now(headers: Mapping[str, str]) -> float:
    """The vendor's own clock where the answer shows it: ours may be wrong."""
    return _instant(headers.get("date", "")) or time.time()


def _instant(value: str) -> float | None:
    try:
        at: datetime = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    return at.timestamp()
