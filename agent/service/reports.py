"""Use case: read what a decision published, on the machine that has it; elsewhere, hear where it is."""

from __future__ import annotations

from pathlib import Path

from agent.deps import Deps
from agent.errors import StoreError
from agent.store import log
from agent.store.reviews import ReviewRow


def text_of(deps: Deps, row: ReviewRow, name: str) -> str:
    """One file of the bundle of a reported review. StoreError where this machine does not have it."""
    try:
        return Path(row.bundle, name).read_text(encoding="utf-8")
    except OSError as error:
        why = "it is not on this machine" if isinstance(error, FileNotFoundError) else f"{error.strerror}"
        raise StoreError(
            f"{row.id}: its report was written at {row.bundle}, and {name} cannot be read there ({why}); "
            f"{_besides(deps, row)}"
        ) from error


def _besides(deps: Deps, row: ReviewRow) -> str:
    """Where the whole bundle is besides the home of the process that wrote it."""
    published = log.publishes_to(deps.engine, row.id)
    if published:
        return f"it was to be published at {published.rstrip('/')}/{Path(row.bundle).name}"
    return "look on the machine that wrote it (CLEARANCE_PUBLISH puts reports where others can read them)"
