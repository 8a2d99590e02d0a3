"""Use case: a gate of one's own, begun as a copy of one that there is."""

from __future__ import annotations

import re
from pathlib import Path

from agent.configuration import Configuration
from agent.errors import ConfigError, UsageError, nearest

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def new_gate(own: Configuration, id: str, like: str) -> Path:
    """Write `gates/<id>.yaml` into the overlay and check it; UsageError or ConfigError say why not."""
    paths = own.gate_paths()
    if like not in paths:
        raise UsageError(f"--from {like}: there is no such gate. {nearest(like, paths)}")
    if not NAME.fullmatch(id):
        raise UsageError(f"{id!r} is no id for a gate: small letters, digits and single hyphens, for example our-gate")
    if own.overlay is None:
        raise ConfigError("CLEARANCE_CONFIG is not set; it names the folder that your own gates lie in")
    path = own.overlay / "gates" / f"{id}.yaml"
    if id in paths or path.exists():
        raise UsageError(f"there is a gate {id} already ({paths.get(id, path)}); choose another id")
    text = paths[like].read_text(encoding="utf-8")
    head = f"# Begun from {like}; its notes and the places in the checklist are still those of that gate.\n"
    copy = re.sub(r"^id: .*$", f"id: {id}", text, count=1, flags=re.MULTILINE)
    copy = re.sub(r"^version: .*$", 'version: "1"', copy, count=1, flags=re.MULTILINE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(head + copy)
    own.load_gate(path)
    return path
