"""A whole review on PostgreSQL: assessed, signed by several, reported, verified, revoked, refreshed, and killed between."""

from __future__ import annotations


