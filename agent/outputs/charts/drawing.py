"""What every picture is made of: a frame with its text alternative, a time axis, bars, marks and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from agent.drafting.values import clean

WIDTH, LEFT, RIGHT = 640, 120, 16  # user units; the page scales them
ROW = 30
MOST_TICKS = 7
LETTER = 6.4  # user units that a letter of a tick takes, widest


@dataclass(frozen=True)
class Picture:
    """`svg` with its own title and description; `told` is the same in a sentence, "" when there is only a sentence."""

    title: str
    told: str
    svg: Markup | None = None


def only_words(title: str, told: str) -> Picture:
    """Where there is nothing to draw, the page says so and draws nothing."""
    return Picture(title, told)


def frame(name: str, title: str, told: str, height: float, parts: Iterable[Markup]) -> Picture:
    """`name` is unique on the page; `told` says in words what the picture shows."""
    svg = Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{n}-t {n}-d" focusable="false">'
        '<title id="{n}-t">{title}</title><desc id="{n}-d">{told}</desc>{body}</svg>'
    ).format(w=WIDTH, h=_n(height), n=name, title=title, told=told, body=Markup("").join(parts))
    return Picture(title, told, svg)


@dataclass(frozen=True)
class Scale:
    """Maps `low`..`high` to the drawing's width; what lies outside is held at the edge."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return LEFT + min(1.0, max(0.0, share)) * (WIDTH - LEFT - RIGHT)


@dataclass(frozen=True)
class Times:
    """The same for instants."""

    start: datetime
    end: datetime
    zone: str

    def __call__(self, at: datetime) -> float:
        return Scale(self.start.timestamp(), self.end.timestamp())(at.timestamp())

    def axis(self, y: float) -> Iterator[Markup]:
        """A line with up to seven days, or hours where it spans fewer than two days."""
        yield line(LEFT, y, WIDTH - RIGHT, y, "axis")
        short = self.end - self.start < timedelta(days=2)
        for at in self._ticks(short):
            local = at.astimezone(ZoneInfo(self.zone))
            yield line(self(at), y, self(at), y + 4, "axis")
            yield words(self(at), y + 17, f"{local:%H:%M}" if short else f"{local.day} {local:%b}", "tick")

    def _ticks(self, short: bool) -> Iterator[datetime]:
        if short:
            yield from (self.start + (self.end - self.start) / (MOST_TICKS - 1) * step for step in range(MOST_TICKS))
            return
        zone = ZoneInfo(self.zone)
        first, last = self.start.astimezone(zone).date(), self.end.astimezone(zone).date()
        step = -(-(last - first).days // (MOST_TICKS - 1)) or 1
        for days in range(0, (last - first).days + 1, step):
            at = datetime.combine(first + timedelta(days=days), time(), zone)
            if self.start <= at <= self.end:
                yield at


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, _n(x1), _n(y1), _n(x2), _n(y2))


def bar(x1: float, x2: float, y: float, height: float, kind: str, about: str = "") -> Markup:
    """At least one unit wide, so that a short gap is seen."""
    width = max(1.0, x2 - x1)
    about_ = Markup("<title>{}</title>").format(clean(about, 200)) if about else Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}">{}</rect>').format(
        kind, _n(x1), _n(y), _n(width), _n(height), about_
    )


def dot(x: float, y: float, kind: str) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="2.5"/>').format(kind, _n(x), _n(y))


def path(points: list[tuple[float, float]], kind: str) -> Markup:
    told = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, told)


def words(x: float, y: float, text: str, kind: str = "label", most: int = 60) -> Markup:
    shown = clean(text, most)
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, _n(_inside(x, shown, kind)), _n(y), shown)


def _inside(x: float, shown: str, kind: str) -> float:
    """A tick is centred on its place, but for one that would leave the drawing."""
    half = min(len(shown) * LETTER, WIDTH) / 2
    return min(max(x, half), WIDTH - half) if kind == "tick" else x


def row_label(y: float, text: str) -> Markup:
    """At the left edge, beside a row whose middle is `y`."""
    return words(4, y + 4, text, "row", 18)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
