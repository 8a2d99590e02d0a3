"""Writes a bundle: all of its files or none, once for each digest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from agent.errors import StoreError


def publish(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Write the files (by their path in the bundle) and give the folder its name last. False: it is there already."""
    if folder.exists():
        return False
    draft = folder.parent / f".{folder.name}.{uuid4().hex[:8]}"
    try:
        for name, body in files.items():
            _write(draft / name, body)
        os.rename(draft, folder)
    except OSError as error:
        if folder.exists():  # another process finished the same bundle first
            return False
        raise StoreError(
            f"{folder}: the report could not be written ({error.strerror}); the signatures are kept, try again"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


def read(folder: Path) -> dict[str, bytes]:
    """Every file of a bundle by its path in it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def replace_file(path: Path, body: bytes) -> None:
    """Write one file so that a reader sees the old text or the new, never half."""
    draft = path.with_name(f".{path.name}.{uuid4().hex[:8]}")
    try:
        _write(draft, body)
        os.replace(draft, path)
    except OSError as error:
        with suppress(OSError):  # where nothing can be written, nothing can be taken away
            draft.unlink()
        raise StoreError(
            f"{path}: could not be written ({error.strerror}); the signatures are kept, try again"
        ) from error


def clear_drafts(reports: Path) -> None:
    """Remove what a killed process left half-written for a bundle that has since been published."""
    for draft in reports.glob(".*-*.????????"):
        finished = reports / draft.name[1:].rsplit(".", 1)[0]
        if finished.exists():
            shutil.rmtree(draft, ignore_errors=True)


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
