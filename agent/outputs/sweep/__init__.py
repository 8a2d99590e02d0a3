"""A sweep's digest for people and programs: one file a format. Pure."""
