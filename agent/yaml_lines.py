"""YAML that remembers where each key stands, so that a complaint names file, line and key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from agent import reading_on
from agent.errors import ConfigError
from agent.reading_on import Loc as Loc  # what stands in a file is told by it everywhere

TWICE = "stands here twice"


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


@dataclass(frozen=True)
class Scanned:
    """A document's plain values, the line (from 1) of every key path in it, and the keys that stand there twice."""

    data: Any
    lines: dict[Loc, int]
    twice: tuple[tuple[int, Loc], ...]


def text_of(path: Path) -> str:
    """What stands in the file; a ConfigError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: could not be read ({error.strerror}); check that the file is there") from error
    except ValueError as error:
        raise ConfigError(f"{path}: is not valid YAML: {_one_line(error)}") from error


def scan(path: Path, *, again: bool = True) -> Scanned:
    """What the file holds; a ConfigError where it is no YAML. `again`: it may soon be read once more."""
    return scan_text(path, text_of(path), again=again)


def scan_text(path: Path, text: str, *, again: bool = True) -> Scanned:
    """The same of what was read there."""
    lines: dict[Loc, int] = {}
    twice: list[tuple[int, Loc]] = []
    try:
        node, data = (_parsed if again else _parsed_once)(text)
        if node is not None:
            _note_lines(node, (), lines, twice)
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: is not valid YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"{path}: is not valid YAML: something in it holds itself") from error
    return Scanned(deepcopy(data), lines, tuple(twice))


def read(path: Path, *, again: bool = True) -> tuple[Any, dict[Loc, int]]:
    """The document's plain values, and the line (from 1) of every key path in it."""
    found = scan(path, again=again)
    if found.twice:
        raise ConfigError("\n".join(f"{path}:{line}: {dotted(loc)}: {TWICE}" for line, loc in found.twice))
    return found.data, found.lines


def _parsed_once(text: str) -> tuple[Any, Any]:
    """Nodes and values of one text."""
    try:
        return _read_by(FastLoader, text)
    except yaml.YAMLError:
        return _read_by(Loader, text)  # whose words on what is wrong are the ones that people are told


# people.yaml is asked many times in a command.
_parsed = lru_cache(maxsize=256)(_parsed_once)


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
    rows = [(reading_on.place(model, one["loc"])[0], reading_on.said(model, one)) for one in reading_on.errors(error)]
    return "\n".join(f"{path}:{line_of(loc, lines)}: {dotted(loc)}: {text}" for loc, text in rows)


def line_of(loc: Sequence[str | int], lines: dict[Loc, int]) -> int:
    """The line of the key, or of the nearest thing that holds it."""
    for end in range(len(loc), -1, -1):
        if tuple(loc[:end]) in lines:
            return lines[tuple(loc[:end])]
    return 1


def dotted(loc: Sequence[str | int]) -> str:
    return re.sub(r"\.\[", "[", ".".join(f"[{p}]" if isinstance(p, int) else str(p) for p in loc)) or "the file"


def _note_lines(node: yaml.Node, loc: Loc, lines: dict[Loc, int], twice: list[tuple[int, Loc]]) -> None:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            if (*loc, name) in lines:
                twice.append((key.start_mark.line + 1, (*loc, name)))
            lines[(*loc, name)] = key.start_mark.line + 1
            _note_lines(value, (*loc, name), lines, twice)
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            lines[(*loc, i)] = value.start_mark.line + 1
            _note_lines(value, (*loc, i), lines, twice)


def _one_line(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error))
