"""An account with N subjects at each vendor, and what is asked of them: computed from one of a shipped world."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from collectors.aws.facts import IamIdentityAsk, RetentionAsk, SecretRotationAsk
from collectors.datadog.facts import DashboardAsk, MetricAsk, MonitorsAsk, SloAsk
from collectors.evidence import Request, Window
from collectors.launchdarkly.facts import FlagAsk, FlagHistoryAsk
from collectors.pagerduty.facts import IncidentsAsk, OnCallAsk
from collectors.sandbox.world import World

Data = dict[str, Any]
PILOT = Window.model_validate({"start": "2026-05-13T00:00:00-04:00", "end": "2026-06-12T00:00:00-04:00"})
ON_CALL = Window.model_validate({"start": "2026-06-13T00:00:00-04:00", "end": "2026-06-27T00:00:00-04:00"})
RECENT = Window.model_validate({"start": "2026-06-12T06:00:00-04:00", "end": "2026-06-12T12:00:00-04:00"})
FLAG = "finance-invoice-recon-enabled"


class Made(World):
    """A world whose one vendor's data was computed and lies in no file."""

    data: dict[str, Any]

    def vendor(self, name: str) -> dict[str, Any]:
        return self.data


@dataclass(frozen=True)
class Row:
    """One request type: N subjects in the account's data, the question about one, the fewest calls that could do."""

    vendor: str
    fill: Callable[[Data, int], None]
    ask: Callable[[int], Request]
    bound: Callable[[int], int]


def services(data: Data, n: int) -> None:
    """Each subject with a service, a policy and two schedules of its own, and the same three people."""
    schedules, policy, service = deepcopy(data["schedules"][:2]), data["policies"][0], data["services"][0]
    for i in range(n):
        primary, backup = ({**schedule, "id": f"{schedule['id']}{i}"} for schedule in schedules)
        levels = [
            {**level, "id": f"{level['id']}{i}", "targets": [target["id"]]}
            for level, target in zip(policy["levels"], (primary, backup), strict=True)
        ]
        data["schedules"] += [primary, backup]
        data["policies"].append({**policy, "id": f"PINVPOL{i}", "name": f"subject-{i}", "levels": levels})
        data["services"].append({**service, "id": f"PINVREC{i}", "name": f"subject-{i}", "policy": f"PINVPOL{i}"})


def rota(i: int) -> Request:
    return OnCallAsk(service=f"PINVREC{i}", primary=f"PINVPRI{i}", backup=f"PINVBAK{i}", window=ON_CALL)


def troubles(data: Data, n: int) -> None:
    """Each subject with a service of its own and two incidents in the pilot, hours apart."""
    services(data, n)
    known, day = data["incidents"][0], timedelta(hours=2)
    data["incidents"] += [
        {**known, "id": f"Q1SUBJECT{i}N{k}", "number": 1000 + 2 * i + k, "service": f"PINVREC{i}",
         "created": known["created"] + k * day, "resolved": known["resolved"] + k * day}
        for i in range(n) for k in range(2)
    ]  # fmt: skip


def incidents(i: int) -> Request:
    return IncidentsAsk(service=f"PINVREC{i}", window=PILOT)


def watched(data: Data, n: int) -> None:
    """Each with a dashboard, a monitor and a service level objective of its own, over the same metrics."""
    dashboard, monitor, slo = data["dashboards"][0], data["monitors"][0], data["slos"][0]["object"]
    data["dashboards"] += [{**dashboard, "id": f"sub-jec-{i:03}"} for i in range(n)]
    data["monitors"] += [{**monitor, "id": 5_000_000 + i} for i in range(n)]
    data["slos"] += [{"object": {**slo, "id": f"{i:032x}"}, "corrections": []} for i in range(n)]


def work(data: Data, n: int) -> None:
    """One metric that every subject sends under its own tag, twice a day in the last week."""
    rhythm = {"since": "2026-06-05", "hours": {"days": [0, 1, 2, 3, 4], "start": 8, "end": 18}, "every": 18000}
    data["runs"] = [{"tags": {"env": "production", "service": f"subject-{i}"}, **rhythm} for i in range(n)]
    data["metrics"] = [{**data["metrics"][1], "name": "agents.acceptance"}]


def acceptance(i: int) -> Request:
    return MetricAsk(query=f"avg:agents.acceptance{{env:production,service:subject-{i}}}", window=PILOT)


def flags(data: Data, n: int) -> None:
    """Each with a flag that was turned on, off and on again, a second after the one before."""
    known = data["projects"]["agents"]["flags"]
    known |= {f"subject-{i}": {**known[FLAG], "name": f"Subject {i}"} for i in range(n)}
    drill = [
        e for e in data["events"] if (e["project"], e["flag"], e.get("environment")) == ("agents", FLAG, "production")
    ]
    turns = [event for event in drill if "turned" in event]
    data["events"] += [
        {**event, "flag": f"subject-{i}", "at": event["at"] + timedelta(seconds=i)} for event in turns for i in range(n)
    ]


def where(i: int) -> dict[str, str]:
    return {"project": "agents", "environment": "production", "flag": f"subject-{i}"}


def buckets(data: Data, n: int) -> None:
    data["buckets"] |= {f"subject-{i}-audit": data["buckets"]["acme-agent-audit"] for i in range(n)}


def secrets(data: Data, n: int) -> None:
    data["secrets"] |= {f"subject-{i}": data["secrets"]["finance/netsuite"] for i in range(n)}


def roles(data: Data, n: int) -> None:
    data["roles"] |= {f"subject-{i}": data["roles"]["agent-finance-invoice-recon"] for i in range(n)}


ROWS = {
    # services with their policies, about six on-call entries each for the window, users, maintenance: a hundred a page
    "pagerduty.on_call": Row("pagerduty", services, rota, lambda n: ceil((n + 2) / 100) + ceil(6 * n / 100) + 2),
    # services, what was created and what is open now, maintenance windows: a hundred a page; and the priorities
    "pagerduty.incidents": Row(
        "pagerduty", troubles, incidents, lambda n: 2 * ceil((n + 2) / 100) + ceil(2 * n / 100) + 2
    ),
    "launchdarkly.flag": Row("launchdarkly", flags, lambda i: FlagAsk(**where(i)), lambda n: ceil((n + 2) / 100)),
    # three turns each, twenty entries a page of the audit log; no list holds the versions that prove a turn's direction
    "launchdarkly.flag_history": Row(
        "launchdarkly", flags, lambda i: FlagHistoryAsk(**where(i), window=PILOT),
        lambda n: ceil((n + 2) / 100) + ceil((3 * n + 12) / 20) + 3 * n,
    ),
    # a value and its samples, each by one query that is grouped by the subject's tag: five hundred subjects an answer
    "datadog.metric": Row("datadog", work, acceptance, lambda n: 2 * ceil(n / 500)),
    # every dashboard by itself; its widgets' queries, the same for all, together
    "datadog.dashboard": Row(
        "datadog", watched, lambda i: DashboardAsk(id=f"sub-jec-{i:03}", recent=RECENT), lambda n: n + 1
    ),
    # a thousand a page, and the notification rules
    "datadog.monitors": Row(
        "datadog", watched, lambda i: MonitorsAsk(ids=(5_000_000 + i,)), lambda n: ceil((n + 5) / 1000) + 1
    ),
    # the objectives by their ids; two histories and the corrections of each by itself
    "datadog.slo": Row(
        "datadog", watched, lambda i: SloAsk(id=f"{i:032x}", window=PILOT), lambda n: 3 * n + ceil(n / 100)
    ),
    # no list call for lifecycle, lock, versioning or replication; and one call that says whose buckets they must be
    "s3.retention": Row(
        "aws", buckets, lambda i: RetentionAsk(bucket=f"subject-{i}-audit", prefix="finance-invoice-recon/"),
        lambda n: 4 * n + 1,
    ),
    # secrets a hundred a page, but the creation of a version is told one secret a call
    "aws.secret_rotation": Row(
        "aws", secrets, lambda i: SecretRotationAsk(secret=f"subject-{i}"), lambda n: n + ceil((n + 2) / 100)
    ),
    "aws.iam": Row("aws", roles, lambda i: IamIdentityAsk(name=f"subject-{i}"), lambda n: ceil((n + 1) / 1000)),
}  # fmt: skip
