"""Closes every store that this process opened as Python ends: SQLite then takes its log back into the file."""

from __future__ import annotations

import atexit
from weakref import WeakSet

from sqlalchemy import Engine

_OPEN: WeakSet[Engine] = WeakSet()


def closed_at_the_end(engine: Engine) -> Engine:
    """The same engine; what rests in its pool is closed as Python ends, if it still lives then."""
    _OPEN.add(engine)
    return engine


@atexit.register
def _close() -> None:
    for engine in list(_OPEN):
        engine.dispose()
