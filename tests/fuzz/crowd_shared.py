"""How every other member of a crowd is ill, for the requests that several gates share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def _budgets(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        alerts = [{"at": 100 + i, "to": ["a@b.example"]}]
        data["budgets"][f"subject-{i}"] = {"limit": str(5000 + i), "spent": str(10 + i), "alerts": alerts}


def _failed(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        repository = data["repositories"][f"acme/subject-{i}"]
        commit = repository["commits"][0] | {"at": f"2026-05-03T11:{i:02}:00-04:00"}
        run = {"commit": 1, "at": f"2026-05-05T11:{i:02}:00-04:00", "conclusion": "failure", "event": "schedule"}
        data["repositories"][f"acme/subject-{i}"] = {"commits": [commit], "workflows": {"ci.yml": [run]}}


SPOILT: dict[str, Callable[[Any, Iterable[int]], None]] = {"aws.budget": _budgets, "github.workflow_runs": _failed}
