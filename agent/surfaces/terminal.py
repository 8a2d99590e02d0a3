"""How things are printed: in colour on a terminal, as plain lines through a pipe, or as one JSON document.

Everything may hold text that somebody else wrote, so nothing is ever read as markup, and control characters go nowhere.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.surfaces.plain import plain as plain

PIPE_WIDTH = 10_000  # a pipe has no width: one row is one line
COLOURS = {"✅": "green", "⚠️": "yellow", "❌": "red", "❔": "magenta", "⏳": "cyan", "➖": "dim"}


@dataclass(frozen=True)
class Screen:
    """`out` is what was asked for, `err` what is said besides. `live`: progress is shown."""

    out: Console
    err: Console
    live: bool

    def say(self, text: str = "", style: str = "", *, indent: int = 0) -> None:
        pad = " " * indent
        self.out.print(
            Text(pad + plain(text).replace("\n", "\n" + pad), style=style), soft_wrap=not self.out.is_terminal
        )

    def command(self, text: str) -> None:
        """A line to be copied: never broken."""
        self.out.print(Text("  " + plain(text), style="bold"), soft_wrap=True)

    def heading(self, text: str) -> None:
        self.out.print()
        self.say(text, "bold")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Rows of plain text; a cell that begins with a glyph takes its colour."""
        grid = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        for name in columns:
            grid.add_column(name, overflow="fold", no_wrap=len(name) <= 1)
        for row in rows:
            grid.add_row(*(_cell(cell) for cell in row))
        self.out.print(grid)

    def json(self, value: object) -> None:
        """One document, in ASCII: no terminal reads anything into it."""
        sys.stdout.write(json.dumps(value, indent=2) + "\n")

    @contextmanager
    def queued_as_json(self, *, asked: bool) -> Iterator[None]:
        """Whoever asked for JSON reads there, too, that nothing began; the sentence goes to stderr as ever."""
        from agent.errors import Queued

        try:
            yield
        except Queued as error:
            if asked:
                self.json({"state": "queued" if error.kept else "not begun", "told": str(error)})
            raise

    def error(self, text: str, word: str = "error") -> None:
        """`word` says what it is: what is queued is no error."""
        style = "bold red" if word == "error" else "bold yellow"
        self.err.print(Text.assemble((word, style), ": " + plain(text)), soft_wrap=True)

    def note(self, text: str) -> None:
        """Something said besides, on stderr."""
        self.err.print(Text(plain(text), style="dim"), soft_wrap=True)

    def progress(self) -> Callable[[str, str], None]:
        """What `Deps.progress` calls: a line a step on a terminal, nothing anywhere else."""

        def tell(step: str, sentence: str) -> None:
            if self.live:
                self.note(f"  {step:<8} {sentence}")

        return tell


def screen() -> Screen:
    out, err = sys.stdout, sys.stderr
    return Screen(_console(out), _console(err), live=out.isatty() and err.isatty())


def quiet_screen() -> Screen:
    """Says nothing but `json` and errors."""
    usual = screen()
    return Screen(Console(file=io.StringIO(), width=PIPE_WIDTH), usual.err, live=False)


def picture_screen(width: int) -> Screen:
    """Prints nowhere and keeps what was printed, for `export_svg`."""
    console = Console(
        file=io.StringIO(), force_terminal=True, width=width, record=True, highlight=False, color_system="truecolor"
    )
    return Screen(console, console, live=False)


def _console(file: TextIO) -> Console:
    tty = file.isatty()
    if hasattr(file, "reconfigure"):
        file.reconfigure(errors="replace")
    return Console(
        file=file, force_terminal=tty, width=None if tty else PIPE_WIDTH, highlight=False, markup=False, emoji=False,
        color_system="auto" if tty else None,
    )  # fmt: skip


def _cell(text: str) -> Text:
    shown = plain(text)
    glyph = shown.split(" ", 1)[0]
    return Text(shown, style=COLOURS.get(glyph, ""))
