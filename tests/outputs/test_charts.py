"""The pictures: drawn from facts, told in words too, and silent where nothing was seen."""

from __future__ import annotations

from datetime import timedelta
from math import nan

import pytest
from markupsafe import escape

from agent.domain import EarlierReview
from agent.outputs.charts.cover import cover, gaps
from agent.outputs.charts.drawing import LETTER, WIDTH, Picture, words
from agent.outputs.charts.drill import drill
from agent.outputs.charts.expiry import expiry
from agent.outputs.charts.pictures import launch_of, of_item
from agent.outputs.charts.progress import history, progress_chart
from agent.outputs.charts.retention import FOR_EVER, Kept, retention
from agent.outputs.charts.targets import Wanted, target, unbroken
from collectors.datadog.facts import MetricFacts, Sample
from collectors.evidence import Number, Resource
from tests import builders as facts
from tests.builders import ON_CALL, PILOT, ZONE, at
from tests.drafting import builders

ACCEPTANCE = Wanted("Acceptance", ">=", 90, "percent")


def series(
    *values: tuple[str, float], value: float | None = 92, unit: str = "percent", step: float = 3600
) -> MetricFacts:
    points = tuple(Sample(at=at(when), value=number) for when, number in values)
    return MetricFacts(
        query=Resource(value="avg:acceptance{*}"), value=None if value is None else Number(value=value, unit=unit),
        samples=Number(value=len(points), unit="samples"), points=points, interval=Number(value=step, unit="seconds"),
    )  # fmt: skip


def drawn(picture: Picture) -> str:
    assert picture.svg is not None
    return str(picture.svg)


def test_every_picture_carries_its_title_and_description():
    """Who cannot see it is told the same."""
    picture = cover("i3-cover", facts.on_call(), ON_CALL, ZONE)

    assert 'role="img" aria-labelledby="i3-cover-t i3-cover-d"' in drawn(picture)
    assert f'<desc id="i3-cover-d">{escape(picture.told)}</desc>' in drawn(picture)


def test_cover_without_a_gap_draws_none():
    picture = cover("c", facts.on_call(), ON_CALL, ZONE)

    assert "no gap in the primary's cover" in picture.told
    assert "bar gap" not in drawn(picture)


def test_a_gap_in_the_cover_is_drawn_and_told():
    """The first hour of the window is nobody's."""
    whole = facts.on_call()
    late = ON_CALL.start + timedelta(hours=1)
    shifts = tuple(
        s.model_copy(update={"start": s.start.model_copy(update={"value": max(s.start.value, late)})})
        if s.level == 1 else s
        for s in whole.shifts
    )  # fmt: skip
    picture = cover("c", whole.model_copy(update={"shifts": shifts}), ON_CALL, ZONE)

    assert drawn(picture).count("bar gap") == 1
    assert "nobody is primary from" in picture.told


def test_nobody_at_all_is_one_gap_over_the_whole_window():
    assert gaps([], ON_CALL) == [(ON_CALL.start, ON_CALL.end)]
    empty = facts.on_call().model_copy(update={"shifts": ()})
    assert "primary: nobody; backup: nobody" in cover("c", empty, ON_CALL, ZONE).told


def test_names_in_a_picture_are_text():
    """A rota is written by others."""
    whole = facts.on_call()
    bad = tuple(
        s.model_copy(update={"person": s.person.model_copy(update={"value": "</text><script>x"})}) for s in whole.shifts
    )
    text = drawn(cover("c", whole.model_copy(update={"shifts": bad}), ON_CALL, ZONE))

    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_the_drill_shows_flag_off_the_last_run_and_flag_on():
    picture = drill("d", facts.DRILLED, facts.runs(10, 24, 38), ZONE)

    assert drawn(picture).count('class="run"') == 3
    assert "The flag was turned off at" in picture.told
    assert "seconds after the flip" in picture.told


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        (None, "The runs around it could not be seen, so none are drawn."),
        (facts.runs(), "No run was counted around it"),
    ],
)
def test_runs_that_were_not_seen_are_not_drawn(runs: MetricFacts | None, told: str):
    """No telemetry and no runs are different things, and neither is a dot."""
    picture = drill("d", facts.DRILLED, runs, ZONE)

    assert told in picture.told
    assert 'class="run"' not in drawn(picture)


def test_without_a_complete_drill_there_is_no_picture():
    only_off = facts.DRILLED.model_copy(update={"changes": facts.DRILLED.changes[:1]})

    assert drill("d", only_off, None, ZONE).svg is None


def test_a_series_is_broken_where_points_are_missing():
    """Three points, a hole, one point: a line of three and a dot, nothing across the hole."""
    hours = ("2026-05-20T01:00", "2026-05-20T02:00", "2026-05-20T03:00", "2026-05-20T09:00")
    seen = series(*((hour, 91.0) for hour in hours))

    assert [len(run) for run in unbroken(list(seen.points), 3600)] == [3, 1]
    text = drawn(target("t", ACCEPTANCE, seen, PILOT, ZONE))
    assert text.count("<polyline") == 1
    assert text.count('class="run"') == 1


def test_a_value_without_a_series_is_a_bar_and_no_line():
    """Some sources give one number only."""
    text = drawn(target("t", ACCEPTANCE, series(), PILOT, ZONE))

    assert "<polyline" not in text
    assert 'class="bar level1"' in text


@pytest.mark.parametrize("seen", [series(value=None), series(value=nan), series(unit="seconds")])
def test_no_value_or_another_unit_is_told_and_not_drawn(seen: MetricFacts):
    picture = target("t", ACCEPTANCE, seen, PILOT, ZONE)

    assert picture.svg is None
    assert "the card asks for at least 90 %" in picture.told


def test_points_outside_the_pilot_are_left_out():
    outside = series(("2026-05-01T00:00", 1.0), ("2026-05-20T01:00", 91.0), ("2026-07-01T00:00", 1.0))

    assert "<polyline" not in drawn(target("t", ACCEPTANCE, outside, PILOT, ZONE))


def test_retention_stands_as_floor_and_ceiling_against_what_is_asked():
    rows = [Kept("audit", 2557, 2587, 2600), Kept("traces", 180, FOR_EVER, FOR_EVER), Kept("debug", 30, None, None)]
    rows.append(Kept("copied", 30, 40, FOR_EVER, "forty", "to-dr"))
    picture = retention("k", rows)

    assert "audit: kept for 2,587 days, the last of it for 2,600 days, the card asks for 2,557 days." in picture.told
    assert "traces: kept for ever" in picture.told
    assert "debug: how long it is kept was not seen" in picture.told
    assert (
        "copied: kept for 40 days by forty, the last of it perhaps for ever by to-dr, the card asks for 30 days."
        in picture.told
    )
    assert drawn(picture).count('class="bar level1"') == 3
    assert "not seen</text>" in drawn(picture)


def test_the_forecast_marks_what_lapses_before_launch():
    """Red and named in words."""
    items = builders.put_right_items()
    early = items[3].model_copy(update={"valid_until": at("2026-06-12T18:00")})
    review = builders.document([early, items[8]])
    picture = expiry("e", review, launch_of(review))

    assert "Lapsing before launch: 4." in picture.told
    assert drawn(picture).count("bar gap") == 1


def test_a_review_without_its_evidence_has_pictures_of_nothing():
    """What is not at hand is not drawn; retention says "not seen" of each log."""
    review = builders.as_written()
    pictures = [one for item in review.items for one in of_item(review, item, {})]

    assert all("not seen" in one.told for one in pictures)
    assert of_item(review.model_copy(update={"card": {}}), review.items[2], {}) == []


@pytest.mark.parametrize(("x", "text"), [(0, "13 Jun"), (640, "12 Jun"), (640, "asked 2,557 days"), (3, "W" * 200)])
def test_a_word_at_the_edge_stays_inside_the_picture(x: float, text: str):
    """However long it is."""
    svg = str(words(x, 10, text, "tick"))
    place = float(svg.partition(' x="')[2].partition('"')[0])
    half = len(text[:60]) * LETTER / 2

    assert place - min(half, WIDTH / 2) >= -0.1
    assert place + min(half, WIDTH / 2) <= WIDTH + 0.1


def test_ugly_data_is_drawn_capped_and_escaped():
    """A log whose name fills a page, a target without a unit, one point alone and values that are all the same."""
    long = "x" * 5000 + "<script>"
    one = target("t", Wanted(long, ">=", 0, ""), series(("2026-05-20T12:00", 0.0), value=0, unit=""), PILOT, ZONE)
    same = series(("2026-05-20T12:00", 5.0), ("2026-05-21T12:00", 5.0), value=5)
    flat = target("t", Wanted("Flat", "==", 5, "percent"), same, PILOT, ZONE)
    kept = retention("k", [Kept(long, None, None, None), Kept(long, 0, 0, 0), Kept(long, 1, FOR_EVER, FOR_EVER)])

    for picture in (one, flat, kept):
        assert "<script>" not in drawn(picture)
        assert "nan" not in drawn(picture)
        assert len(drawn(picture)) < 4000
    assert drawn(flat).count("<circle") == 2


def before(*shares: str) -> list[EarlierReview]:
    return [
        EarlierReview(
            review=f"rv-{i}", as_of=at(f"2026-06-0{i + 1}T09:00"), proposal="blocked", ended="superseded", by="",
            share=share,
        )
        for i, share in enumerate(shares)
    ]  # fmt: skip


def test_progress_is_one_bar_a_review_oldest_first():
    """With this one last; a review that reckoned no share has no bar."""
    review = builders.document(builders.put_right_items(), earlier=tuple(before("40", "", "62.5")))
    picture = progress_chart("p", review)

    assert [share for _, share in history(review)] == ["40", "62.5", "100"]
    assert "1 June 2026, 09:00 EDT: 40 %; 3 June 2026, 09:00 EDT: 62.5 %" in picture.told
    assert drawn(picture).count("<rect") == 3


def test_without_a_review_before_there_is_no_progress_to_draw():
    assert progress_chart("p", builders.as_written()).svg is None
