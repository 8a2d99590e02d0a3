"""What a batch holds for later is read back as it was, in less memory."""

from __future__ import annotations

import json

from pydantic import JsonValue

from collectors.held import Held

BOARD: dict[str, JsonValue] = {
    "id": "abc-def-ghi", "title": "Überblick · 概要", "n": 0.1, "big": 2**63, "none": None,
    "widgets": [{"definition": {"type": "timeseries", "requests": [{"q": f"avg:a.b{{env:{i}}}"}]}} for i in range(20)],
}  # fmt: skip


def test_it_is_read_as_it_was_in_order_and_to_the_last_digit():
    assert json.dumps(Held.of(BOARD).get()) == json.dumps(BOARD)


def test_each_reader_has_it_for_himself():
    held = Held.of(BOARD)
    held.get()["title"] = "changed"

    assert held.get()["title"] == BOARD["title"]


def test_it_is_smaller_than_what_the_source_sent():
    assert len(Held.of(BOARD).packed) < len(json.dumps(BOARD)) / 3
