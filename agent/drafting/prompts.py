"""Renders the files of prompts/: strict variables, and a digest that names the exact template."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.evidence import sha256

if TYPE_CHECKING:
    from jinja2 import Environment


@dataclass(frozen=True)
class Prompts:
    """`folder` holds the templates; a missing file or variable raises jinja2's own error, which is a bug of ours."""

    folder: Path

    def render(self, name: str, /, **values: object) -> tuple[str, str]:
        """The text of one prompt, and the sha256 of its template and of those that it includes."""
        return self._environment.get_template(name).render(values), self.digest(name)

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        loader = FileSystemLoader(self.folder)
        return Environment(loader=loader, undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)

    def digest(self, name: str) -> str:
        return sha256("".join(f"{one}\n{sha256(self._read(one).encode())}\n" for one in self._family(name)).encode())

    def _family(self, name: str) -> list[str]:
        return [name, *(inner for one in _included(self._read(name)) for inner in self._family(one))]

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


@cache
def _included(text: str) -> tuple[str, ...]:
    from jinja2 import Environment, meta

    found = meta.find_referenced_templates(Environment(autoescape=True).parse(text))
    return tuple(one for one in found if one)
