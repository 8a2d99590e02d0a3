"""The two v2 query routes: one value a query, or its points."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from collectors.sandbox.datadog.metrics import BadQuery, Query, Telemetry, parse, step_for

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
    """A number column a query; no data is an empty list of values."""
    asked = _read(body, "scalar_request", clock, kept_days)
    columns: list[JsonValue] = []
    for i, one in enumerate(asked.queries):
        columns += _columns(telemetry, parse(one.query), one, one.name or f"query{i}", asked)
    return {"data": {"type": "scalar_response", "attributes": {"columns": columns}}}


def _columns(telemetry: Telemetry, query: Query, one: _One, name: str, asked: _Attributes) -> list[JsonValue]:
    groups = telemetry.groups(query, asked.start / 1000, asked.end / 1000)
    step = step_for(asked.seconds, None)
    values: list[JsonValue] = [telemetry.scalar(query, events, one.aggregator, step) for events in groups.values()]
    number: Column = {"name": name, "type": "number", "values": values, "meta": {"unit": telemetry.unit(query)}}
    tags: list[JsonValue] = [
        {"name": by, "type": "group", "values": [[group[i].split(":", 1)[1]] for group in groups]}
        for i, by in enumerate(query.by)
    ]
    return [*tags, number]


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
