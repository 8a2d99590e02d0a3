"""A sweep's progress on a terminal: a bar of the whole and one of its stage, the calls that vendors still take, and
when each will be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from math import ceil

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from agent.service.sweep_order import Progress as Tell
from agent.service.sweep_order import Tick
from agent.surfaces.terminal import Screen, plain

STAGES = {
    "wait": "waiting", "plan": "planning", "prefetch": "fetching", "compare": "judging", "draft": "drafting",
    "review": "reviewing", "digest": "summing up",
}  # fmt: skip


@contextmanager
def shown(screen: Screen, now: Callable[[], float] = time.monotonic) -> Iterator[Tell]:
    """What `sweeps.run` calls. Nothing is shown where nobody watches. `now` in seconds."""
    if not screen.live:
        yield lambda tick: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), _Remaining(), TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=screen.err, transient=True, get_time=now) as bars:
        yield _Bars(bars)


class _Remaining(ProgressColumn):
    """At the pace since the bar began: of the last seconds alone, one stage of a wave would speak for all of them."""

    def render(self, task: Task) -> Text:
        if not task.completed or task.total is None or task.elapsed is None:
            return Text("-:--:--")
        return Text(str(timedelta(seconds=ceil(task.elapsed * (task.total - task.completed) / task.completed))))


class _Bars:
    """One of the whole sweep, and one that begins anew at each stage: how fast one goes says nothing of the next."""

    def __init__(self, bars: Progress) -> None:
        self.bars, self.stage = bars, ""
        self.whole = bars.add_task("the sweep", total=None, rate="", left="")
        self.task = bars.add_task("", total=None, rate="", left="")

    def __call__(self, tick: Tick) -> None:
        begun = tick.stage != self.stage
        if begun:
            self.stage = tick.stage
            self.bars.reset(self.task, description=STAGES[tick.stage], total=tick.total or None)
        if tick.sentence:
            self.bars.console.print(plain(tick.sentence), markup=False, highlight=False)
        self.bars.update(self.whole, completed=tick.ended, total=tick.reviews or None)
        self.bars.update(
            self.task, completed=tick.done, total=tick.total or None, rate=self._rate(), left=left_in_words(tick),
            refresh=begun,
        )  # fmt: skip

    def _rate(self) -> str:
        speed = self.bars.tasks[-1].speed
        return f"{speed:.1f}/s" if speed else ""


def left_in_words(tick: Tick) -> str:
    """What each vendor said it still takes."""
    told = ", ".join(f"{vendor} {count:,}" for vendor, count in sorted(tick.left.items()))
    return f"calls left: {told}" if told else ""
