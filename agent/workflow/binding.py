"""Fills `$card.x`, `$each.x`, `$window.x`, `$as_of` and `$people` in a gate's YAML with values. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from agent import periods
from agent.gates import WindowSpec
from collectors.evidence import Window


class Missing(Exception):
    """The card has no such key. `path` as the gate writes it, without the dollar."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


ABSENT = object()


@dataclass(frozen=True)
class Scope:
    """What a `$name` can mean. `card` are the YAML's own values, `defaults` the card model's for keys left out.

    `each` is the element of the list as the YAML has it, `each_defaults` the same with the card model's defaults.
    """

    card: Mapping[str, JsonValue]
    defaults: Mapping[str, JsonValue]
    as_of: datetime
    zone: str
    people: JsonValue = None
    each: JsonValue = None
    each_defaults: JsonValue = None
    windows: Mapping[str, Window] = None  # type: ignore[assignment]

    def with_each(self, each: JsonValue, defaults: JsonValue) -> Scope:
        return replace(self, each=each, each_defaults=defaults)

    def with_window(self, name: str, window: Window) -> Scope:
        return replace(self, windows={**(self.windows or {}), name: window})


def fill(value: JsonValue, scope: Scope) -> JsonValue:
    """The value with every `$name` replaced; `$maybe.card.x` is left out of its mapping when absent."""
    if isinstance(value, str) and value.startswith("$"):
        return look_up(value, scope)
    if isinstance(value, dict):
        filled: dict[str, JsonValue] = {}
        for key, inner in value.items():
            if isinstance(inner, str) and inner.startswith("$maybe."):
                try:
                    filled[key] = look_up(inner, scope)
                except Missing:
                    continue
            else:
                filled[key] = fill(inner, scope)
        return filled
    if isinstance(value, list):
        return [fill(inner, scope) for inner in value]
    return value


def look_up(name: str, scope: Scope) -> JsonValue:
    head, *path = name.removeprefix("$").removeprefix("maybe.").split(".")
    if head == "as_of":
        return scope.as_of.isoformat()
    if head == "people":
        return scope.people
    if head == "window":
        if path[0] not in (scope.windows or {}):
            raise Missing(name[1:])
        return scope.windows[path[0]].model_dump(mode="json")
    own, defaults = (scope.each, scope.each_defaults) if head == "each" else (scope.card, scope.defaults)
    try:
        return _walk(own, path, name)
    except Missing:
        return _walk(defaults, path, name)


def _walk(at: object, path: Sequence[str], name: str) -> JsonValue:
    for part in path:
        if not isinstance(at, (dict, Mapping)) or part not in at:
            raise Missing(name[1:])
        at = at[part]
    if at is None:
        raise Missing(name[1:])
    return at  # type: ignore[return-value]


def holds(when: Mapping[str, JsonValue], scope: Scope) -> bool:
    """Do these keys (of the element, else of the card) have these values?"""
    for path, wanted in when.items():
        found: object = ABSENT
        for root in ("each", "card"):
            try:
                found = look_up(f"${root}.{path}", scope)
                break
            except Missing:
                continue
        if found != wanted:
            return False
    return True


def elements(each: str | None, scope: Scope) -> list[tuple[int | None, Scope]]:
    """The scopes that a request or rule with `each` is asked in; one without `each`, just this one."""
    if each is None:
        return [(None, scope)]
    own = _listed(look_up(each, scope))
    defaults = _listed(look_up(each, replace(scope, card=scope.defaults)))
    pairs = zip(own, defaults, strict=True)
    return [(i, scope.with_each(one, default)) for i, (one, default) in enumerate(pairs)]


def _listed(found: JsonValue) -> list[JsonValue]:
    return found if isinstance(found, list) else [found]


def window(spec: WindowSpec, scope: Scope) -> Window:
    """A named window of the gate for this card and instant."""
    start = _instant(spec.from_, scope)
    if spec.back:
        start -= periods.length(spec.back)
    end = _instant(spec.to, scope) if spec.to else _later(start, spec.for_ or "1 day", scope)
    return Window(start=start, end=end)


def _instant(name: str, scope: Scope) -> datetime:
    text = str(look_up(name, scope))
    try:
        return midnight(date.fromisoformat(text), scope.zone)
    except ValueError:
        return datetime.fromisoformat(text)


def _later(start: datetime, span: str, scope: Scope) -> datetime:
    """Whole days are calendar days in the zone, so that a clock change does not move midnight."""
    length = periods.length(span)
    if length % timedelta(days=1):
        return start + length
    local = start.astimezone(ZoneInfo(scope.zone))
    return midnight(local.date() + length, scope.zone) if local.time() == datetime.min.time() else start + length


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
