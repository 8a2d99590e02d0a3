"""Checks files one by one and tells every mistake, not only the first file's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from agent.errors import ConfigError
from agent.surfaces.terminal import Screen


def check(screen: Screen, files: Sequence[Path], what: Callable[[Path], str], as_json: bool) -> int:
    """`what` gives a sentence about a file that is right. Exit code 0, or 2 if any is not."""
    right, wrong = {}, {}
    for path in files:
        try:
            right[str(path)] = what(path)
        except ConfigError as error:
            wrong[str(path)] = str(error).splitlines()
    if as_json:
        screen.json({"ok": right, "mistakes": wrong})
        return 2 if wrong else 0
    for path_, sentence in right.items():
        screen.say(f"ok: {path_}: {sentence}")
    for mistakes in wrong.values():
        for mistake in mistakes:
            screen.error(mistake)
    if not files:
        screen.say("There is nothing to check.")
    return 2 if wrong else 0
