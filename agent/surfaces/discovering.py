"""What `cards discover` prints or writes: the draft, how many guesses it holds, and what could not be seen."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

from agent.errors import UsageError
from agent.service.discovery import Discovered
from agent.surfaces.terminal import Screen


def write(path: Path, text: str) -> None:
    """A new file; UsageError where there is one already, or it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise UsageError(f"--out {path}: is there already and is not overwritten; name another file") from error
    except OSError as error:
        raise UsageError(f"--out {path}: could not be written ({error.strerror})") from error


def as_json(found: Discovered, path: Path | None) -> dict[str, object]:
    return {
        "subject": found.subject,
        "draft": found.text,
        "file": str(path) if path else None,
        "guesses": [asdict(one) for one in found.guesses],
        "looked": [asdict(one) for one in found.looked],
        "unseen": [dict(zip(("source", "kind", "reason", "sentence"), row, strict=True)) for row in found.unseen],
    }


def show(screen: Screen, found: Discovered, path: Path | None) -> None:
    """The draft alone on stdout, so that it can be kept; with a file, what it holds."""
    if path is None:
        sys.stdout.write(found.text)
    for source, kind, reason, sentence in found.unseen:
        screen.note(f"not seen: {source}, {kind}: {reason.replace('_', ' ')}: {sentence}")
    count = len(found.guesses)
    told = f"{count} guess{'es' * (count != 1)} to confirm, {len(found.unseen)} list(s) not seen"
    if path is None:
        screen.note(told)
        return
    screen.say(f"Wrote {path}: {told}. It is a draft: nothing passes on it. When you have gone through it:")
    screen.command(f"clearance cards check {path}")
