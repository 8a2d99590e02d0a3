"""`clearance worker` as a process: its signals, what it says, and what it looks after besides its jobs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from queue import SimpleQueue
from types import FrameType

from agent.deps import Deps
from agent.errors import Queued
from agent.schedules import Schedule
from agent.service import jobs
from agent.service.working import Pace, work
from agent.surfaces.slack import keeping, line
from agent.surfaces.switch_stream import listening
from agent.surfaces.terminal import Screen
from agent.surfaces.web.postman import at_work

STOPPED_AT_ONCE = 130


def run(deps: Deps, view: Screen, pace: Pace, *, until_idle: bool) -> int:
    """Until a signal, or with `until_idle` until all is done. What was given back is somebody else's by now.

    Queued's code where what is due was left, since Clearance is switched off.
    """
    stop = threading.Event()
    view.note(f"worker {os.getpid()}: {pace.jobs} jobs at once, store {deps.engine.url.render_as_string()}")
    with _signals(stop), listening(deps, tell=view.note), at_work(deps), _asked(deps, view, until_idle=until_idle):
        left = work(deps, pace, stop, view.note, until_idle=until_idle)
    if left:
        view.note(_left(left))
    view.note(f"worker {os.getpid()} has stopped")
    return Queued.exit_code if left else 0


def _left(jobs: int) -> str:
    told = "1 job that is due is" if jobs == 1 else f"{jobs} jobs that are due are"
    see = "`clearance switch show` and `clearance jobs list`"
    return f"{told} queued and not taken, since Clearance is switched off; see {see}"


@contextmanager
def _asked(deps: Deps, view: Screen, *, until_idle: bool) -> Iterator[None]:
    """Socket Mode, where its token is set: Slack reaches this process, and threads hear from it. A worker that ends
    when all is done hears nobody.
    """
    chat = deps.channels.chat
    if until_idle or chat is None or not chat.app_token:
        yield
        return
    with keeping.at_work(deps), line.held(deps, tell=view.note):
        yield


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """The first asks for an end, the second is one: all that runs can be gone on with.

    A signal is handled in the midst of whatever the main thread does, be it a look at `stop` itself: to set it there
    could wait for ever for the lock that this very thread holds. So another thread sets it, and hears of it by a queue
    that may be put into at any moment.
    """
    came, asked = SimpleQueue[bool](), list[int]()

    def end(number: int, frame: FrameType | None) -> None:
        if asked:
            sys.stderr.flush()
            os._exit(STOPPED_AT_ONCE)
        asked.append(number)
        came.put(True)

    def heed() -> None:
        if came.get():
            stop.set()

    threading.Thread(target=heed, name="signals", daemon=True).start()
    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        came.put(False)


def show_schedules(view: Screen, known: Sequence[Schedule], now: datetime, *, as_json: bool) -> None:
    rows = [(one, one.next(now)) for one in known]
    if as_json:
        view.json([{**one.model_dump(mode="json"), "next": tick.isoformat()} for one, tick in rows])
    elif not rows:
        view.say("No sweep comes by the clock: the overlay has no schedules.yaml, or it declares none")
    else:
        cells = ((o.id, ", ".join(o.gates), f"{o.cron} {o.zone}", f"{t:%Y-%m-%d %H:%M} UTC") for o, t in rows)
        view.table(("id", "gates", "when", "next"), cells)


def show_jobs(view: Screen, deps: Deps, *, ended: bool, as_json: bool) -> None:
    """`ended`: what became of the last ones, in place of what is still to be done."""
    found = jobs.over(deps) if ended else jobs.unfinished(deps)
    if as_json:
        view.json([
            {"id": j.id, "kind": j.order.kind, "about": j.order.about, "state": j.state, "attempts": j.attempts,
             "put_at": j.put_at.isoformat(), "due_at": j.due_at.isoformat(), "outcome": j.outcome, "said": j.said}
            for j in found
        ])  # fmt: skip
    elif not found:
        view.say("No job has ended" if ended else "Nothing is queued and nothing runs")
    else:
        cells = (
            (str(j.id), j.state, j.order.about, f"{j.put_at:%Y-%m-%d %H:%M} UTC", j.outcome, j.said) for j in found
        )
        view.table(("id", "state", "what", "ordered", "made", "said"), cells)
