"""CloudTrail's event history: ninety days, one lookup attribute a call, newest first, pages of at most fifty."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from collectors.sandbox.aws.data import Estate, Event, Trail
from collectors.sandbox.aws.wire import json_answer, json_error
from collectors.sandbox.server import Asked, Reply

HISTORY = timedelta(days=90)
PAGE = 50

_ATTRIBUTES: dict[str, Callable[[Event], tuple[str, ...]]] = {
    "EventId": lambda e: (e.id,),
    "EventName": lambda e: (e.name,),
    "EventSource": lambda e: (e.source,),
    "Username": lambda e: (e.username,),
    "ReadOnly": lambda e: (str(e.read_only).lower(),),
    "ResourceType": lambda e: tuple(kind for kind, _ in e.resources),
    "ResourceName": lambda e: tuple(name for _, name in e.resources),
    "AccessKeyId": lambda e: (),
}


def answer(asked: Asked, estate: Estate, clock: datetime) -> Reply:
    sent = asked.json()
    operation = asked.headers.get("x-amz-target", "").rpartition(".")[2]
    if operation in _OF_TRAILS and isinstance(sent, dict):
        return _of_trail(operation, str(sent.get("Name", sent.get("TrailName"))), estate)
    if not asked.headers.get("x-amz-target", "").endswith(".LookupEvents") or not isinstance(sent, dict):
        return json_error(400, "AccessDeniedException", f"{estate.caller} may look up events only")
    wanted = sent.get("LookupAttributes") or []
    if not isinstance(wanted, list) or len(wanted) > 1:
        return json_error(400, "InvalidLookupAttributesException", "Only one lookup attribute may be given.")
    start, size = str(sent.get("NextToken", "0")), int(str(sent.get("MaxResults", PAGE)))
    if not start.isdigit():
        return json_error(400, "InvalidNextTokenException", "The NextToken value is invalid.")
    if not 1 <= size <= PAGE:
        return json_error(400, "InvalidMaxResultsException", f"MaxResults is from 1 to {PAGE}.")
    events, end = _matching(sent, wanted, estate, clock), int(start) + size
    told: dict[str, JsonValue] = {"Events": [_event(e, estate) for e in events[int(start) : end]]}
    return json_answer(told | ({"NextToken": str(end)} if end < len(events) else {}))


def _of_trail(operation: str, name: str, estate: Estate) -> Reply:
    """By its name or its ARN."""
    short = name.rpartition("/")[2]
    arn = f"arn:aws:cloudtrail:{estate.region}:{estate.account}:trail/{short}"
    if short not in estate.trails or name not in (short, arn):
        return json_error(400, "TrailNotFoundException", f"Unknown trail: {name}")
    return json_answer(_OF_TRAILS[operation](short, arn, estate.trails[short]))


def _get(name: str, arn: str, trail: Trail) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "Name": name, "TrailARN": arn, "HomeRegion": "us-east-1", "S3BucketName": f"{name}-trail",
        "IsMultiRegionTrail": trail.everywhere, "LogFileValidationEnabled": trail.validated,
        "IncludeGlobalServiceEvents": True, "HasCustomEventSelectors": False, "IsOrganizationTrail": False,
    }  # fmt: skip
    return {"Trail": told}


def _status(name: str, arn: str, trail: Trail) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {"IsLogging": trail.logging}
    told |= {"LatestDeliveryTime": trail.delivered.timestamp()} if trail.delivered else {}
    return told | ({"LatestDeliveryError": trail.error} if trail.error else {})


_OF_TRAILS: dict[str, Callable[[str, str, Trail], dict[str, JsonValue]]] = {
    "GetTrail": _get,
    "GetTrailStatus": _status,
    "GetEventSelectors": lambda name, arn, trail: {"TrailARN": arn, **trail.selectors},
}


def _matching(sent: Mapping[str, JsonValue], wanted: list[JsonValue], estate: Estate, clock: datetime) -> list[Event]:
    since = max(_instant(sent.get("StartTime"), clock - HISTORY), clock - HISTORY)
    until = min(_instant(sent.get("EndTime"), clock), clock)
    found = [e for e in estate.trail if since <= e.at <= until and all(_has(e, w) for w in wanted)]
    return sorted(found, key=lambda e: e.at, reverse=True)


def _instant(value: JsonValue, otherwise: datetime) -> datetime:
    return otherwise if value is None else datetime.fromtimestamp(float(str(value)), UTC)


def _has(event: Event, wanted: JsonValue) -> bool:
    if not isinstance(wanted, dict):
        return False
    return wanted.get("AttributeValue") in _ATTRIBUTES[str(wanted.get("AttributeKey"))](event)


def _event(event: Event, estate: Estate) -> JsonValue:
    inner = {"eventVersion": "1.11", "eventName": event.name, "eventTime": event.at.isoformat(),
             "awsRegion": estate.region, "recipientAccountId": estate.account, **event.details}  # fmt: skip
    return {
        "EventId": event.id, "EventName": event.name, "ReadOnly": str(event.read_only).lower(),
        "EventTime": event.at.timestamp(), "EventSource": event.source, "Username": event.username,
        "Resources": [{"ResourceType": kind, "ResourceName": name} for kind, name in event.resources],
        "CloudTrailEvent": json.dumps(inner),
    }  # fmt: skip
