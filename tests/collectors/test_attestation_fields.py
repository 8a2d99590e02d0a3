"""Fields that are not what their kind of statement asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from collectors.evidence import GapReason
from tests.collectors.statement_store import Store, new_store, said
from tests.collectors.test_attestation_kinds import ASKED, DRILL, JUNE, RUNBOOK, quiz


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return new_store(tmp_path)


ANSWER = {"question": "kill", "asked": "How?", "answer": "So."}
BAD_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "a time as a number": ("comms", {"id": "post", "drafted": True, "scheduled_at": 20260613}),
    "a time as digits": ("comms", {"id": "post", "drafted": True, "scheduled_at": "20260613"}),
    "a day without time": ("comms", {"id": "post", "drafted": True, "scheduled_at": "2026-06-13"}),
    "a time without zone": ("comms", {"id": "post", "drafted": True, "scheduled_at": "2026-06-13T09:00:00"}),
    "a time at the end of the calendar": (
        "comms",
        {"id": "post", "drafted": True, "scheduled_at": "9999-12-31T23:59:00-04:00"},
    ),
    "drafted as a word": ("comms", {"id": "post", "drafted": "yes"}),
    "true runs in flight": ("drill", {**DRILL, "in_flight_at_flip": True}),
    "fewer than no runs": ("drill", {**DRILL, "in_flight_at_flip": -1}),
    "time to stop as text": ("drill", {**DRILL, "time_to_stop_s": "38"}),
    "two lines": ("drill", {**DRILL, "new_work": "queued\nand more"}),
    "nobody watching": ("watch", {"dashboard": "dash-1", "watchers": []}),
    "an unknown mark": ("quiz_mark", {"quiz": RUNBOOK, "marks": {"kill": "great"}}),
    "a digest that is none": (
        "quiz",
        {"runbook": "v1", "answers": [ANSWER]},
    ),
    "no quotes": ("quotes", {"document": "notice.md", "digest": RUNBOOK, "quotes": []}),
    "a line before the first": (
        "quotes",
        {"document": "notice.md", "digest": RUNBOOK, "quotes": [{"line": 0, "text": "x"}]},
    ),
    "a count with a fraction": ("retention", {"log": "traces", "kept_days": 180.5, "where": "x"}),
}


@pytest.mark.parametrize("name", sorted(BAD_FIELDS))
def test_a_field_that_is_not_what_the_kind_asks_for_is_malformed(store: Store, name: str):
    """Nothing is converted on the quiet: a bare number would read as a day in 1970, long before any launch. And an
    instant that has no date in some zones would stop every page and report that shows it.
    """
    kind, fields = BAD_FIELDS[name]
    store.sign("quiz", quiz())
    store.sign("x", said(kind, "ann.lee", JUNE, fields))

    gap = store.gap("quiz" if kind == "quiz_mark" else kind, **ASKED.get(kind, {}))

    assert gap.reason is GapReason.MALFORMED
    assert "x.dsse.json" in gap.what
    assert "fields." in gap.what
