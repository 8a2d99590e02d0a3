"""What LaunchDarkly's answers hold that must not be kept: keys, addresses, names of flagged contexts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from pydantic import JsonValue

from collectors.errors import Malformed

KEYS = frozenset({"apiKey", "mobileKey", "secureModeKey", "sdkKey"})
PRIVATE = frozenset({"email", "_maintainer", "_maintainerTeam", "avatarUrl", "triggerBody"})
HOLD_PRIVATE = frozenset({"title", "subject", "values"})  # a mailto link, a person again, keys of contexts
NOISE = frozenset({"salt", "sel"})  # rollouts can be foretold from them
REMOVED = KEYS | PRIVATE | HOLD_PRIVATE | NOISE
KEY_SHAPED = re.compile(r"\b(sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I)
SHORTEST_KEY = 40  # characters of one of that shape: most texts are shorter, and need not be looked through
LONGEST_TEXT = 2000


class Redactor:
    """Cleans bodies and remembers the names of what was taken out. `secrets` are cut out wherever they appear."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)
        self._removed: set[str] = set()

    @property
    def removed(self) -> tuple[str, ...]:
        return tuple(sorted(self._removed))

    def clean(self, value: JsonValue) -> JsonValue:
        """The value without what must not be kept; Malformed for numbers that JSON cannot hold."""
        if isinstance(value, dict):
            return self.object(value)
        if isinstance(value, list):
            return [self.clean(item) for item in value]
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise Malformed("LaunchDarkly answered with a number that JSON does not know")
        return value

    def object(self, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        self._removed |= REMOVED & value.keys()
        return {self._text(name): self.clean(held) for name, held in value.items() if name not in REMOVED}

    def _text(self, text: str) -> str:
        kept = KEY_SHAPED.sub(r"\1-removed", text) if len(text) >= SHORTEST_KEY else text
        for secret in self._secrets:
            kept = kept.replace(secret, "removed")
        if kept != text:
            self._removed.add("keys in text")
        whole = kept if kept.isascii() else kept.encode("utf-8", "replace").decode()
        return whole[:LONGEST_TEXT]
