"""What is taken out of PagerDuty's answers before they are kept: how to reach people, and private calendar links."""

from __future__ import annotations

import re

from pydantic import JsonValue

from collectors import addresses

REMOVED = "[removed]"
# `label` and `summary` of a contact method are often the number or address itself.
PRIVATE = frozenset(
    {"email", "address", "country_code", "http_cal_url", "web_cal_url", "avatar_url", "conference_bridge"}
)  # fmt: skip
OF_A_METHOD = frozenset({"label", "summary"})
PHONE = re.compile(r"\+\d[\d\s().-]{6,}\d")


def redact(body: dict[str, JsonValue]) -> tuple[dict[str, JsonValue], frozenset[str]]:
    """A copy without private values, and the names of the fields that lost something."""
    names: set[str] = set()
    clean = {key: _field(key, value, body, names) for key, value in body.items()}
    return clean, frozenset(names)


def _clean(value: JsonValue, name: str, names: set[str]) -> JsonValue:
    if isinstance(value, dict):
        return {key: _field(key, inner, value, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner, name, names) for inner in value]
    if isinstance(value, str):
        return _text(value, name, names)
    return value


def _field(key: str, value: JsonValue, owner: dict[str, JsonValue], names: set[str]) -> JsonValue:
    method = "contact_method" in str(owner.get("type"))
    if value is not None and (key in PRIVATE or (method and key in OF_A_METHOD)):
        names.add(key)
        return REMOVED
    return _clean(value, key, names)


def _text(text: str, name: str, names: set[str]) -> str:
    clean = addresses.without(text, REMOVED)
    clean = PHONE.sub(REMOVED, clean) if "+" in clean else clean  # most texts hold none
    if clean != text:
        names.add(name)
    return clean
