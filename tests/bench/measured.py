"""Ask one question in this process and say what came of it and how much memory the process ever held.

python -m tests.bench.measured logs|audit-log URL
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from collectors.connections import Connections, DatadogAccess, LaunchDarklyAccess
from collectors.datadog.facts import LogsAsk
from collectors.evidence import Answer, Gap, Request, Window
from collectors.launchdarkly.facts import FlagHistoryAsk
from collectors.rate import Limits
from collectors.registry import REQUESTS

NOW = datetime(2026, 6, 17, tzinfo=UTC)
WINDOW = Window(start=datetime(2026, 5, 13, tzinfo=UTC), end=NOW)


def logs(url: str) -> tuple[Connections, Request]:
    conn = Connections(clock=lambda: NOW, datadog=DatadogAccess("api", "app", url), limits=Limits(()))
    return conn, LogsAsk(query="service:invoice-recon @guardrail:input_validation", window=WINDOW)


def audit_log(url: str) -> tuple[Connections, Request]:
    conn = Connections(clock=lambda: NOW, launchdarkly=LaunchDarklyAccess("token", url), limits=Limits(()))
    return conn, FlagHistoryAsk(project="agents", environment="production", flag="switch", window=WINDOW)


QUESTIONS: dict[str, Callable[[str], tuple[Connections, Request]]] = {"logs": logs, "audit-log": audit_log}


def main(question: str, url: str) -> None:
    conn, ask = QUESTIONS[question](url)
    (answer,) = REQUESTS[ask.type].collector()(conn, [ask])
    kept = len(answer.to_bytes())  # as the locker is given it
    print(json.dumps({**told(answer), "kept": kept, "peak_mb": round(peak_mb(), 1)}))


def peak_mb() -> float:
    """The most that this process held. getrusage would count what the process that started it held as well."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def told(answer: Answer) -> dict[str, object]:
    """The gap, or how many items were read and how many events or changes the facts hold."""
    if isinstance(answer, Gap):
        return {"gap": answer.reason, "what": answer.what}
    facts = answer.facts
    held = getattr(facts, "events", getattr(facts, "changes", ()))
    return {"items": answer.completeness.items, "facts": len(held)}


if __name__ == "__main__":
    main(*sys.argv[1:])
