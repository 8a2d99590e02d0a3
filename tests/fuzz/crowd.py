"""Many subjects of one account asked about in one batch: every other one is well, the others are not, and they differ.

What a member shows is a set of values for each field. A broken answer may take values away or bring in nonsense; it
must never bring in what another member shows, for then the well would lend their health to the ill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from agent import resources
from agent.workflow.sealing import unsound
from collectors.connections import Connections
from collectors.datadog.facts import MonitorsFacts
from collectors.evidence import Answer, Evidence, Request
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.server import serve
from collectors.sandbox.start import STAND_INS
from collectors.sandbox.world import load_world
from tests.bench.collect import ROWS, access
from tests.bench.fleet import Made
from tests.collectors.failures import LONG
from tests.collectors.pointing import facts_by_place
from tests.fuzz import crowd_shared
from tests.fuzz.tampering import Tampering

MEMBERS = 12  # more than the few for whom no list of AWS's is read
ILL = range(1, MEMBERS, 2)
Shown = Mapping[str, frozenset[object]]
FEWER_LOOK_BETTER = (
    "incidents/*/incident",
    "responses/*/incident",
    "open/*/severity",
    "widgets/*/title",
    "levels/*/delay",
    "shifts/*/start",
)


def _rota(data: Any) -> None:
    """No backup on the policy, another delay for each, and nobody but Mike."""
    for i in ILL:
        (policy,) = (one for one in data["policies"] if one["id"] == f"PINVPOL{i}")
        policy["levels"] = [policy["levels"][0] | {"delay": 20 + i}]
        for schedule in (one for one in data["schedules"] if one["id"] == f"PINVPRI{i}"):
            schedule["rota"] = [{"user": "PMIKECH", "days": [1, 2, 3, 4, 5, 6, 7]}]


def _worse(data: Any) -> None:
    """A third incident, and each a P1."""
    for i in ILL:
        mine = [one for one in data["incidents"] if one["service"] == f"PINVREC{i}"]
        for one in mine:
            one["priority"] = "P1"
        data["incidents"].append({**mine[0], "id": f"Q1SUBJECT{i}N9", "number": 9000 + i})


def _apart(data: Any) -> None:
    """Nobody's incidents at the same time as another's."""
    for number, one in enumerate(data["incidents"]):
        one |= {"created": one["created"] + timedelta(minutes=number), "resolved": one["resolved"] + timedelta(hours=1)}
    _worse(data)


def _switched(data: Any) -> None:
    """Turned off and never on again."""
    for i in ILL:
        mine = [event for event in data["events"] if event["flag"] == f"subject-{i}"]
        data["events"].remove(mine[-1])


def _silent(data: Any) -> None:
    data["runs"] = [run for i, run in enumerate(data["runs"]) if i not in ILL]


def _empty(data: Any) -> None:
    for i in ILL:
        (board,) = (one for one in data["dashboards"] if one["id"] == f"sub-jec-{i:03}")
        board["widgets"] = deepcopy(board["widgets"][2:3])
        board["widgets"][0]["definition"]["requests"] = [{"q": "sum:invoice_recon.nothing{$env}"}]


def _muted(data: Any) -> None:
    """By a downtime. `silenced` is left out of whole answers as well, so nobody could tell that it is missing."""
    for i in ILL:
        (monitor,) = (one for one in data["monitors"] if one["id"] == 5_000_000 + i)
        monitor["matching_downtimes"] = [{"id": 1, "start": 1_780_000_000, "end": None}]
        monitor["message"] = "Nobody is told."


def _promised(data: Any) -> None:
    """Another threshold, and another name."""
    for i in range(MEMBERS):
        (held,) = (one for one in data["slos"] if one["object"]["id"] == f"{i:032x}")
        held["object"] = deepcopy(held["object"]) | {"name": f"slo of subject {i}"}
        held["object"]["thresholds"][0]["target"] = 90.0 + i / 2


def _short(data: Any) -> None:
    for i in ILL:
        data["buckets"][f"subject-{i}-audit"] = bucket = deepcopy(data["buckets"][f"subject-{i}-audit"])
        bucket["lock"] = None
        bucket["lifecycle"][0]["Expiration"] = {"Days": 300 + i}


def _kept(data: Any) -> None:
    """The version of before the pilot is the current one."""
    for i in ILL:
        data["secrets"][f"subject-{i}"] = secret = deepcopy(data["secrets"][f"subject-{i}"])
        secret["versions"] = [secret["versions"][0] | {"stages": ["AWSCURRENT"]}]


def _off(data: Any) -> None:
    """Users whose only key is switched off."""
    for i in ILL:
        role = data["roles"].pop(f"subject-{i}")
        key = {"id": f"AKIASANDBOXCROWD{i:04}", "status": "Inactive", "created": role["created"]}
        user = {"id": f"AIDASANDBOXCROWD{i:04}", "created": role["created"], "keys": [key]}
        data.setdefault("users", {})[f"subject-{i}"] = user


def _let_through(data: Any) -> None:
    """The guardrail fired at another time and let it pass."""
    for line in data["logs"]:
        if int(line["service"].removeprefix("subject-")) in ILL:
            line["attributes"] = line["attributes"] | {"outcome": "allowed"}
            line["at"] = line["at"].replace("06-10", "06-11")


def _looked(data: Any) -> None:
    """Somebody else looked, and at another time."""
    for look in data["audit"]["looks"]:
        if int(look["dashboard"].removeprefix("sub-jec-")) in ILL:
            look |= {
                "uuid": "00000000-0000-4000-8000-000000000077",
                "minute": look["minute"] + 7 if "minute" in look else 7,
            }


def _dropped(data: Any) -> None:
    for i in ILL:
        days = {"num_retention_days": 20 + i, "num_flex_logs_retention_days": 40 + i}
        data["indexes"][i] = data["indexes"][i] | days | {"is_rate_limited": True}


def _failing(data: Any) -> None:
    for i in ILL:
        data["archives"][i]["attributes"] |= {"state": "FAILING", "name": f"archive of subject {i}"}


def _other(data: Any) -> None:
    """Flags that are off and whose values are their own."""
    _switched(data)
    flags = data["projects"]["agents"]["flags"]
    for i in ILL:
        flags[f"subject-{i}"] |= {"variations": [{"value": f"a{i}", "name": "a"}, {"value": f"b{i}", "name": "b"}]}


def _both_off(data: Any) -> None:
    for i in ILL:
        user = data["users"][f"subject-{i}"]
        keys = [key | {"status": "Inactive", "created": key["created"] + timedelta(hours=i)} for key in user["keys"]]
        data["users"][f"subject-{i}"] = user | {"keys": [k | {"used": k["used"] + timedelta(hours=i)} for k in keys]}


def _put_otherwise(data: Any) -> None:
    """Another version, at another time."""
    for i in ILL:
        secret, id = deepcopy(data["secrets"][f"subject-{i}"]), f"5b9c33d2-7a61-4c7e-8d10-{i:012}"
        secret["versions"][1] |= {"id": id}
        data["secrets"][f"subject-{i}"] = secret | {"created": secret["created"] + timedelta(hours=i)}
        event = data["trail"][i]
        event["details"]["requestParameters"]["clientRequestToken"] = id
        event["at"] += timedelta(hours=i)


def _seldom(data: Any) -> None:
    """Other runs, another outcome at another time, and a period of its own."""
    for i, project in enumerate(data["projects"]):
        project |= {"longlived_ttl_days": 30 + i if i in ILL else 400}
        if i in ILL:
            project["rhythm"] = project["rhythm"] | {"every_minutes": 120}
            (marked,) = project["marked"]
            other = marked["at"].replace("10:14:08", f"11:{i:02}:08")
            project["marked"] = [marked | {"at": other, "outputs": {"outcome": "allowed"}}]


def _rewritten(data: Any) -> None:
    for i in ILL:
        (commit,) = data["repositories"][f"acme/subject-{i}"]["commits"]
        commit["at"] = f"2026-05-{10 + i}T11:20:00-04:00"


def _later(data: Any) -> None:
    for i in ILL:
        data["scheduled"][i] |= {"post_at": f"2026-06-{15 + i}T09:00:00-04:00", "text": f"Later, {i}"}


def _inactive(data: Any) -> None:
    for i in ILL:
        data["apps"][i] |= {"status": "INACTIVE", "created": f"2026-04-{10 + i}T10:00:00-04:00"}


SPOILT: dict[str, Callable[[Any], None]] = {
    "pagerduty.on_call": _rota,
    "pagerduty.incidents": _apart,
    "launchdarkly.flag": _switched,
    "launchdarkly.flag_history": _switched,
    "datadog.metric": _silent,
    "datadog.dashboard": _empty,
    "datadog.monitors": _muted,
    "datadog.slo": _promised,
    "s3.retention": _short,
    "aws.secret_rotation": _kept,
    "aws.iam": _off,
    "datadog.logs": _let_through,
    "datadog.dashboard_views": _looked,
    "datadog.log_indexes": _dropped,
    "datadog.log_archives": _failing,
    "launchdarkly.flag_evaluation": _other,
    "aws.iam_keys": _both_off,
    "cloudtrail.rotations": _put_otherwise,
    "langsmith.run_stats": _seldom,
    "langsmith.guardrail_runs": _seldom,
    "langsmith.retention": _seldom,
    "github.file": _rewritten,
    "slack.scheduled_messages": _later,
    "okta.identity": _inactive,
    **{type_: partial(spoil, ill=ILL) for type_, spoil in crowd_shared.SPOILT.items()},
}


@dataclass(frozen=True)
class Crowd:
    """`whole` is what each member shows when nothing is broken."""

    type_: str
    conn: Connections
    tampering: Tampering
    asks: Sequence[Request]

    def ask(self) -> list[Shown]:
        """What each member shows now; a crash is a crash."""
        answers = REQUESTS[self.type_].collector()(self.conn, list(self.asks))
        assert len(answers) == len(self.asks)
        return [shown(unsound(one, ask) or one) for one, ask in zip(answers, self.asks, strict=True)]


def shown(answer: Answer) -> Shown:
    """The values of each field, and how many there are where less would look better; nothing of a gap."""
    if not isinstance(answer, Evidence):
        return {}
    values: dict[str, list[object]] = {}
    if isinstance(answer.facts, MonitorsFacts):
        values["told on alert"] = [
            to.handle.value for one in answer.facts.monitors for to in one.tells if to.when.value == "alert"
        ]
    for place, fact in facts_by_place(answer.facts):
        if "/tells/" in place:  # one who is told only under a condition is no help, whoever it is
            continue
        values.setdefault(place, []).append(fact.value)  # type: ignore[attr-defined]
    many = {f"number of {place}": frozenset({len(held)}) for place in FEWER_LOOK_BETTER if (held := values.get(place))}
    return {place: frozenset(held) for place, held in values.items()} | many


def lent(now: Sequence[Shown], whole: Sequence[Shown]) -> list[str]:
    """What members show now that others show and they did not."""
    found = []
    for i, mine in enumerate(now):
        for place, values in mine.items():
            theirs = frozenset[object]().union(*(one.get(place, ()) for j, one in enumerate(whole) if j != i))
            new = (values - whole[i].get(place, frozenset()) - {"not told"}) & theirs  # which shows nothing of anybody
            found += [f"member {i} shows {place} {value!r}" for value in new]
    return found


@contextmanager
def crowd(type_: str) -> Iterator[Crowd]:
    """The vendor's stand-in with all members, and the way there."""
    row, shipped = ROWS[type_], load_world(resources.folder("config") / "worlds/as-written")
    data = shipped.vendor(row.vendor)
    row.fill(data, MEMBERS)
    SPOILT[type_](data)
    world = Made(**shipped.model_dump(), data=data)
    stand_in = STAND_INS[row.vendor](world)
    tampering = Tampering(stand_in)
    running = serve(tampering)
    limits = Limits((), sleep=lambda seconds: None)
    way = {row.vendor: access(row.vendor, world, running.url)}
    try:
        conn = Connections(clock=lambda: world.clock, limits=limits, timeout=LONG, **way)
        yield Crowd(type_, conn, tampering, [row.ask(i) for i in range(MEMBERS)])
    finally:
        running.close()
        if hasattr(stand_in, "close"):
            stand_in.close()
