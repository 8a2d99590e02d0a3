"""Evidence, reviews, sign-offs and the registry, over SQLite or PostgreSQL."""
