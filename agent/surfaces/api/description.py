"""The OpenAPI document, made of the very calls and answers that are served."""

from __future__ import annotations

import re

from pydantic import JsonValue
from pydantic.json_schema import models_json_schema

from agent import __version__
from agent.surfaces.api.calls import CALLS, LONGEST, Call, Parameter

ERRORS = {
    "400": "a parameter is missing, unknown or written wrongly", "401": "no token, or none that counts",
    "403": "the token has not the scope", "404": "there is no such subject, gate, item, review or job",
    "409": "refused, and why", "413": "the body is too long", "429": "too many calls; Retry-After says when",
    "500": "something went wrong that should not; the number of the incident stands in the server's log",
    "503": "the store could not be reached; nothing is known",
}  # fmt: skip
Json = dict[str, JsonValue]


def described(address: str) -> Json:
    """OpenAPI 3.1. `address` is where the API is served."""
    models = sorted({call.answers for call in CALLS}, key=lambda one: one.__name__)
    _, schemas = models_json_schema(
        [(one, "serialization") for one in models], ref_template="#/components/schemas/{model}"
    )
    paths: dict[str, JsonValue] = {}
    for call in CALLS:
        paths[call.path] = {call.method.lower(): _operation(call)}
    error: Json = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clearance", "version": __version__,
            "description": "Looks at launch gates and orders assessments. Nothing here signs, waives or revokes.",
        },
        "servers": [{"url": address}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas["$defs"], "Error": error},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


def _operation(call: Call) -> Json:
    shown: JsonValue = {"schema": {"$ref": f"#/components/schemas/{call.answers.__name__}"}}
    content: Json = {"application/json": shown}
    if call.path == "/may-deploy":
        content["text/plain"] = {"schema": {"type": "string"}}
    refused: Json = {
        code: {"description": says, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
        for code, says in ERRORS.items()
    }
    made: Json = {
        "operationId": re.sub(r"\W+", "_", call.path.strip("/")).strip("_"),
        "summary": f"{call.says} Scope: {call.scope}.",
        "responses": {str(call.status): {"description": call.says, "content": content}, **refused},
    }
    return made | (_in_query(call) if call.method == "GET" else _in_body(call))


def _in_query(call: Call) -> Json:
    return {"parameters": [_parameter(call, one) for one in call.parameters]} if call.parameters else {}


def _parameter(call: Call, one: Parameter) -> JsonValue:
    where = "path" if f"{{{one.name}}}" in call.path else "query"
    return {
        "name": one.name, "in": where, "required": one.required, "description": one.says,
        "schema": {"type": "string", "maxLength": LONGEST},
    }  # fmt: skip


def _in_body(call: Call) -> Json:
    properties: Json = {
        one.name: {"type": "string", "maxLength": LONGEST, "description": one.says} for one in call.parameters
    }
    required: JsonValue = [one.name for one in call.parameters if one.required]
    schema: Json = {
        "type": "object", "additionalProperties": False, "required": required, "properties": properties,
    }  # fmt: skip
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
