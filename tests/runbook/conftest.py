"""The worlds and the review that waits for signatures, as everywhere; PostgreSQL for the one step that is about it."""

from __future__ import annotations

from tests.acceptance.conftest import as_written_world, prepared, put_right, put_right_world

__all__ = ["as_written_world", "prepared", "put_right", "put_right_world"]
