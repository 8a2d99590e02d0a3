"""Pictures of what was seen, as inline SVG: pure functions from facts. What was not seen is never drawn."""
