"""Collector `aws.trail`: whether a trail of CloudTrail is written now, and what it takes in.

Out of scope: whether the bucket keeps what is written (`s3.retention`), events of data inside buckets and functions,
services that CloudTrail does not see, and what the subject does outside AWS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from collectors.aws.client import Asking, answer_all, read
from collectors.aws.safeguards import TrailAsk, TrailFacts
from collectors.connections import Connections
from collectors.errors import Malformed
from collectors.evidence import Answer, Completeness, Evidence, Origin, Resource, State, Time, pointer

OF_TRAIL = ("Name", "TrailARN", "HomeRegion", "IsMultiRegionTrail", "LogFileValidationEnabled", "S3BucketName",
            "S3KeyPrefix", "IsOrganizationTrail")  # fmt: skip
OF_STATUS = ("IsLogging", "LatestDeliveryTime", "LatestDeliveryError", "StartLoggingTime", "StopLoggingTime")
CATEGORY, MANAGEMENT = "eventCategory", "Management"


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Trail(_Wire):
    name: str = Field(alias="Name", max_length=200)
    arn: str = Field(alias="TrailARN")
    everywhere: bool = Field(alias="IsMultiRegionTrail")
    validated: bool = Field(alias="LogFileValidationEnabled")


class _Status(_Wire):
    logging: bool = Field(alias="IsLogging")
    delivered: AwareDatetime | None = Field(None, alias="LatestDeliveryTime")
    error: str | None = Field(None, alias="LatestDeliveryError")


class _Selector(_Wire):
    reads: str = Field(alias="ReadWriteType")
    management: bool = Field(alias="IncludeManagementEvents")
    excluded: tuple[str, ...] = Field((), alias="ExcludeManagementEventSources")


class _Advanced(_Wire):
    fields: tuple[dict[str, JsonValue], ...] = Field(alias="FieldSelectors", min_length=1)


def trail(conn: Connections, asks: Sequence[TrailAsk]) -> Iterable[Answer]:
    """A trail's settings, whether it writes and when it last delivered, and which events it takes in."""
    return answer_all(conn, asks, "cloudtrail", _one)


def _one(asking: Asking, ask: TrailAsk) -> Evidence:
    told = asking.call("GetTrail", {"Name": ask.name}).body.get("Trail")
    found = read(_Trail, told, f"aws cloudtrail:GetTrail of {ask.name}")
    if ask.name not in (found.name, found.arn):
        raise Malformed(f"aws cloudtrail:GetTrail of {ask.name} tells of another", status=200)
    status = asking.call("GetTrailStatus", {"Name": found.arn}).body
    selectors = asking.call("GetEventSelectors", {"TrailName": found.arn}).body
    body: dict[str, JsonValue] = {
        "trail": _kept(told if isinstance(told, dict) else {}, OF_TRAIL), "status": _kept(status, OF_STATUS),
        "selectors": _kept(selectors, ("EventSelectors", "AdvancedEventSelectors")),
    }  # fmt: skip
    return asking.sealed(
        ask, _facts(found, read(_Status, status, f"aws cloudtrail:GetTrailStatus of {ask.name}"), selectors), body,
        account=found.arn.split(":")[4] if found.arn.count(":") >= 5 else "", completeness=Completeness(items=1),
        page=f"https://console.aws.amazon.com/cloudtrail/home#/trails/{quote(found.arn, safe='')}",
        redacted=["keys, roles, topics and log groups of the trail"],
    )  # fmt: skip


def _kept(told: Mapping[str, JsonValue], names: Sequence[str]) -> dict[str, JsonValue]:
    return {name: told[name] for name in names if name in told}


def _facts(trail: _Trail, status: _Status, selectors: Mapping[str, JsonValue]) -> TrailFacts:
    def yes(value: bool, *path: str) -> State:
        return State(value="on" if value else "off", pointer=pointer(*path))

    delivered, error = status.delivered, status.error
    at = ("status", "LatestDeliveryTime")
    return TrailFacts(
        trail=Resource(value=trail.name, pointer=pointer("trail", "Name")),
        logging=yes(status.logging, "status", "IsLogging"),
        everywhere=yes(trail.everywhere, "trail", "IsMultiRegionTrail"),
        validated=yes(trail.validated, "trail", "LogFileValidationEnabled"),
        delivered=Time(value=delivered, at=delivered, pointer=pointer(*at)) if delivered else None,
        error=State(value=error[:80], pointer=pointer("status", "LatestDeliveryError")) if error else None,
        management=State(value="all" if _all_management(selectors) else "not all", origin=Origin.CODE),
    )  # fmt: skip


def _all_management(selectors: Mapping[str, JsonValue]) -> bool:
    """Whether one selector alone takes in every management event, reads and writes of every service."""
    what = "aws cloudtrail:GetEventSelectors"
    basic, advanced = selectors.get("EventSelectors"), selectors.get("AdvancedEventSelectors")
    if not isinstance(basic, list) and not isinstance(advanced, list):
        raise Malformed(f"{what} answered without selectors", status=200)
    plain = [read(_Selector, one, what) for one in basic] if isinstance(basic, list) else []
    fine = [read(_Advanced, one, what) for one in advanced] if isinstance(advanced, list) else []
    whole = any(one.management and one.reads == "All" and not one.excluded for one in plain)
    return whole or any(_is_all(one) for one in fine)


def _is_all(selector: _Advanced) -> bool:
    """Only that the events are of management; any further field narrows them."""
    only = {"Field": CATEGORY, "Equals": [MANAGEMENT]}
    return list(selector.fields) == [only]
