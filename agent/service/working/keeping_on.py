"""What is to go on until it is told to stop goes on, also where nobody expected what ended it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

Say = Callable[[str], None]
BEGUN_AGAIN = "what takes the jobs here ended in a way that nobody expected (clearance.log has it); it begins again"
LONGEST = 60.0  # seconds: the longest pause before it begins again, and how long it went well when the next is short


def kept_on(work: Callable[[], None], stop: threading.Event, again: float, say: Say) -> None:
    """Does `work` until `stop`. Where it ends before, it is begun again after `again` seconds, and after twice as long
    each time that it does not last: a worker that is there and takes nothing would be seen by nobody.

    It is done in a thread of its own, so that what nothing catches is logged as an incident like any other.
    """
    pause = again
    while not stop.is_set():
        began = time.monotonic()
        doing = threading.Thread(target=_once, args=(work, stop, say), name="lane", daemon=True)
        try:
            doing.start()
            doing.join()
        except RuntimeError as error:  # no more threads on this machine; there may be some later
            logging.getLogger("clearance").warning("what takes the jobs could not begin: %s", error)
        if time.monotonic() - began > LONGEST:
            pause = again
        stop.wait(pause)
        pause = min(2 * pause, LONGEST)


def _once(work: Callable[[], None], stop: threading.Event, say: Say) -> None:
    try:
        work()
    finally:
        if not stop.is_set():
            tell(say, BEGUN_AGAIN)


def tell(say: Say, sentence: str) -> None:
    """On one line. A console that is gone, or a file that cannot grow, costs no job anything."""
    line = " ".join(sentence.split())
    try:
        say(line)
    except (OSError, ValueError, SystemExit) as error:  # the last is what rich makes of a closed pipe
        logging.getLogger("clearance").warning("could not be told: %s: %r", line, error)
