"""Datadog's stand-in: metrics, dashboards, monitors, logs and the audit trail of one world."""

from collectors.sandbox.datadog.service import Datadog

__all__ = ["Datadog"]
