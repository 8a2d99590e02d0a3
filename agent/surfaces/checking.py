"""Checks files one by one and tells every mistake, not only the first file's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from agent.errors import ConfigError
from agent.service.card_lacks import Lack
from agent.surfaces.terminal import Screen


def check(
    screen: Screen, files: Sequence[Path], what: Callable[[Path], str], as_json: bool,
    lacking: Callable[[Path], Sequence[Lack]] | None = None,
) -> int:  # fmt: skip
    """`what` gives a sentence about a file that is right, `lacking` what it lacks all the same.

    Exit code 0, or 2 if any is not right or lacks something."""
    right, wrong, short = {}, {}, {}
    for path in files:
        try:
            right[str(path)] = what(path)
            short[str(path)] = lacking(path) if lacking else ()
        except ConfigError as error:
            wrong[str(path)] = str(error).splitlines()
    code = 2 if wrong or any(short.values()) else 0
    if as_json:
        told = {path: [asdict(one) for one in lacks] for path, lacks in short.items()}
        screen.json({"ok": right, "mistakes": wrong} | ({"lacks": told} if lacking else {}))
        return code
    for path_, sentence in right.items():
        screen.say(f"ok: {path_}: {sentence}")
        for lack in short[path_]:
            screen.say(f"❔ {lack.sentence}", indent=2)
    for mistakes in wrong.values():
        for mistake in mistakes:
            screen.error(mistake)
    if not files:
        screen.say("There is nothing to check.")
    return code
