"""Finds the product's own prompts/ and config/: beside the packages in a checkout, inside `agent` in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def folder(name: str) -> Path:
    """The product's own `config` or `prompts` folder; never one that happens to lie in the working directory."""
    package = Path(__file__).resolve().parent
    inside = package / "_data" / name
    return inside if inside.is_dir() else package.parent / name
