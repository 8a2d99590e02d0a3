"""The form of a statement: one input for each field that its kind has, made from the very models that check it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from agent.errors import UsageError
from collectors.statement_fields import FIELDS

ROWS = 5  # of a list that a form without scripts offers
WIDE = 200  # characters; a longer text gets a box of several lines
GIVEN = frozenset({"item", "gate", "digest", "runbook"})  # what the page knows by itself and nobody types
PEOPLE = frozenset({"owner", "requested_by", "performed_by", "observed_by", "person"})
LABELS = {
    "due": "Due", "expires": "Expires", "missing": "What is missing", "owner": "Who owns it",
    "reason": "Why it may be waived", "requested_by": "Who asked for it", "compensating": "What stands in its place",
    "flag_off_at": "Flag off at", "flag_on_at": "Flag on again at", "in_flight_at_flip": "Runs in flight at the flip",
    "in_flight_outcome": "What became of them", "new_work": "What happened to new work",
    "time_to_stop_s": "Time to stop, in seconds", "performed_by": "Who performed it", "observed_by": "Who observed it",
    "id": "Which message (its id on the card)", "drafted": "Is it drafted?", "scheduled_at": "Scheduled for",
    "log": "Which log (its id on the card)", "kept_days": "Days that it is kept", "where": "Where you read that",
    "dashboard": "Which dashboard (its id on the card)", "person": "Who watches", "when": "When",
    "document": "Document", "line": "Line it begins on", "text": "The whole sentence",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """`shape`: line, text, whole, number, instant, yes_no or rows; `people` offers the ids of people.yaml."""

    name: str
    label: str
    shape: str
    required: bool
    longest: int
    people: bool
    parts: tuple[Field, ...] = ()


ONE_BOX = (
    Field("says", "Is it so?", "yes_no", required=True, longest=0, people=False),
    Field("note", "Why (needed with no)", "line", required=False, longest=200, people=False),
    Field("confidence", "How sure, in percent", "whole", required=False, longest=0, people=False),
)


@cache
def fields_of(kind: str) -> tuple[Field, ...]:
    """What somebody fills in for a statement of this kind, in the order of its model; of `answers`, for one item."""
    if kind == "answers":
        return ONE_BOX
    schema = FIELDS[kind].model_json_schema()
    return tuple(_fields(schema, schema.get("$defs", {})))


def _fields(schema: Mapping[str, Any], parts: Mapping[str, Any]) -> Iterator[Field]:
    required = set(schema["required"])
    for name, given in schema["properties"].items():
        if name not in GIVEN:
            yield _field(name, _not_null(given), parts, required=name in required)


def _not_null(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((one for one in given.get("anyOf", ()) if one.get("type") != "null"), given)


def _field(name: str, given: Mapping[str, Any], parts: Mapping[str, Any], *, required: bool) -> Field:
    longest = given.get("maxLength", 0)
    shape = {"boolean": "yes_no", "integer": "whole", "number": "number", "array": "rows"}.get(given["type"], "")
    shape = shape or ("instant" if given.get("format") == "date-time" else "text" if longest > WIDE else "line")
    row = parts[given["items"]["$ref"].rpartition("/")[2]] if shape == "rows" else {}
    inner = tuple(_fields(row, parts)) if row else ()
    return Field(
        name, LABELS.get(name, name.replace("_", " ").capitalize()), shape, required, longest, name in PEOPLE, inner
    )


def typed(kind: str, form: Mapping[str, str], zone: str) -> dict[str, object]:
    """The fields as a form of the page gives them; an empty one is not given. Times are in `zone` unless they say."""
    found: dict[str, object] = {}
    for field in fields_of(kind):
        value = _rows(field, form, zone) if field.shape == "rows" else _value(field, form.get(field.name, ""), zone)
        if value is not None:
            found[field.name] = value
    return found


def _rows(field: Field, form: Mapping[str, str], zone: str) -> list[dict[str, object]] | None:
    """The rows in which anything was filled in."""
    rows = []
    for index in range(ROWS):
        texts = {part.name: form.get(f"{field.name}-{index}-{part.name}", "") for part in field.parts}
        values = {part.name: _value(part, texts[part.name], zone) for part in field.parts}
        rows += [{name: value for name, value in values.items() if value is not None}]
    return [row for row in rows if row] or None


def _value(field: Field, text: str, zone: str) -> object:
    """None where nothing was typed. What cannot be read stays text, which the statement's model then refuses."""
    text = text.strip()
    if not text:
        return None
    if field.shape == "yes_no":
        return {"yes": True, "no": False}.get(text, text)
    if field.shape in ("whole", "number") and re.fullmatch(r"-?\d{1,12}", text):
        return int(text)
    if field.shape == "number" and re.fullmatch(r"-?\d{1,12}\.\d{1,9}", text):
        return float(text)
    return _instant(field, text, zone) if field.shape == "instant" else text


def _instant(field: Field, text: str, zone: str) -> str:
    """A time without a zone is one of the review's zone; refused where that clock shows it never, or twice."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", text):
        return text
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
        again = at.astimezone(UTC).astimezone(at.tzinfo)
    except ValueError:
        return text
    except OverflowError as error:
        raise UsageError(
            f"{field.label}: {text} is beyond the years that can be reckoned with; choose another"
        ) from error
    if again.replace(tzinfo=None) != at.replace(tzinfo=None):
        raise UsageError(
            f"{field.label}: {text} does not exist in {zone}, where the clock goes forward; choose another time"
        )
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        raise UsageError(f"{field.label}: {text} comes twice in {zone}, where the clock goes back; choose another time")
    return at.isoformat()
