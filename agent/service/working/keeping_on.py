"""What is to go on until it is told to stop goes on, also where nobody expected what ended it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

Say = Callable[[str], None]
BEGUN_AGAIN = "what takes the jobs here ended in a way that nobody expected (clearance.log has it); it begins again"


def kept_on(work: Callable[[], None], stop: threading.Event, again: float, say: Say) -> None:
    """Does `work` until `stop`. Where it ends before, it is begun again after `again` seconds: a worker that is there
    and takes nothing would be seen by nobody.

    It is done in a thread of its own, so that what nothing catches is logged as an incident like any other.
    """
    while not stop.is_set():
        doing = threading.Thread(target=work, name="lane", daemon=True)
        doing.start()
        doing.join()
        if not stop.is_set():
            tell(say, BEGUN_AGAIN)
            stop.wait(again)


def tell(say: Say, sentence: str) -> None:
    """On one line. A console that is gone, or a file that cannot grow, costs no job anything."""
    line = " ".join(sentence.split())
    try:
        say(line)
    except (OSError, ValueError, SystemExit) as error:  # the last is what rich makes of a closed pipe
        logging.getLogger("clearance").warning("could not be told: %s: %r", line, error)
