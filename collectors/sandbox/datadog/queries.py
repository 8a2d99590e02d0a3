"""The two v2 query routes: one value a query, or its points."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from collectors.sandbox.datadog.metrics import BadQuery, Telemetry, parse, step_for

Column = dict[str, JsonValue]


class _Given(BaseModel):
    """A request of the vendor's: more keys than we know are allowed."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _One(_Given):
    data_source: Literal["metrics"]
    query: str
    name: str | None = None
    aggregator: str = "avg"


class _Attributes(_Given):
    start: int = Field(alias="from")
    end: int = Field(alias="to")
    queries: tuple[_One, ...]
    interval: int | None = None

    @property
    def seconds(self) -> float:
        return (self.end - self.start) / 1000


class _Data(_Given):
    type: str
    attributes: _Attributes


class _Request(_Given):
    data: _Data


def scalar(telemetry: Telemetry, body: JsonValue, clock: datetime, kept_days: int) -> JsonValue:
    """A number column a query; no data is an empty list of values, or null beside other queries' groups."""
    asked = _read(body, "scalar_request", clock, kept_days)
    values = [_values(telemetry, one, asked) for one in asked.queries]
    by = [parse(one.query).by for one in asked.queries]
    if len(set(by)) > 1:
        raise BadQuery("Invalid request: all queries of a request must be grouped by the same tags")
    rows = sorted({group for found in values for group in found})
    tags: list[JsonValue] = [
        {"name": name, "type": "group", "values": [[row[i].split(":", 1)[1]] for row in rows]}
        for i, name in enumerate(by[0] if by else ())
    ]
    numbers: list[JsonValue] = [
        {
            "name": one.name or f"query{i}", "type": "number", "meta": {"unit": telemetry.unit(parse(one.query))},
            "values": [values[i].get(row) for row in rows] if tags else list(values[i].values()),
        }
        for i, one in enumerate(asked.queries)
    ]  # fmt: skip
    return {"data": {"type": "scalar_response", "attributes": {"columns": [*tags, *numbers]}}}


def _values(telemetry: Telemetry, one: _One, asked: _Attributes) -> dict[tuple[str, ...], float]:
    """The value of each group; the group of a query without `by` is ()."""
    query, step = parse(one.query), step_for(asked.seconds, None)
    groups = telemetry.groups(query, asked.start / 1000, asked.end / 1000)
    return {group: telemetry.scalar(query, events, one.aggregator, step) for group, events in groups.items()}


def timeseries(telemetry: Telemetry, body: JsonValue, clock: datetime, kept_days: int) -> JsonValue:
    """Sparse times, common to all series; a series without a point at a time holds null there."""
    asked = _read(body, "timeseries_request", clock, kept_days)
    step = step_for(asked.seconds, None if asked.interval is None else asked.interval / 1000)
    series: list[JsonValue] = []
    rows: list[dict[float, float]] = []
    for i, one in enumerate(asked.queries):
        query = parse(one.query)
        for group, events in telemetry.groups(query, asked.start / 1000, asked.end / 1000).items():
            series.append({"group_tags": list(group), "query_index": i, "unit": telemetry.unit(query)})
            rows.append(telemetry.points(query, events, step))
    times = sorted({at for row in rows for at in row})
    values: list[JsonValue] = [[row.get(at) for at in times] for row in rows]
    attributes: Column = {"series": series, "times": [int(at * 1000) for at in times], "values": values}
    return {"data": {"id": "0", "type": "timeseries_response", "attributes": attributes}}


def _read(body: JsonValue, kind: str, clock: datetime, kept_days: int) -> _Attributes:
    try:
        data = _Request.model_validate(body).data
    except ValidationError as error:
        raise BadQuery(f"Invalid request: {error.errors()[0]['msg']}") from error
    if data.type != kind:
        raise BadQuery(f"Invalid type: expected {kind}, got {data.type}")
    if data.attributes.start >= data.attributes.end:
        raise BadQuery("Invalid time range: from must be before to")
    if data.attributes.end / 1000 < (clock - timedelta(days=kept_days)).timestamp():
        raise BadQuery("Queries ending outside the retention date are invalid")
    return data.attributes
