"""How every other member of a crowd is ill, for the requests that several gates share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bench.fleet_shared import TABLE


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


def _in_clear(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        name = f"subject-{i}-audit"
        data["buckets"][name] = data["buckets"][name] | {"encryption": "AES256", "key": f"k{i}", "policy": None}


def _late(data: Any, ill: Iterable[int]) -> None:
    """Of another urgency, answered at other times, by somebody else."""
    for i, one in enumerate(data["incidents"]):
        who = "PMORTEZ" if one["service"] in {f"PINVREC{i}" for i in ill} else "PMIKECH"
        at = one["created"] + timedelta(minutes=i)
        one |= {"created": at, "answered": at + timedelta(minutes=1), "by": who, "urgency": "high"}


def _never_restored(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        points = [{"at": datetime(2026, 5, i, tzinfo=UTC), "state": "PARTIAL"}]
        restores = [{"at": datetime(2026, 4, i, tzinfo=UTC), "state": "ABORTED"}]
        data["backups"][TABLE.format(i)] = {"points": points, "restores": restores}


def _scanned_late(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        at = f"2026-05-0{1 + i % 9}T03:{i:02}:00-04:00"
        alerts = [{"of": of, "severity": "critical", "at": at} for of in ("code", "dependency", "dependency")]
        data["repositories"][f"acme/subject-{i}"] = {"scans": [{"at": at}], "alerts": alerts}


def _at_once(data: Any, ill: Iterable[int]) -> None:
    """Other shares, of flags whose values are their own."""
    flags = data["projects"]["agents"]["flags"]
    for i in ill:
        values = [{"value": f"a{i}", "name": "a"}, {"value": f"b{i}", "name": "b"}]
        flags[f"subject-{i}"] |= {"rollout": (50_000 + i, 50_000 - i), "variations": values}


def _silent(data: Any, ill: Iterable[int]) -> None:
    off = {"logging": False, "everywhere": False, "validated": False, "error": "AccessDenied"}
    some = {"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]}
    for i in ill:
        data["trails"][f"subject-{i}"] = off | {"delivered": datetime(2026, 5, i, tzinfo=UTC), "selectors": some}


OPEN = {"reviews": 5, "checks": ["a", "b", "c"], "rewriting": True, "admins": False}


def _unguarded(data: Any, ill: Iterable[int]) -> None:
    for i in ill:
        data["repositories"][f"acme/subject-{i}"] = {"protected": {"main": OPEN}}


def _not_answering(data: Any, ill: Iterable[int]) -> None:
    """Paused, of another rhythm, and failed at other times."""
    for one in data["synthetics"]:
        i = int(one["object"]["public_id"].rpartition("-")[2] or 0) if "subject" in one["object"]["public_id"] else 0
        if i in ill:
            one["object"] |= {"status": "paused", "name": f"Ill {i}", "locations": [f"pl:{i}"]}
            one["object"]["options"] = {"tick_every": 1800 + i}
            one |= {"failed": ["2026-06-12T00:00:00-04:00"]}


SPOILT: dict[str, Callable[[Any, Iterable[int]], None]] = {
    "aws.backups": _never_restored,
    "pagerduty.responses": _late,
    "aws.budget": _budgets,
    "s3.encryption": _in_clear,
    "github.workflow_runs": _failed,
    "github.branch_rules": _unguarded,
    "datadog.synthetics": _not_answering,
    "aws.trail": _silent,
    "launchdarkly.rollout": _at_once,
    "github.vulnerabilities": _scanned_late,
}
