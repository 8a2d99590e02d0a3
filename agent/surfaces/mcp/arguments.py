"""The SDK's server, but for its words: arguments that are not as a tool has them are refused in a sentence of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, InputRequiredResult
from pydantic import ValidationError


class Server(MCPServer[None]):
    """Everything is called through `call_tool`, whatever the transport."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[None, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:  # fmt: skip
        try:
            return await super().call_tool(name, arguments, context)
        except UnexpectedToolError:  # of a tool's own answer, which is no mistake of whoever called
            raise
        except ToolError as error:
            wrong = error.__cause__
            if not isinstance(wrong, ValidationError):
                raise
            tool = next(one for one in await self.list_tools() if one.name == name)
            raise ToolError(_sentence(tool.input_schema["properties"], wrong)) from wrong


def _sentence(properties: Mapping[str, Any], wrong: ValidationError) -> str:
    """What each of them must be; never what was given, which may be anything."""
    told = {}
    for one in wrong.errors(include_input=False, include_context=False, include_url=False):
        name = str(one["loc"][0])
        missing = "is missing; it " if one["type"] == "missing" else ""
        told[name] = f"{name}: {missing}must be {_allowed(properties[name])} ({properties[name]['description']})"
    return "; ".join(told.values())


def _allowed(schema: Mapping[str, Any]) -> str:
    if schema["type"] == "boolean":
        return "true or false"
    if schema["type"] == "integer":
        low, high = schema["minimum"], schema.get("maximum")
        return f"a whole number from {low} to {high}" if high else f"a whole number, {low} or more"
    low, high = schema.get("minLength"), schema["maxLength"]
    return f"text of {f'{low} to' if low else 'at most'} {high} characters"
