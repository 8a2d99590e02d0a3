"""Reads on past what is wrong in a file, so that every mistake in it is told at once and not one after another."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Loc = tuple[str | int, ...]
Mistake = tuple[Loc, str]
M = TypeVar("M", bound=BaseModel)
ROUNDS = 40  # each mends what the one before found; what is left then is told as it is
STAND_IN = "not-readable-here"  # in place of a text that is not there; what is said of it is never told
_NUMBER = 900_000  # in place of a number, so that it meets no real one


@dataclass(frozen=True)
class ReadOn(Generic[M]):
    """`value` is None where too little is left to go on with. `broken` are places where something else stands now.

    `renamed` leads from a key that was meant to the one that was written.
    """

    value: M | None
    mistakes: tuple[Mistake, ...]
    broken: frozenset[Loc]
    renamed: dict[Loc, Loc] = field(default_factory=dict)

    def still_to_tell(self, found: Iterable[Mistake]) -> Iterator[Mistake]:
        """What is wrong besides, less what follows from a stand-in; nor is one named among what there is."""
        for loc, text in found:
            said, there_is, names = text.partition("There is ")
            if STAND_IN not in said and not self.told_already(loc):
                kept = [name for name in names.rstrip(".").split(", ") if name != STAND_IN]
                yield loc, said + there_is + ", ".join(kept) + ("." if names else "")

    def told_already(self, loc: Loc) -> bool:
        """Is this at, or inside of, something that was told to be wrong?"""
        return any(loc[: len(one)] == one for one in self.broken)


def read_on(data: object, model: type[M]) -> ReadOn[M]:
    """`data` as `model`, with a stand-in for each thing that is wrong, and everything that is wrong."""
    mending = _Mending(deepcopy(data), model)
    for _ in range(ROUNDS):
        try:
            value = model.model_validate(mending.data)
        except ValidationError as error:
            if not mending.mend(error):
                return mending.result(None)
        else:
            return mending.result(value)
    return mending.result(None)


@dataclass
class _Mending:
    data: Any
    model: type[BaseModel]
    mistakes: list[Mistake] = field(default_factory=list)
    broken: set[Loc] = field(default_factory=set)
    renamed: dict[Loc, Loc] = field(default_factory=dict)
    tried: set[Loc] = field(default_factory=set)

    def result(self, value: M | None) -> ReadOn[M]:
        return ReadOn(value, tuple(self.mistakes), frozenset(self.broken), self.renamed)

    def mend(self, error: ValidationError) -> bool:
        """Put something in place of each thing that is wrong. False where nothing is left that could be mended."""
        found = errors(error)
        for one in (one for one in found if one["type"] == "extra_forbidden"):
            self._unknown_key(one)
        rest = [one for one in found if one["type"] != "extra_forbidden"]
        mended = [self._wrong(one) for one in rest if not any(_holds(one["loc"], other["loc"]) for other in rest)]
        return all(mended)

    def _unknown_key(self, one: ErrorDetails) -> None:
        loc, near = place(self.model, one["loc"])[0], _near(self.model, one["loc"])
        self.mistakes.append((loc, said(self.model, one)))
        holder = _at(self.data, loc[:-1])
        if not isinstance(holder, dict) or loc[-1] not in holder:
            return
        value = holder.pop(loc[-1])
        if near and near[0] not in holder:
            holder[near[0]] = value
            self.renamed[(*loc[:-1], near[0])] = loc

    def _wrong(self, one: ErrorDetails) -> bool:
        loc = place(self.model, one["loc"])[0]
        if loc in self.renamed and one["type"] == "missing":
            return True
        if not any(other[: len(loc)] == loc for other in self.broken):
            self.mistakes.append((loc, said(self.model, one)))
        return self._out_of_the_way(loc)

    def _out_of_the_way(self, loc: Loc) -> bool:
        """Left out where it may be, else a stand-in; where that does not help, the same with what holds it."""
        while loc:
            holder, annotation = _at(self.data, loc[:-1]), place(self.model, loc)[1]
            self.broken.add(loc)
            if holder is None:
                return True  # it went with what held it
            may_lack = isinstance(holder, dict) and str(loc[-1]) not in _needed(place(self.model, loc[:-1])[1])
            if loc not in self.tried and (not may_lack or _is_number(annotation)):
                self.tried.add(loc)
                holder[loc[-1]] = stand_in(annotation)
                return True
            if may_lack:
                holder.pop(loc[-1], None)
                return True
            loc = loc[:-1]
        return False


def errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False)


def said(model: type[BaseModel], one: ErrorDetails) -> str:
    """What is wrong, as a sentence; of a key that is not known, what there is, and the nearest of it."""
    if one["type"] == "missing":
        return "is missing"
    if one["type"] == "string_pattern_mismatch":
        return _written(one["ctx"]["pattern"]) or one["msg"]
    if one["type"] != "extra_forbidden":
        return one["msg"].removeprefix("Value error, ")
    allowed, near = fields(place(model, one["loc"][:-1])[1]), _near(model, one["loc"])
    told = f"is not a key that is known here; allowed: {', '.join(sorted(allowed))}"
    return told + (f". Did you mean {near[0]}?" if near else "")


def _written(pattern: str) -> str:
    """A pattern in words, "" for one that nobody has put into words."""
    if pattern.startswith(r"^[^\x00-\x1f"):
        return "must be one line, without line breaks, control characters or invisible ones"
    return {
        "^[a-z0-9][a-z0-9-]*$": "must be small letters, digits and dashes, for example finance-invoice-recon",
        r"^\d{12}$": "must be twelve digits, in quotes",
    }.get(pattern, "")


def _near(model: type[BaseModel], raw: Loc) -> list[str]:
    return get_close_matches(str(raw[-1]), fields(place(model, raw[:-1])[1]), n=1, cutoff=0.6)


def _holds(outer: Loc, inner: Loc) -> bool:
    """A list is told to be too short besides, when what stands in it is wrong."""
    return len(outer) < len(inner) and inner[: len(outer)] == outer


def _is_number(annotation: Any) -> bool:
    return next(_options(annotation), None) in (int, float, Decimal)


def _at(data: Any, loc: Loc) -> Any:
    """What stands there, None where nothing does."""
    for part in loc:
        if isinstance(data, dict):
            data = data.get(part)
        else:
            data = data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
    return data


def place(model: type[BaseModel], raw: Sequence[str | int]) -> tuple[Loc, Any]:
    """Pydantic's place as keys of the file (it names the member of a union as well), and what may stand there."""
    at: Any = model
    loc: list[str | int] = []
    for part in raw:
        chosen = _member(at, part)
        if chosen is not None:
            at = chosen
            continue
        at = under(at, part)
        loc.append(part)
    return tuple(loc), at


def _options(annotation: Any) -> Iterator[Any]:
    """The annotation without `Annotated` and `| None`, each member of a union by itself."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from _options(one)
    elif annotation is not type(None):
        yield annotation


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [one for one in _options(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]


def _member(annotation: Any, part: str | int) -> type[BaseModel] | None:
    """The member of a union of models that calls itself so."""
    models = _models(annotation)
    named = (one for one in models if part in get_args(getattr(one.model_fields.get("name"), "annotation", None)))
    return next(named, None) if len(models) > 1 else None


def under(annotation: Any, part: str | int) -> Any:
    for one in _options(annotation):
        origin, inner = get_origin(one), get_args(one)
        if origin is dict:
            return inner[1]
        if origin in (tuple, list) and isinstance(part, int):
            return inner[0]
    return fields(annotation).get(str(part))


def fields(annotation: Any) -> dict[str, Any]:
    """What a model, or the models of a union, know: annotations by the key that YAML has for them."""
    return {f.alias or name: f.annotation for one in _models(annotation) for name, f in one.model_fields.items()}


def _needed(annotation: Any) -> set[str]:
    return {f.alias or name for one in _models(annotation) for name, f in one.model_fields.items() if f.is_required()}


def stand_in(annotation: Any) -> Any:
    """Something that may stand there, and that no check takes for what was meant."""
    first = next(_options(annotation), str)
    if get_origin(first) is Literal:
        return get_args(first)[0]
    if get_origin(first) in (tuple, list):
        return [stand_in(get_args(first)[0])]
    if get_origin(first) is dict:
        return {}
    if isinstance(first, type) and issubclass(first, BaseModel):
        known = first.model_fields
        return {f.alias or name: stand_in(f.annotation) for name, f in known.items() if f.is_required()}
    return STAND_IN if first is str else {bool: False, int: _NUMBER}.get(first, 0)
