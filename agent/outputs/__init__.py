"""One file a format; every one renders the same review."""
