"""How every other member of a crowd is ill, for the requests that several gates share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def _budgets(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        alerts = [{"at": 100 + i, "to": ["a@b.example"]}]
        data["budgets"][f"subject-{i}"] = {"limit": str(5000 + i), "spent": str(10 + i), "alerts": alerts}


SPOILT: dict[str, Callable[[Any, Iterable[int]], None]] = {"aws.budget": _budgets}
