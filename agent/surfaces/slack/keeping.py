"""While the page is served or Slack is connected: threads hear how it goes, and what was not answered yet is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outputs.chat import told
from agent.outputs.telling.channel import NotTold
from agent.service import answering, chatting
from agent.store.database import SQLAlchemyError
from agent.surfaces.rounds import noted, rounds
from agent.surfaces.slack.desk import desk_of
from agent.surfaces.slack.hearing import work_left

EVERY = 1.0  # seconds: somebody waits


@contextmanager
def at_work(deps: Deps, every: float = EVERY) -> Iterator[None]:
    """A thread of its own where the Slack app is set, for as long as this lasts."""
    if deps.channels.chat is None:
        yield
        return
    with rounds(lambda: one_round(deps), every, noted(deps, "threads in chat")):
        yield


def one_round(deps: Deps) -> None:
    """Progress that Slack does not take is left out; results wait in the outbox."""
    log = logging.getLogger("clearance")
    desk = desk_of(deps)
    try:
        if desk is not None:
            work_left(desk)
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
