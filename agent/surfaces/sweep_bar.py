"""A sweep's progress on a terminal: a bar, its rate, the calls that vendors still take, and when it will be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from agent.service.sweep_order import Progress as Tell
from agent.service.sweep_order import Tick
from agent.surfaces.terminal import Screen, plain

STAGES = {
    "wait": "waiting", "plan": "planning", "prefetch": "fetching", "compare": "judging", "draft": "drafting",
    "review": "reviewing", "digest": "summing up",
}  # fmt: skip


@contextmanager
def shown(screen: Screen) -> Iterator[Tell]:
    """What `sweeps.run` calls. Nothing is shown where nobody watches."""
    if not screen.live:
        yield lambda tick: None
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(), TimeRemainingColumn(), TextColumn("{task.fields[left]}"),
    )  # fmt: skip
    with Progress(*columns, console=screen.err, transient=True) as bars:
        yield _Bar(bars)


class _Bar:
    """One bar, begun anew at each stage: how fast one stage goes says nothing of the next."""

    def __init__(self, bars: Progress) -> None:
        self.bars, self.stage = bars, ""
        self.task = bars.add_task("", total=None, rate="", left="")

    def __call__(self, tick: Tick) -> None:
        begun = tick.stage != self.stage
        if begun:
            self.stage = tick.stage
            self.bars.reset(self.task, description=STAGES[tick.stage], total=tick.total or None)
        if tick.sentence:
            self.bars.console.print(plain(tick.sentence), markup=False, highlight=False)
        self.bars.update(
            self.task, completed=tick.done, total=tick.total or None, rate=self._rate(), left=left_in_words(tick),
            refresh=begun,
        )  # fmt: skip

    def _rate(self) -> str:
        speed = self.bars.tasks[0].speed
        return f"{speed:.1f}/s" if speed else ""


def left_in_words(tick: Tick) -> str:
    """What each vendor said it still takes."""
    told = ", ".join(f"{vendor} {count:,}" for vendor, count in sorted(tick.left.items()))
    return f"calls left: {told}" if told else ""
