"""The documents that there are, by path; their text is not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from collectors.connections import Connections
from collectors.discovery import Listing, Named, endless, listed, unseen
from collectors.errors import NotConfigured

KINDS = (".md", ".markdown", ".txt", ".rst", ".adoc")
MOST = 2000


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Texts in the documents folder, links not followed."""
    if conn.documents is None:
        absent = NotConfigured("documents were not looked for: CLEARANCE_CONFIG (its folder documents/) is not set")
        return [unseen("documents", "document", absent)]
    root = conn.documents
    return [listed("documents", "document", lambda: _below(root))]


def _below(root: Path) -> Iterator[Named]:
    found = (path for path in sorted(root.rglob("*")) if path.suffix.lower() in KINDS and not path.is_symlink())
    for number, path in enumerate(found):
        if number == MOST:
            raise endless(f"the documents folder, asked for its {MOST} first texts,", 1)
        where = path.relative_to(root).as_posix()
        yield Named(kind="document", id=where, name=where.rsplit(".", 1)[0])
