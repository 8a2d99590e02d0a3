"""How often Python looks for garbage: objects that hold each other and that nobody else holds."""

from __future__ import annotations

import atexit
import gc

# Objects made and not forgotten between two looks. What a command imports are 300,000 that all stay; Python's own 700
# would have it look through them some six hundred times.
IN_A_COMMAND = (500_000, 10, 10)
IN_A_SERVICE = (50_000, 10, 10)


def ends_soon() -> None:
    """For a command that does its work and ends: hardly ever, and not as it ends."""
    gc.set_threshold(*IN_A_COMMAND)
    atexit.register(gc.freeze)


def stays() -> None:
    """For a command that serves until it is stopped, once it is ready to: so that it does not grow."""
    gc.set_threshold(*IN_A_SERVICE)
