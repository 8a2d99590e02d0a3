"""Answers and errors in AWS's two notations: XML (S3, IAM, STS) and JSON (Secrets Manager, CloudTrail)."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from pydantic import JsonValue

from collectors.sandbox.server import Reply, reply_json

REQUEST_ID = "00000000-0000-4000-8000-000000000000"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# S3's lists stand without a wrapper, under the name of one member
FLAT = {"Rules": "Rule", "Tags": "Tag", "Transitions": "Transition",
        "NoncurrentVersionTransitions": "NoncurrentVersionTransition"}  # fmt: skip


def element(name: str, value: JsonValue) -> str:
    """One XML element; a list becomes repeated elements under its member's name."""
    if isinstance(value, list):
        return "".join(element(FLAT.get(name, name), member) for member in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(element(k, v) for k, v in value.items() if v is not None)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def members(values: list[JsonValue]) -> JsonValue:
    """A list as the query protocol (IAM) writes it."""
    return {"member": values}


def reply_xml(text: str, status: int = 200, content_type: str = "application/xml") -> Reply:
    return Reply(status, (DECLARATION + text).encode(), {"content-type": content_type, "x-amz-request-id": REQUEST_ID})


def query_result(action: str, result: Mapping[str, JsonValue], namespace: str) -> Reply:
    """A 200 of the query protocol."""
    body = element(f"{action}Result", dict(result)) + f"<ResponseMetadata>{_request_id()}</ResponseMetadata>"
    return reply_xml(f'<{action}Response xmlns="{namespace}">{body}</{action}Response>', content_type="text/xml")


def s3_error(status: int, code: str, message: str, resource: str = "") -> Reply:
    fields: dict[str, JsonValue] = {
        "Code": code, "Message": message, "Resource": resource or None, "RequestId": REQUEST_ID,
    }  # fmt: skip
    return reply_xml(element("Error", fields), status)


def query_error(status: int, code: str, message: str) -> Reply:
    inner = element("Error", {"Type": "Sender", "Code": code, "Message": message})
    return reply_xml(f"<ErrorResponse>{inner}{_request_id()}</ErrorResponse>", status, "text/xml")


def json_answer(value: dict[str, JsonValue], status: int = 200) -> Reply:
    return reply_json(value, status, {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": REQUEST_ID})


def json_error(status: int, code: str, message: str) -> Reply:
    return json_answer({"__type": code, "message": message}, status)


def _request_id() -> str:
    return element("RequestId", REQUEST_ID)
