"""Opens okta on loopback."""

from __future__ import annotations

from tests.collectors.optional_place import place_of

place = place_of("okta")
