"""Metric queries over a window: one value each, or the points behind it, read without guessing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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
from collectors.datadog.reading import at, epoch_ms, listing, mapping, number, text
from collectors.errors import Malformed
from collectors.evidence import Window

SCOPE = "timeseries_query"
ONE_SERIES = "Write the query on the card so that it gives a single series (no `by {…}`), then check again."


@dataclass(frozen=True)
class Scalar:
    """One column of a scalar answer. `value` None = the vendor had no data."""

    column: dict[str, JsonValue]
    value: float | None
    unit: str


@dataclass(frozen=True)
class Point:
    """A value at the beginning of its step; `index` is its place in the answer's lists."""

    at: datetime
    value: float
    index: int


@dataclass(frozen=True)
class Series:
    """The answer to one time-series question: `times`, `values` and `series` as they came, and who is who."""

    attributes: dict[str, JsonValue]
    rows: tuple[tuple[int, tuple[Point, ...]], ...]  # (place of the query in the question, points oldest first)


def ask_scalars(dd: Session, wanted: Sequence[tuple[str, str]], window: Window) -> list[Scalar]:
    """One value for each (query, aggregator), all over the same window and in one request."""
    told = f"metric queries {_named(wanted)} from {window.start} to {window.end}"
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
    columns = listing(at(body, "data", "attributes", "columns"), f"Datadog {told}: columns")
    return [_scalar(columns, f"q{i}", query) for i, (query, _) in enumerate(wanted)]


def _scalar_query(i: int, query: str, aggregator: str) -> MetricsScalarQuery:
    reduced_by = MetricsAggregator(aggregator)  # type: ignore[no-untyped-call]
    return MetricsScalarQuery(
        data_source=MetricsDataSource.METRICS, name=f"q{i}", query=query, aggregator=reduced_by
    )  # fmt: skip


def ask_series(dd: Session, queries: Sequence[str], window: Window, step: int | None = None) -> Series:
    """The points of each query, at least `step` seconds apart; None leaves the step to the vendor."""
    told = f"metric series {_named([(query, '') for query in queries])} from {window.start} to {window.end}"
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
    return _series(found, len(queries), f"Datadog {told}")


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
    values = listing(found[0].get("values"), told)
    if len(values) > 1:
        raise Malformed(f"{told} is {len(values)} values, and one was asked for", advice=ONE_SERIES)
    value = number(values[0]) if values else None
    if values and values[0] is not None and value is None:
        raise Malformed(f"{told} is not a number")
    return Scalar(found[0], value, unit_of(at(found[0], "meta", "unit")))


def _series(attributes: dict[str, JsonValue], asked: int, told: str) -> Series:
    times = listing(attributes.get("times"), f"{told}: times")
    values = listing(attributes.get("values"), f"{told}: values")
    rows = tuple(
        (_query_of(attributes.get("series"), i, asked, told), _points(times, listing(row, f"{told}: values"), told))
        for i, row in enumerate(values)
    )
    return Series({key: attributes.get(key) for key in ("times", "values", "series")}, rows)


def _query_of(described: JsonValue, row: int, asked: int, told: str) -> int:
    """Which query a row answers, by its place in the question."""
    about = described[row] if isinstance(described, list) and row < len(described) else None
    index = at(about, "query_index")
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


def unit_of(unit: JsonValue) -> str:
    """The vendor's unit in words ("percent", "bytes per second"), "" where it names none."""
    parts = unit if isinstance(unit, list) else []
    main = text(at(parts[0], "plural")) or text(at(parts[0], "name")) if parts else None
    per = text(at(parts[1], "name")) if len(parts) > 1 else None
    return f"{main} per {per}" if main and per else main or ""


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _named(wanted: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{query} ({aggregator})" if aggregator else query for query, aggregator in wanted)
