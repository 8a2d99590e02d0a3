"""Stand-ins that speak each vendor's own HTTP API on loopback and compute every answer from a world."""
