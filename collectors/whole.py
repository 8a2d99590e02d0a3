"""The whole of an answer within a time of its own: time-outs of single reads never end one that comes byte by byte."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

PATIENCE = 3.0  # times the time-out of a read: an answer that began may take so long to come


class OutOfTime(Exception):
    """The answer was still coming. Each client tells it as its own time-out."""


def in_time(chunks: Iterable[bytes], timeout: float | None) -> Iterator[bytes]:
    """The chunks as they come; OutOfTime when one comes later than PATIENCE times `timeout` (seconds) from now."""
    until = None if timeout is None else time.monotonic() + PATIENCE * timeout
    for chunk in chunks:
        if until is not None and time.monotonic() > until:
            raise OutOfTime
        yield chunk
