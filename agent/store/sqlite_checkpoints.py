"""Checkpoints in a file, with the pruning that the saver for PostgreSQL has."""

from __future__ import annotations

from collections.abc import Sequence

from langgraph.checkpoint.sqlite import SqliteSaver

NEWEST = "select max(checkpoint_id) from checkpoints where thread_id = ?"


class FileSaver(SqliteSaver):
    """Our graph has neither namespaces nor delta channels."""

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Drop all but the latest checkpoint of these threads."""
        if strategy != "keep_latest":
            raise ValueError(f"only the latest is kept, {strategy!r} is not known")
        with self.cursor() as cursor:
            for thread in thread_ids:
                for table in ("checkpoints", "writes"):
                    told = f"delete from {table} where thread_id = ? and checkpoint_id <> ({NEWEST})"
                    cursor.execute(told, (thread, thread))
