"""The HTTP API under /api/v1: it looks, and orders assessments; nothing in it signs."""
