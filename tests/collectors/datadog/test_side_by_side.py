"""Datadog is asked several things at a time where they share no request, and no answer cites a call of another."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.datadog.facts import DashboardAsk, MetricAsk, MonitorsAsk, SloAsk
from collectors.evidence import Evidence, Gap, GapReason, Window
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault
from collectors.sandbox.server import serve
from tests.collectors.datadog.conftest import Lab
from tests.collectors.meeting import LONGER, Meeting

MANY, MEET = 6, 4
BOARD, SLO, SERIES = "/api/v1/dashboard/", "/api/v1/slo/", "/api/v2/query/timeseries"
SLO_ID = "5a1e00000000400080000000000000{:02}"


@pytest.fixture
def many(changed_once):
    def change(data: dict[str, Any]) -> None:
        board = data["dashboards"][0]
        data["dashboards"] += [{**copy.deepcopy(board), "id": f"board-{i}"} for i in range(MANY)]
        hours = {"days": [0, 1, 2, 3, 4], "start": 8, "end": 18}
        data["runs"] += [
            {"tags": {"env": "production", "subject": f"s{i}"}, "since": "2026-05-04", "hours": hours, "every": 600}
            for i in range(MANY)
        ]  # fmt: skip

    return changed_once(change)


@pytest.fixture
def met() -> Iterator[Callable[[Lab, str], tuple[Lab, Meeting]]]:
    """The same lab behind a place where calls of a path wait until four of them are under way."""
    fronts = []

    def put(lab: Lab, path: str) -> tuple[Lab, Meeting]:
        meeting = Meeting(lab.proxy, path, MEET)
        fronts.append(serve(meeting))
        return replace(lab, url=fronts[-1].url), meeting

    yield put
    for front in fronts:
        front.close()


def boards(lab: Lab) -> list[DashboardAsk]:
    return [DashboardAsk(id=f"board-{i}", recent=lab.recent) for i in range(MANY)]


def hour(i: int = 0) -> Window:
    """An hour of a working day; each `i` another."""
    start = datetime.fromisoformat("2026-06-08T14:00-04:00") + timedelta(minutes=i)
    return Window(start=start, end=start + timedelta(hours=1))


def metrics(*windows: Window) -> list[MetricAsk]:
    query = "sum:invoice_recon.runs.completed{{env:production,subject:s{}}}.as_count()"
    return [MetricAsk(query=query.format(i), window=window) for i, window in enumerate(windows)]


def evidence(answers: list[Any]) -> list[Evidence]:
    assert all(isinstance(answer, Evidence) for answer in answers), answers
    return answers


def test_dashboards_are_read_several_at_a_time_and_each_cites_its_own_reading(many, met):
    lab, meeting = met(many, f"{BOARD}.+")

    for ask, answer in zip(boards(many), evidence(lab.ask(*boards(many), timeout=LONGER)), strict=True):
        assert [call.path for call in answer.calls if call.path.startswith(BOARD)] == [BOARD + ask.id]
    assert meeting.most >= MEET


def test_a_dashboard_that_is_gone_is_its_own_gap(many):
    many.break_with(Fault(kind="status", status=404, path=f"{BOARD}board-3"))

    answers = many.ask(*boards(many))
    assert [i for i, answer in enumerate(answers) if isinstance(answer, Gap)] == [3]
    assert answers[3].reason is GapReason.GONE


@pytest.mark.parametrize("windows", [[hour()] * MANY, [hour(i) for i in range(MANY)]], ids=["one", "each its own"])
def test_queries_of_short_windows_go_several_at_a_time_and_each_cites_its_own(many, met, windows):
    """One drill or many: each query of so short a window is asked alone, for the finest step."""
    lab, meeting = met(many, SERIES)
    asks = metrics(*windows)

    for i, answer in enumerate(evidence(lab.ask(*asks, timeout=LONGER))):
        own = [call.query for call in answer.calls if call.path == SERIES]
        assert len(own) == 1
        assert [f"subject:s{other}}}" in own[0] for other in range(MANY)] == [other == i for other in range(MANY)]
    assert meeting.most >= MEET


def test_as_many_calls_are_made_as_one_after_the_other(many):
    many.ask(*metrics(*[hour(i) for i in range(MANY)]))
    assert len(many.calls) == 2 * MANY


def test_slos_are_asked_for_several_at_a_time_and_each_rests_on_the_one_list(lab, met):
    """Whatever they come to: those that the account does not have are gone, each by its own call."""
    ids = [SLO_ID.format(i) for i in range(1, MANY + 1)]
    here, meeting = met(lab, f"{SLO}[^/]+")

    known, *gone = here.ask(*(SloAsk(id=id, window=lab.pilot) for id in ids), timeout=LONGER)
    assert {answer.reason for answer in gone} == {GapReason.GONE}
    listed, *own = known.calls
    assert listed.path == "/api/v1/slo"
    assert len(own) == 3
    assert all(ids[0] in call.path for call in own)
    assert [call.path for call in here.calls].count("/api/v1/slo") == 1
    assert meeting.most >= MEET


@pytest.mark.parametrize("kind", ["metrics", "dashboards", "monitors"])
def test_evidence_is_no_younger_than_the_requests_that_it_shares(many, kind):
    """Answers are taken one by one, and whoever keeps them takes his time: what they rest on was read before."""
    window = Window(start=many.pilot.start, end=many.world.clock)
    known = {"metrics": metrics(*[window] * MANY), "dashboards": boards(many), "monitors": [MonitorsAsk(ids=())] * 2}
    now = [many.world.clock]
    conn = replace(many.conn, clock=lambda: now[0], one_by_one=True)
    taken = []
    for answer in REQUESTS[known[kind][0].type].collector()(conn, known[kind]):
        taken.append(answer)
        now[0] += timedelta(minutes=1)

    assert len(taken) > 1
    assert {answer.collected_at for answer in evidence(taken)} == {many.world.clock}


def test_what_fails_cites_the_calls_of_its_own_question_and_none_of_another(lab):
    """A thousand subjects and a source that is down: each gap with the calls of all would be a million."""
    lab.break_with(Fault(kind="status", status=403, body='{"errors": ["Forbidden"]}'))
    asks = [*boards(lab)], [SloAsk(id=SLO_ID.format(i), window=lab.pilot) for i in range(MANY)]
    for batch in asks:
        gaps = lab.ask(*batch)
        assert {type(one) for one in gaps} == {Gap}
        assert max(len(one.calls) for one in gaps) < MANY
        assert all(one.calls for one in gaps)


def test_a_failure_that_several_share_is_cited_by_each_with_the_calls_that_it_rests_on(lab):
    """The list of monitors' rules is read once; who comes later made no call, and its gap rests on that one."""
    lab.break_with(Fault(kind="status", status=403, body='{"errors": ["Forbidden"]}'))
    first, *others = lab.ask(*(MonitorsAsk(ids=(1000 + i,)) for i in range(MANY)))

    assert first.calls
    assert [one.calls for one in others] == [first.calls] * (MANY - 1)


def test_what_is_asked_for_all_is_not_cited_by_the_question_that_wanted_it_first(lab):
    """Each metric over an hour of its own, so a request for each: the first question has them all asked."""
    lab.break_with(Fault(kind="status", status=403, body='{"errors": ["Forbidden"]}'))
    gaps = lab.ask(*metrics(*(hour(i) for i in range(MANY))))

    assert [len(one.calls) for one in gaps] == [1] * MANY
