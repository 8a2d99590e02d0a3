"""YAML that remembers where each key stands, so that a complaint names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from agent.errors import ConfigError

Loc = tuple[str | int, ...]


class Loader(yaml.SafeLoader):
    """YAML as people write it today: only true and false are booleans, so that `on:` and `off:` stay words."""


class FastLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same by the C library where it is there: eight times as fast."""


for _loader in (Loader, FastLoader):
    _loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:bool"]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    _loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))

M = TypeVar("M", bound=BaseModel)


def read(path: Path) -> tuple[Any, dict[Loc, int]]:
    """The document's plain values, and the line (from 1) of every key path in it."""
    lines: dict[Loc, int] = {}
    try:
        text = path.read_text(encoding="utf-8")
        node, data = _parsed(text)
        if node is not None:
            _note_lines(node, (), lines, path)
    except OSError as error:
        raise ConfigError(f"{path}: could not be read ({error.strerror}); check that the file is there") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: is not valid YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: is not valid YAML: something in it holds itself") from error
    return deepcopy(data), lines


@lru_cache(maxsize=64)
def _parsed(text: str) -> tuple[Any, Any]:
    """Nodes and values of one text. people.yaml is asked many times in a command, and is read anew each time."""
    try:
        return _read_by(FastLoader, text)
    except yaml.YAMLError:
        return _read_by(Loader, text)  # whose words on what is wrong are the ones that people are told


def _read_by(loader: type[Any], text: str) -> tuple[Any, Any]:
    node = yaml.compose(text, Loader=loader)
    if node is None or "<<" in text:  # building the values puts what is merged into the nodes
        return node, yaml.load(text, Loader=loader)
    return node, loader("").construct_document(node)


def load(path: Path, model: type[M]) -> M:
    """The file as `model`; a ConfigError names every wrong key with its line and what is allowed."""
    return checked(path, *read(path), model)


def checked(path: Path, data: Any, lines: dict[Loc, int], model: type[M]) -> M:
    """What `read` gave, as `model`; else a ConfigError as `load` raises it."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError(complaints(path, error, lines, model)) from error


def comments(path: Path) -> dict[int, str]:
    """The comment of each line that has one, from its `#` on; what stands inside a text is none."""
    text = path.read_text(encoding="utf-8")
    if "#" not in text:
        return {}
    inside = [
        range(token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(text, Loader=Loader)
        if isinstance(token, yaml.ScalarToken)
    ]
    found, start = {}, 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        for hit in re.finditer(r"(?:^|(?<=\s))#", line):
            if not any(start + hit.start() in span for span in inside):
                found[number] = line[hit.start() :].rstrip()
                break
        start += len(line)
    return found


def complaints(path: Path, error: ValidationError, lines: dict[Loc, int], model: type[BaseModel]) -> str:
    """One line per mistake: `file:line: key: what is wrong`."""
    rows = []
    for mistake in error.errors(include_url=False):
        loc = tuple(mistake["loc"])
        message = mistake["msg"].removeprefix("Value error, ")
        if mistake["type"] == "extra_forbidden":
            message = f"is not a key that is known here; allowed: {', '.join(_allowed(model, loc[:-1]))}"
        elif mistake["type"] == "missing":
            message = "is missing"
        rows.append(f"{path}:{line_of(loc, lines)}: {dotted(loc)}: {message}")
    return "\n".join(rows)


def line_of(loc: Sequence[str | int], lines: dict[Loc, int]) -> int:
    """The line of the key, or of the nearest thing that holds it."""
    for end in range(len(loc), -1, -1):
        if tuple(loc[:end]) in lines:
            return lines[tuple(loc[:end])]
    return 1


def dotted(loc: Sequence[str | int]) -> str:
    return re.sub(r"\.\[", "[", ".".join(f"[{p}]" if isinstance(p, int) else str(p) for p in loc)) or "the file"


def _allowed(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    """The keys that the model at `loc` knows, as far as its annotations tell."""
    at: Any = model
    for part in loc:
        at = _under(at, part)
    return sorted(_fields(_model_in(at)))


def _under(annotation: Any, part: str | int) -> Any:
    """The annotation of what stands under a key or index of this one; None where that cannot be told."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return inner[1]
    if origin in (tuple, list) and isinstance(part, int):
        return inner[0]
    if part in _fields(annotation):
        return _fields(annotation)[str(part)]
    return next((found for one in inner if (found := _under(one, part)) is not None), None)


def _fields(annotation: Any) -> dict[str, Any]:
    """The annotations of a model's fields by the key that YAML has for them; none for anything else."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    return {field.alias or name: field.annotation for name, field in annotation.model_fields.items()}


def _model_in(annotation: Any) -> Any:
    """The model inside `tuple[Model, ...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in get_args(annotation) if (m := _model_in(a)) is not None), None)


def _note_lines(node: yaml.Node, loc: Loc, lines: dict[Loc, int], path: Path) -> None:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            if (*loc, name) in lines:
                raise ConfigError(f"{path}:{key.start_mark.line + 1}: {dotted((*loc, name))}: stands here twice")
            lines[(*loc, name)] = key.start_mark.line + 1
            _note_lines(value, (*loc, name), lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            lines[(*loc, i)] = value.start_mark.line + 1
            _note_lines(value, (*loc, i), lines, path)


def _one_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))
