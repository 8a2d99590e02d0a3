"""The registry as a file in the home, for whoever reads it without us."""

from __future__ import annotations

from pathlib import Path

from agent.deps import Deps
from agent.errors import StoreError
from agent.outputs.publish import replace_file


def export_registry(deps: Deps) -> None:
    """`registry.json` in the home, as the table stands; written again where a killed process left it behind."""
    path, now = deps.settings.home / "registry.json", deps.registry.export()
    if _there(path, deps.registry.EMPTY) != now:
        replace_file(path, now)


def exported(deps: Deps) -> str:
    """The same once all is decided: a home that cannot be written keeps nobody from that. What to say of it, or ""."""
    try:
        export_registry(deps)
    except StoreError as error:
        return f"what others read of the registry may be out of date: {error}"
    return ""


def _there(path: Path, none: bytes) -> bytes | None:
    """None where it cannot be read, and so has to be written anew."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return none
    except OSError:
        return None
