"""One list for many owners: shared while it can be read to its end, asked for alone when it cannot."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from collectors.errors import Malformed, Truncated
from collectors.pagerduty.batch import TOGETHER, shared
from collectors.pagerduty.client import Got, Reader
from tests.collectors.pagerduty.pagerduty_account import PILOT


def reader() -> Reader:
    return Reader(None, threading.local())


def items_of(*owners: str) -> Got:
    return Got(items=tuple({"id": f"Q{owner}", "service": {"id": owner}} for owner in owners))


def test_each_owner_gets_its_own_items() -> None:
    found = shared(reader(), [("A", PILOT), ("B", PILOT)], lambda _, ids, window: items_of(*ids), "service")
    assert [item["id"] for item in _items(found["B", PILOT])] == ["QB"]


def test_many_owners_are_asked_for_in_lots() -> None:
    lots: list[int] = []

    def ask(_: Reader, ids: tuple[str, ...], window: Any) -> Got:
        lots.append(len(ids))
        return items_of(*ids)

    shared(reader(), [(f"S{i}", PILOT) for i in range(TOGETHER + 5)], ask, "service")
    assert sorted(lots) == [5, TOGETHER]


def test_a_lot_that_is_too_long_is_asked_for_one_owner_at_a_time() -> None:
    def ask(_: Reader, ids: tuple[str, ...], window: Any) -> Got:
        if "LONG" in ids:
            raise Truncated("too long")
        return items_of(*ids)

    found = shared(reader(), [("LONG", PILOT), ("B", PILOT)], ask, "service")
    assert isinstance(found["LONG", PILOT].failure, Truncated)
    assert [item["id"] for item in _items(found["B", PILOT])] == ["QB"]


@pytest.mark.parametrize("item", [{"service": {"id": "OTHER"}}, {"service": None}, None, "text"])
def test_an_item_of_nobody_that_was_asked_for_spoils_the_lot(item: Any) -> None:
    found = shared(reader(), [("A", PILOT)], lambda _, ids, window: Got(items=(item,)), "service")
    assert isinstance(found["A", PILOT].failure, Malformed)


def _items(outcome: Any) -> Any:
    return outcome.got.items
