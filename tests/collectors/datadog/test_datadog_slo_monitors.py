"""An SLO on monitors tells which they are and when each was last edited: it is loosened by loosening one of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.datadog.facts import SloAsk
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault

ID, OTHER = "5a1e0000000040008000000000000001", "5a1e0000000040008000000000000002"
LATENCY, ERRORS = 4200001, 4200002
MONITOR = f"/api/v1/monitor/{LATENCY}"


def on_monitors(lab: Any, *faults: Fault, ids: object = (LATENCY, ERRORS)) -> SloAsk:
    """An SLO that was good for 99 % of the pilot, by these monitors."""
    lab.break_with(*faults, *objective(lab, ID, ids))
    return SloAsk(id=ID, window=lab.pilot)


def objective(lab: Any, id: str, ids: object) -> list[Fault]:
    start, end = int(lab.pilot.start.timestamp()), int(lab.pilot.end.timestamp())
    named = {"id": id, "name": "up", "type": "monitor", "thresholds": [], "monitor_ids": ids}
    overall = {"sli_value": 99.0, "history": [[start, 0], [end, 0]]}
    history = {"from_ts": start, "to_ts": end, "type": "monitor", "overall": overall}
    return [
        answered(f"/api/v1/slo/{id}", {"data": named}), answered(f"/api/v1/slo/{id}/history", {"data": history}),
        answered(f"/api/v1/slo/{id}/corrections", {"data": []}),
    ]  # fmt: skip


def answered(path: str, body: object) -> Fault:
    return Fault(kind="status", status=200, path=path, body=json.dumps(body))


def test_each_monitor_is_named_with_its_kind_and_when_it_was_last_edited(lab, pointers):
    evidence = lab.evidence(on_monitors(lab))
    first, second = evidence.facts.monitors

    assert first.monitor.value == "invoice-recon: latency p95 above 20 s"
    assert (first.kind.value, first.modified.value.isoformat()) == ("query alert", "2026-05-11T15:25:00+00:00")
    assert second.modified is not None
    assert "/monitors/1/modified" in pointers(evidence)
    assert len(evidence.calls) == evidence.completeness.pages == 6


def test_an_slo_on_events_asks_for_no_monitor(lab):
    evidence = lab.evidence(SloAsk(id=ID, window=lab.pilot))

    assert evidence.facts.monitors == ()
    assert not any("monitor" in call.path for call in evidence.calls)


def test_people_are_left_out_of_the_monitors(lab):
    assert "acme.example" not in json.dumps(lab.evidence(on_monitors(lab)).body)


@pytest.mark.parametrize("at", [None, "", "yesterday", "2026-05-11T15:25:00", 1778512800])
def test_a_monitor_that_does_not_say_when_it_was_edited_is_never_an_old_one(lab, at):
    asked = on_monitors(lab, answered(MONITOR, {"id": LATENCY, "type": "query alert", "modified": at}))

    assert lab.evidence(asked).facts.monitors[0].modified is None


def test_a_monitor_without_a_kind_has_none(lab):
    asked = on_monitors(lab, answered(MONITOR, {"id": LATENCY}))

    assert lab.evidence(asked).facts.monitors[0].kind.value == "not told"


@pytest.mark.parametrize("ids", [None, [], "4200001"])
def test_an_slo_that_does_not_say_its_monitors_has_none(lab, ids):
    assert lab.evidence(on_monitors(lab, ids=ids)).facts.monitors == ()


@pytest.mark.parametrize("ids", [["4200001"], [LATENCY, None], [True], list(range(21))])
def test_monitors_that_are_not_all_named_by_id_are_malformed(lab, ids):
    assert lab.gap(on_monitors(lab, ids=ids)).reason == GapReason.MALFORMED


def test_a_history_of_more_monitors_than_the_slo_names_is_malformed(lab):
    """One that is left out may be the one that was loosened."""
    _, history, _ = objective(lab, ID, [LATENCY])
    told = json.loads(history.body)
    told["data"]["monitors"] = [{"name": "a"}, {"name": "b"}]

    gap = lab.gap(on_monitors(lab, answered(history.path, told), ids=[LATENCY]))

    assert (gap.reason, "names 1 monitors, and its history is of 2" in gap.what) == (GapReason.MALFORMED, True)


def test_the_answer_about_another_monitor_is_malformed(lab):
    assert lab.gap(on_monitors(lab, answered(MONITOR, {"id": ERRORS}))).reason == GapReason.MALFORMED


@pytest.mark.parametrize(("status", "reason"), [(403, GapReason.DENIED), (404, GapReason.GONE)])
def test_a_monitor_that_may_not_be_read_leaves_the_slo_open(lab, status, reason):
    gap = lab.gap(on_monitors(lab, Fault(kind="status", status=status, path=MONITOR)))

    assert gap.reason == reason
    assert f"monitor {LATENCY}" in gap.what
    assert gap.scope == ("monitors_read" if status == 403 else "")


def test_a_monitor_of_several_slos_is_asked_for_once(lab):
    both = [fault for id in (ID, OTHER) for fault in objective(lab, id, [LATENCY, ERRORS])]
    lab.break_with(answered("/api/v1/slo", {"data": []}), *both)

    found = lab.ask(*(SloAsk(id=id, window=lab.pilot) for id in (ID, OTHER)))

    assert [len(answer.facts.monitors) for answer in found] == [2, 2]
    assert [call.path for call in lab.calls].count(MONITOR) == 1
    assert MONITOR in [call.path for call in found[1].calls]
