"""While the page is served: threads that wait hear how it goes, and get their result as soon as it is there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outputs.chat import told
from agent.outputs.telling.channel import NotTold
from agent.service import answering, chatting
from agent.store.database import SQLAlchemyError

EVERY = 1.0  # seconds: somebody waits


@contextmanager
def at_work(deps: Deps, every: float = EVERY) -> Iterator[None]:
    """A thread of its own where the Slack app is set, for as long as the page is served."""
    if deps.channels.chat is None:
        yield
        return
    done = threading.Event()

    def rounds() -> None:
        while not done.is_set():
            one_round(deps)
            done.wait(every)

    walking = threading.Thread(target=rounds, daemon=True)
    walking.start()
    try:
        yield
    finally:
        done.set()
        walking.join(timeout=1)


def one_round(deps: Deps) -> None:
    """Progress that Slack does not take is left out; results wait in the outbox."""
    log = logging.getLogger("clearance")
    try:
        for row, sentence in chatting.news(deps):
            _tell(deps, row.channel, row.thread, sentence)
        for failed in answering.round_(deps):
            log.warning("%s", failed)
    except ClearanceError as error:
        log.warning("%s", error)
    except (SQLAlchemyError, OSError) as error:
        log.warning("threads could not be looked after (%s); it is tried again", type(error).__name__)


def _tell(deps: Deps, channel: str, thread: str, sentence: str) -> None:
    chat = deps.channels.chat
    if chat is None or not thread:
        return
    try:
        chat.post(channel, thread, told.sentence(sentence))
    except NotTold as error:
        logging.getLogger("clearance").warning("%s", error)
