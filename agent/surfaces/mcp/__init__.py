"""The MCP server: tools that look, and one that orders an assessment. None signs, waives, revokes or states."""
