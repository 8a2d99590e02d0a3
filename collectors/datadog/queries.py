"""Metric queries over a window: one value each, or the points behind it, read without guessing.

Asked for: the two v2 routes with plain metric queries, never formulas. Handled: no data as an empty list or null, which
is no zero; times without a fixed step; an answer coarser than asked; `errors` beside a 200; a group that has no answer.
Out of scope: the older v1 route (seconds instead of milliseconds; the vendor recommends v2), the event data sources
(logs, spans, RUM …) and cloud costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from datadog_api_client.v2.api.metrics_api import MetricsApi
from datadog_api_client.v2.model.metrics_aggregator import MetricsAggregator
from datadog_api_client.v2.model.metrics_data_source import MetricsDataSource
from datadog_api_client.v2.model.metrics_scalar_query import MetricsScalarQuery
from datadog_api_client.v2.model.metrics_timeseries_query import MetricsTimeseriesQuery
from datadog_api_client.v2.model.scalar_formula_query_request import ScalarFormulaQueryRequest
from datadog_api_client.v2.model.scalar_formula_request import ScalarFormulaRequest
from datadog_api_client.v2.model.scalar_formula_request_attributes import ScalarFormulaRequestAttributes
from datadog_api_client.v2.model.scalar_formula_request_queries import ScalarFormulaRequestQueries
from datadog_api_client.v2.model.scalar_formula_request_type import ScalarFormulaRequestType
from datadog_api_client.v2.model.timeseries_formula_query_request import TimeseriesFormulaQueryRequest
from datadog_api_client.v2.model.timeseries_formula_request import TimeseriesFormulaRequest
from datadog_api_client.v2.model.timeseries_formula_request_attributes import TimeseriesFormulaRequestAttributes
from datadog_api_client.v2.model.timeseries_formula_request_queries import TimeseriesFormulaRequestQueries
from datadog_api_client.v2.model.timeseries_formula_request_type import TimeseriesFormulaRequestType
from pydantic import JsonValue

from collectors.datadog.client import Session
from collectors.datadog.grouping import Group, Wanted
from collectors.datadog.reading import at, epoch_ms, listing, mapping, number, text
from collectors.errors import Malformed
from collectors.evidence import Window

SCOPE = "timeseries_query"
ONE_SERIES = "Write the query on the card so that it gives a single series (no `by {…}`), then check again."


@dataclass(frozen=True)
class Scalar:
    """One column of a scalar answer. `value` None = no data. `group`: the subject's row of the column of groups."""

    column: dict[str, JsonValue]
    value: float | None
    unit: str
    group: dict[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A value at the beginning of its step; `index` is its place in the answer's lists."""

    at: datetime
    value: float
    index: int


@dataclass(frozen=True, slots=True)
class Series:
    """The answer to one query: its own part of `times`, `values` and `series`, and each row's first and last point.

    A batch holds thousands of them until its last answer, so the other points are read where they are needed: as
    objects they take four times the memory of the answer.
    """

    attributes: dict[str, JsonValue]
    ends: tuple[tuple[Point, ...], ...]  # of each row: none, its only point, or the oldest and the newest

    @property
    def rows(self) -> tuple[tuple[Point, ...], ...]:
        """All points of each row, oldest first; read anew each time."""
        return _rows(self.attributes, "series read before")


def ask_scalars(dd: Session, wanted: Sequence[Wanted], window: Window) -> list[Scalar]:
    """One value for each (query, aggregator), all over the same window and in one request."""
    told = f"metric queries {_named(wanted)} from {window.start} to {window.end}"
    columns = _columns(dd, wanted, window, told)
    if not columns and len(wanted) > 1:
        raise Malformed(f"Datadog {told}: not one of {len(wanted)} queries has a column in the answer")
    return [_scalar(columns, f"q{i}", query) for i, (query, _) in enumerate(wanted)]


def ask_scalar_group(dd: Session, group: Group, window: Window) -> dict[str, Scalar]:
    """The value of each group that has one, by the tag's value."""
    told = _of_group(group, "values", window)
    columns = [mapping(c, told) for c in _columns(dd, [(group.query, group.aggregator)], window, told)]
    tags, numbers = ([c for c in columns if c.get("type") == kind] for kind in ("group", "number"))
    if not (len(tags) == len(numbers) == 1) or tags[0].get("name") != group.tag or numbers[0].get("name") != "q0":
        raise Malformed(f"{told} came in other columns than one of groups and one of numbers")
    names, values = (listing(column.get("values"), told) for column in (tags[0], numbers[0]))
    owners = [_owner(name, group, told) for name in names]
    if len(owners) != len(values) or len(set(owners)) != len(owners):
        raise Malformed(f"{told}: groups and values do not fit together")
    return {
        owner: _cell(numbers[0], tags[0], i, told)
        for i, owner in enumerate(owners)
        if values[i] is not None  # no data, or something else: only its own query can tell
    }


def _cell(column: dict[str, JsonValue], tags: dict[str, JsonValue], i: int, told: str) -> Scalar:
    """One row of the answer, as if it had come alone."""
    own, group = ({**of, "values": listing(of.get("values"), told)[i : i + 1]} for of in (column, tags))
    return replace(_value(own, told), group=group)


def _owner(name: JsonValue, group: Group, told: str) -> str:
    """Whose row it is. A series with two values of the tag belongs to two subjects, and the answer to neither."""
    value = name[0] if isinstance(name, list) and len(name) == 1 else None
    if not isinstance(value, str) or value not in group.members:
        raise Malformed(f"{told} holds a group that was not asked for")
    return value


def _columns(dd: Session, wanted: Sequence[Wanted], window: Window, told: str) -> list[JsonValue]:
    attributes = ScalarFormulaRequestAttributes(
        _from=_ms(window.start), to=_ms(window.end),
        queries=ScalarFormulaRequestQueries(  # type: ignore[no-untyped-call]
            [_scalar_query(i, query, aggregator) for i, (query, aggregator) in enumerate(wanted)]
        ),
    )  # fmt: skip
    request = ScalarFormulaQueryRequest(
        data=ScalarFormulaRequest(type=ScalarFormulaRequestType.SCALAR_REQUEST, attributes=attributes)
    )
    body = dd.ask(told, SCOPE, lambda: dd.api(MetricsApi).query_scalar_data(request))
    return listing(at(body, "data", "attributes", "columns"), f"Datadog {told}: columns")


def _scalar_query(i: int, query: str, aggregator: str) -> MetricsScalarQuery:
    reduced_by = MetricsAggregator(aggregator)  # type: ignore[no-untyped-call]
    return MetricsScalarQuery(
        data_source=MetricsDataSource.METRICS, name=f"q{i}", query=query, aggregator=reduced_by
    )  # fmt: skip


def ask_series(dd: Session, queries: Sequence[str], window: Window, step: int | None = None) -> list[Series]:
    """The rows of each query, their points at least `step` seconds apart; None leaves the step to the vendor."""
    told = f"metric series {_named([(query, '') for query in queries])} from {window.start} to {window.end}"
    found = _attributes(dd, queries, window, step, told)
    rows = [_query_of(found["series"], i, len(queries), told) for i in range(len(_values(found, told)))]
    if len(queries) == 1:
        return [_series(found, told)]
    return [_series(_cut(found, [i for i, q in enumerate(rows) if q == n], told), told) for n in range(len(queries))]


def ask_series_group(dd: Session, group: Group, window: Window) -> dict[str, Series]:
    """The single row of each group that has one, by the tag's value."""
    told = _of_group(group, "series", window)
    found = _attributes(dd, [group.query], window, None, told)
    owners = [_owner_of_row(found["series"], i, group, told) for i in range(len(_values(found, told)))]
    if len(set(owners)) != len(owners):
        raise Malformed(f"{told}: a group has more than one row")
    series = {owner: _series(_cut(found, [i], told), told) for i, owner in enumerate(owners)}
    return {owner: one for owner, one in series.items() if one.ends[0]}


def _owner_of_row(described: JsonValue, row: int, group: Group, told: str) -> str:
    tags = at(_described(described, row), "group_tags")
    one = tags[0] if isinstance(tags, list) and len(tags) == 1 else None
    name, _, value = one.partition(":") if isinstance(one, str) else ("", "", "")
    return _owner([value] if name == group.tag else None, group, told)


def _attributes(
    dd: Session, queries: Sequence[str], window: Window, step: int | None, told: str
) -> dict[str, JsonValue]:
    """`times`, `values` and `series` of the answer, as they came."""
    attributes = TimeseriesFormulaRequestAttributes(
        _from=_ms(window.start), to=_ms(window.end),
        queries=TimeseriesFormulaRequestQueries(  # type: ignore[no-untyped-call]
            [_series_query(i, query) for i, query in enumerate(queries)]
        ),
    )  # fmt: skip
    if step is not None:
        attributes.interval = step * 1000
    request = TimeseriesFormulaQueryRequest(
        data=TimeseriesFormulaRequest(type=TimeseriesFormulaRequestType.TIMESERIES_REQUEST, attributes=attributes)
    )
    body = dd.ask(told, SCOPE, lambda: dd.api(MetricsApi).query_timeseries_data(request))
    found = mapping(at(body, "data", "attributes"), f"Datadog {told}: attributes")
    return {key: found.get(key) for key in ("times", "values", "series")}


def _cut(found: dict[str, JsonValue], rows: Sequence[int], told: str) -> dict[str, JsonValue]:
    """The part of a shared answer that belongs to some of its rows: those rows, and the times at which they hold any
    value."""
    values = [listing(_values(found, told)[i], f"{told}: values") for i in rows]
    times = listing(found.get("times"), f"{told}: times")
    if any(len(row) != len(times) for row in values):
        raise Malformed(f"{told} has values at other times than those it names")
    held = [i for i in range(len(times)) if any(row[i] is not None for row in values)]
    return {
        "times": [times[i] for i in held], "values": [[row[i] for i in held] for row in values],
        "series": [_described(found["series"], i) for i in rows],
    }  # fmt: skip


def _values(found: dict[str, JsonValue], told: str) -> list[JsonValue]:
    return listing(found.get("values"), f"{told}: values")


def _series_query(i: int, query: str) -> MetricsTimeseriesQuery:
    return MetricsTimeseriesQuery(data_source=MetricsDataSource.METRICS, name=f"q{i}", query=query)


def _scalar(columns: list[JsonValue], name: str, query: str) -> Scalar:
    told = f"Datadog's value of {query}"
    if any(at(column, "type") == "group" for column in columns):
        raise Malformed(f"{told} came in groups, and one value was asked for", advice=ONE_SERIES)
    found = [c for c in columns if isinstance(c, dict) and c.get("name") == name]
    if not columns:
        return Scalar({"name": name, "type": "number", "values": []}, None, "")
    if len(found) != 1:
        raise Malformed(f"{told} is in {len(found)} columns of the answer instead of one")
    return _value(found[0], told)


def _value(column: dict[str, JsonValue], told: str) -> Scalar:
    values = listing(column.get("values"), told)
    if len(values) > 1:
        raise Malformed(f"{told} is {len(values)} values, and one was asked for", advice=ONE_SERIES)
    value = number(values[0]) if values else None
    if values and values[0] is not None and value is None:
        raise Malformed(f"{told} is not a number")
    return Scalar(column, value, unit_of(at(column, "meta", "unit")))


def _series(attributes: dict[str, JsonValue], told: str) -> Series:
    """Every point is looked at here, so that what cannot be read fails while it may still be asked again."""
    return Series(attributes, tuple(row[:1] + row[1:][-1:] for row in _rows(attributes, told)))


def _rows(attributes: dict[str, JsonValue], told: str) -> tuple[tuple[Point, ...], ...]:
    times, values = listing(attributes.get("times"), f"{told}: times"), _values(attributes, told)
    if times and not values:
        raise Malformed(f"{told} names {len(times)} times and no value at any of them")
    return tuple(_points(times, listing(row, f"{told}: values"), told) for row in values)


def _described(described: JsonValue, row: int) -> JsonValue:
    return described[row] if isinstance(described, list) and row < len(described) else None


def _query_of(described: JsonValue, row: int, asked: int, told: str) -> int:
    """Which query a row answers, by its place in the question."""
    index = at(_described(described, row), "query_index")
    if isinstance(index, int) and 0 <= index < asked:
        return index
    if asked == 1:
        return 0
    raise Malformed(f"{told}: row {row} does not say which query it answers")


def _points(times: list[JsonValue], values: list[JsonValue], told: str) -> tuple[Point, ...]:
    if len(times) != len(values):
        raise Malformed(f"{told} has {len(values)} values at {len(times)} times")
    points = []
    for i, (time, value) in enumerate(zip(times, values, strict=True)):
        if value is None:
            continue
        measured = number(value)
        if measured is None:
            raise Malformed(f"{told} holds a value that is not a number")
        points.append(Point(epoch_ms(time, told), measured, i))
    return tuple(sorted(points, key=lambda point: point.at))


def must_lie_within(series: Series, window: Window, step: float, told: str) -> None:
    """Malformed where a point lies outside the asked window; the first may stand for a step that began before it."""
    start = window.start - timedelta(seconds=step)
    if any(not start <= point.at <= window.end for row in series.ends for point in row):
        raise Malformed(f"Datadog's {told} holds a point outside the window from {window.start} to {window.end}")


def unit_of(unit: JsonValue) -> str:
    """The vendor's unit in words ("percent", "bytes per second"), "" where it names none."""
    parts = unit if isinstance(unit, list) else []
    main = text(at(parts[0], "plural")) or text(at(parts[0], "name")) if parts else None
    per = text(at(parts[1], "name")) if len(parts) > 1 else None
    return f"{main} per {per}" if main and per else main or ""


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _of_group(group: Group, what: str, window: Window) -> str:
    return f"Datadog's {what} of {len(group.members)} groups by {group.tag} from {window.start} to {window.end}"


def _named(wanted: Sequence[Wanted]) -> str:
    return ", ".join(f"{query} ({aggregator})" if aggregator else query for query, aggregator in wanted)
