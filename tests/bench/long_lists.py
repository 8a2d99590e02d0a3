"""Two vendors with very long lists, made page by page as they are asked for, so that nothing here holds them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.sandbox.server import Asked, Reply, reply_json

BEGAN = datetime(2026, 5, 13, 12, tzinfo=UTC)


@dataclass
class LongSearch:
    """A Datadog that finds `count` log events, each with as much around it as real ones have."""

    count: int

    def answer(self, asked: Asked) -> Reply:
        page: dict[str, Any] = json.loads(asked.body)["page"]
        first, limit = int(page.get("cursor", 0)), int(page["limit"])
        last = min(first + limit, self.count)
        meta = {"page": {"after": str(last)}} if last < self.count else {"page": {}}
        return reply_json({"data": [self._event(i) for i in range(first, last)], "meta": meta})

    def _event(self, i: int) -> dict[str, Any]:
        inner = {"guardrail": "input_validation", "outcome": "rejected", "trace": f"{i:08x}" * 40}
        return {
            "id": f"AgAAAZ{i:08d}{'x' * 30}", "type": "log",
            "attributes": {
                "timestamp": (BEGAN + timedelta(seconds=20 * i)).isoformat(), "service": "invoice-recon",
                "status": "warn", "message": f"Document {i} refused: " + "active content " * 20, "host": "agents-1",
                "tags": ["env:production", "team:finance-ai", f"run:{i}"], "attributes": inner,
            },
        }  # fmt: skip


@dataclass
class LongLog:
    """A LaunchDarkly whose flag has `count` audit entries, newest first; the first and the last switch it."""

    count: int

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/v2/auditlog":
            before, limit = int(asked.one("before") or 0), int(asked.one("limit") or 20)
            newest = min(self.count - 1, (before - 1 - _millis(0)) // 60_000)
            return reply_json({"items": [self._entry(i) for i in range(newest, max(newest - limit, -1), -1)]})
        if asked.path.startswith("/api/v2/auditlog/"):
            return reply_json(self._detail(int(asked.path.rsplit("-", 1)[1])))
        return reply_json(_flag(on=True) | {"archived": False})

    def _switches(self, i: int) -> bool:
        return i in (0, self.count - 1)

    def _entry(self, i: int) -> dict[str, Any]:
        action = "updateOn" if self._switches(i) else "updateRules"
        resource = "proj/agents:env/production:flag/switch"
        return {
            "_id": f"entry-{i}", "date": _millis(i), "kind": "flag", "name": "switch", "description": "A rule " * 40,
            "accesses": [{"action": action, "resource": resource}], "target": {"resources": [resource]},
            "member": {"_id": "m1", "firstName": "Mike", "lastName": "Chen", "email": "mike.chen@acme.example"},
            "comment": "for the pilot group " * 10,
        }  # fmt: skip

    def _detail(self, i: int) -> dict[str, Any]:
        off_first = i == 0
        return {"_id": f"entry-{i}", "previousVersion": _flag(on=off_first), "currentVersion": _flag(on=not off_first)}


def _millis(i: int) -> int:
    """Entries are a minute apart."""
    return int(BEGAN.timestamp() * 1000) + i * 60_000


def _flag(*, on: bool) -> dict[str, Any]:
    held = {"on": on, "version": 3, "lastModified": _millis(0)}
    return {"key": "switch", "_version": 3, "environments": {"production": held}, "variations": [{"value": True}]}
