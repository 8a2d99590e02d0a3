"""How often Python looks for garbage while a sweep runs, and from where it takes its memory."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 20, 50)  # objects made between two looks at the young ones, and how many of those between the others
M_ARENA_MAX = -8  # as glibc's malloc.h numbers it
_LOCK = threading.Lock()
_BEFORE: list[tuple[int, int, int]] = []  # one for each sweep under way: the setting is the whole process's


@contextmanager
def tidied_seldom() -> Iterator[None]:
    """What is there already (libraries, gates) is not looked through again and again, and the young more seldom.

    A sweep makes and forgets many small objects; looking for those that hold each other took a fifth of its time. With
    the last of several sweeps the setting is as it was before the first.
    """
    _few_pools()
    _begin()
    try:
        yield
    finally:
        _end()


def _begin() -> None:
    with _LOCK:
        _BEFORE.append(_BEFORE[0] if _BEFORE else gc.get_threshold())
        if len(_BEFORE) == 1:
            gc.collect()  # else what is garbage now would stay until the end
            gc.freeze()
            gc.set_threshold(*SELDOM)


def _end() -> None:
    with _LOCK:
        before = _BEFORE.pop()
        if not _BEFORE:
            gc.set_threshold(*before)
            gc.unfreeze()


def _few_pools() -> None:
    """From now on threads share the C library's pools of memory instead of being given new ones.

    A sweep has a hundred threads, and what one frees in a pool of its own serves no other. Python runs one of them at a
    time, so they hardly wait for each other here. Only glibc can be told so, and it cannot be taken back.
    """
    told = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if told is not None:
        told(M_ARENA_MAX, 1)
