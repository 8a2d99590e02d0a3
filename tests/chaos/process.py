"""Pieces of work in processes of their own, which die by `kill -9` at the nth thing that they do to the disk.

A thing is a statement to SQLite (of our own tables or of the graph's checkpoints, COMMIT included), the opening,
renaming or removing of a file, and each word of progress. Nothing of ours is replaced: Python's own audit events and
SQLite's own trace tell.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sqlite3.dbapi2
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

FILES = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "shutil.rmtree"}
DONE, REFUSED, KILLED = "done", "refused", "killed"


class Death:
    """Counts what this process does; at the `left`th thing it is no more."""

    def __init__(self, left: int) -> None:
        self.left, self.lock, self.connect = left, threading.Lock(), sqlite3.connect
        sys.addaudithook(self.heard)
        sqlite3.connect = sqlite3.dbapi2.connect = self.connected  # this process is a child that does nothing else

    def connected(self, *args: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = self.connect(*args, **more)
        connection.set_trace_callback(self.tick)
        return connection

    def tick(self, *_: object) -> None:
        with self.lock:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def heard(self, event: str, args: tuple[object, ...]) -> None:
        if event in FILES and not self.only_reads(event, args):
            self.tick()

    def only_reads(self, event: str, args: tuple[object, ...]) -> bool:
        return event == "open" and not int(args[2]) & (os.O_WRONLY | os.O_RDWR)  # type: ignore[call-overload]


class Process:
    """`work` in a child of this process. It gets a function that hears of progress. `dies` None: it lives on."""

    def __init__(self, work: Callable[[Callable[..., None]], None], refusal: type[Exception], dies: int | None) -> None:
        self.read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.read)
            try:
                self.live(work, refusal, write, dies)
            finally:
                os._exit(1)
        os.close(write)

    def live(self, work, refusal: type[Exception], write: int, dies: int | None) -> None:  # type: ignore[no-untyped-def]
        said = ""
        try:
            work(Death(dies).tick if dies else lambda *_: None)
            said = DONE
        except refusal:
            said = REFUSED
        finally:
            os.write(write, (said or traceback.format_exc()[-4000:]).encode())
            os._exit(0)

    def end(self) -> str:
        """Wait for it: DONE, REFUSED or KILLED. AssertionError with its trace where it failed otherwise."""
        with os.fdopen(self.read, "rb") as pipe:
            said = pipe.read().decode()
        status = os.waitpid(self.pid, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return KILLED
        assert said in (DONE, REFUSED), said or f"ended with {status} and said nothing"
        return said
