"""How often Python looks for garbage while a sweep runs."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 20, 50)  # objects made between two looks at the young ones, and how many of those between the others
_LOCK = threading.Lock()
_BEFORE: list[tuple[int, int, int]] = []  # one for each sweep under way: the setting is the whole process's
_OURS: list[bool] = []  # something in it while what is set apart is so because of us


@contextmanager
def tidied_seldom() -> Iterator[None]:
    """What is there already (libraries, gates) is not looked through again and again, and the young more seldom.

    A sweep makes and forgets many small objects; looking for those that hold each other took a fifth of its time. With
    the last of several sweeps the setting is as it was before the first.
    """
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    with _LOCK:
        _BEFORE.append(_BEFORE[0] if _BEFORE else gc.get_threshold())
        if len(_BEFORE) == 1:
            if not gc.get_freeze_count():  # who set something apart before keeps it so
                gc.collect()  # else what is garbage now would stay until the end
                gc.freeze()
                _OURS.append(True)
            gc.set_threshold(*SELDOM)


def _end() -> None:
    with _LOCK:
        before = _BEFORE.pop()
        if not _BEFORE:
            gc.set_threshold(*before)
            if _OURS:
                _OURS.clear()
                gc.unfreeze()
