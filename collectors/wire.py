"""Typed reading of other people's JSON: what is missing or of another type is Malformed, never a default."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, JsonValue, ValidationError

from collectors import addresses
from collectors.errors import Malformed

Json = dict[str, JsonValue]
TOKEN = re.compile(r"\b(?:xox[a-z]-|xapp-|gh[a-z]_|github_pat_|lsv2_|sk-)[\w-]{8,}")


class Wire(BaseModel):
    """A part of an answer. Fields that are not named are left aside; nothing is turned into another type."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


def _iso(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("is no ISO time")
    return datetime.fromisoformat(value)


def _iso_or_utc(value: object) -> datetime:
    at = _iso(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_iso)]
InstantOrUtc = Annotated[AwareDatetime, BeforeValidator(_iso_or_utc)]

W = TypeVar("W", bound=Wire)


def read(model: type[W], value: JsonValue, told: str) -> W:
    """The part as its type; Malformed names the field that is wrong and never its value."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise Malformed(f"{told} answered with a body whose {where or 'shape'} cannot be read", status=200) from error


def objects(value: JsonValue, told: str) -> list[Json]:
    """A list of objects."""
    if not isinstance(value, list):
        raise Malformed(f"{told} answered with {type(value).__name__} instead of a list", status=200)
    held = [item for item in value if isinstance(item, dict)]
    if len(held) != len(value):
        raise Malformed(f"{told} answered with a list that holds something else than objects", status=200)
    return held


def clean(text: str, limit: int) -> str:
    """Others' text, fit to be kept: addresses under one-way names, tokens taken out, capped, never half a character."""
    whole = text.encode("utf-8", "replace").decode()
    kept = TOKEN.sub("[removed]", addresses.under_names(whole))
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def kept(value: Json, names: Sequence[str]) -> Json:
    """Only these fields, those that are there."""
    return {name: value[name] for name in names if name in value}
