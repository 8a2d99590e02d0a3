"""One subject that is slow, or whose query the vendor fails at, leaves the others their answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from collectors.datadog.facts import DashboardAsk, MetricAsk, MonitorsAsk, SloAsk
from collectors.evidence import Evidence, Gap, GapReason, Request
from collectors.rate import Limits
from collectors.sandbox.faults import Fault

SCALAR, SERIES = "/api/v2/query/scalar", "/api/v2/query/timeseries"
QUERIES, LISTS = "/api/v2/query/.*", "/api/v1/(monitor|slo)"
ABOUT_THE_SEVENTH = r"subject:s7[,}]|[(,]s7[,)]"
MANY = 25


def query(i: int) -> str:
    return f"avg:invoice_recon.latency{{env:production,subject:s{i}}}"


@pytest.fixture
def crowd(changed_once):
    """So many subjects that each does a run an hour."""

    def change(data: dict[str, Any]) -> None:
        hours = {"days": [0, 1, 2, 3, 4], "start": 8, "end": 18}
        data["runs"] += [
            {"tags": {"env": "production", "subject": f"s{i}"}, "since": "2026-05-04", "hours": hours, "every": 3600}
            for i in range(MANY)
        ]

    return changed_once(change)


def ask(lab: Any, *asks: Request, now: Callable[[], float] | None = None, **changes: object) -> list[Any]:
    """Without waiting between attempts; `now` is what patience is measured by."""
    clock = {"now": now} if now else {}
    return lab.ask(*asks, limits=Limits((), sleep=lambda _: None, **clock), **changes)


def everybody(lab: Any) -> list[MetricAsk]:
    return [MetricAsk(query=query(i), window=lab.pilot) for i in range(MANY)]


def spoilt(answers: list[Any]) -> list[int]:
    return [i for i, answer in enumerate(answers) if isinstance(answer, Gap)]


@pytest.mark.parametrize("path", [SCALAR, SERIES])
@pytest.mark.parametrize("fault", [{"kind": "status", "status": 504}, {"kind": "refuse"}, {"kind": "cut"}])
def test_one_subject_that_the_vendor_fails_at_costs_only_itself(crowd, path, fault):
    """Grouped with all others, then with nineteen of them, then alone."""
    right = [answer.facts.points for answer in ask(crowd, *everybody(crowd))]
    crowd.break_with(Fault(path=path, about=ABOUT_THE_SEVENTH, **fault))

    answers = ask(crowd, *everybody(crowd))

    assert spoilt(answers) == [7]
    assert answers[7].reason == GapReason.UNREACHABLE
    assert query(7) in answers[7].what
    assert [a.facts.points for i, a in enumerate(answers) if i != 7] == right[:7] + right[8:]


def test_one_subject_that_never_answers_costs_three_waits(crowd):
    """A hang is not asked twice."""
    crowd.break_with(Fault(kind="hang", path=SCALAR, about=ABOUT_THE_SEVENTH))

    answers = ask(crowd, *everybody(crowd), timeout=4.0)

    assert spoilt(answers) == [7]
    assert [call.status for call in answers[7].calls].count(0) == 3


def test_what_came_in_part_is_never_used(crowd):
    """An error beside some groups: all are asked again, and none has what stood beside the error."""
    right = [answer.facts.value for answer in ask(crowd, *everybody(crowd))]
    tags = {"name": "subject", "type": "group", "values": [["s0"]]}
    numbers = {"name": "q0", "type": "number", "values": [9999.0], "meta": {"unit": None}}
    part = {"data": {"attributes": {"columns": [tags, numbers]}}, "errors": "deadline exceeded"}
    crowd.break_with(Fault(kind="status", status=200, path=SCALAR, body=json.dumps(part), times=1))

    assert [answer.facts.value for answer in ask(crowd, *everybody(crowd))] == right


def after(seconds: float) -> Callable[[], float]:
    """A clock on which each look takes so long."""
    ticks: Iterator[float] = count(0.0, seconds)
    return lambda: next(ticks)


def test_a_vendor_that_answers_nobody_is_not_asked_for_each(crowd):
    """Patience ends, and the gap says that its own query was not asked alone."""
    crowd.break_with(Fault(kind="status", status=504, path=QUERIES))

    answers = ask(crowd, *everybody(crowd), now=after(3600))

    assert spoilt(answers) == list(range(MANY))
    assert {answer.reason for answer in answers} == {GapReason.UNREACHABLE}
    assert all("no time left to ask for it alone" in answer.what for answer in answers)
    assert len(crowd.calls) == 3


def test_where_nobody_listens_one_question_is_enough(crowd):
    """Its three attempts."""
    answers = ask(crowd, *everybody(crowd), datadog=replace(crowd.conn.datadog, base_url="http://127.0.0.1:9"))

    assert {answer.reason for answer in answers} == {GapReason.UNREACHABLE}
    assert len(crowd.calls) == 3


def test_a_refusal_is_not_asked_again_for_fewer(crowd):
    """Too many calls, or a permission that is missing, is so for all."""
    for status in (429, 403):
        crowd.calls.clear()
        crowd.break_with(Fault(kind="status", status=status, headers={"x-ratelimit-reset": "60"}))
        assert spoilt(ask(crowd, *everybody(crowd))) == list(range(MANY))
        assert len(crowd.calls) == 1


def boards(data: dict[str, Any]) -> None:
    own = {"definition": {"type": "timeseries", "requests": [{"q": query(7)}]}}
    other = {"definition": {"type": "timeseries", "requests": [{"q": "avg:invoice_recon.latency{env:production}"}]}}
    data["dashboards"] += [
        {"id": name, "title": name, "widgets": [widget]} for name, widget in (("slow-one", own), ("quick-one", other))
    ]


def test_a_slow_widget_leaves_other_dashboards_their_answers(changed):
    lab = changed(boards)
    lab.break_with(Fault(kind="status", status=504, path=SERIES, about=ABOUT_THE_SEVENTH))

    slow, quick = ask(lab, *(DashboardAsk(id=id, recent=lab.recent) for id in ("slow-one", "quick-one")))

    assert (slow.reason, isinstance(quick, Evidence)) == (GapReason.UNREACHABLE, True)


def listed(data: dict[str, Any]) -> None:
    one, objective = data["monitors"][0], data["slos"][0]
    data["monitors"] += [one | {"id": 5000 + i} for i in range(MANY)]
    data["slos"] += [{**objective, "object": objective["object"] | {"id": f"more-{i}"}} for i in range(2)]


def of_a_list(lab: Any) -> dict[str, list[Request]]:
    return {
        "monitors": [MonitorsAsk(ids=(5000 + i,)) for i in range(MANY)],
        "slos": [SloAsk(id=f"more-{i}", window=lab.pilot) for i in range(2)],
    }


@pytest.mark.parametrize("what", ["monitors", "slos"])
def test_a_list_that_gives_no_answer_leaves_each_to_be_asked_for_alone(changed, what):
    lab = changed(listed)
    lab.break_with(Fault(kind="status", status=504, path=LISTS))

    assert spoilt(ask(lab, *of_a_list(lab)[what])) == []


def test_without_patience_each_has_the_failure_of_the_list(changed):
    lab = changed(listed)
    lab.break_with(Fault(kind="status", status=504, path=LISTS))

    gaps = ask(lab, *of_a_list(lab)["monitors"], now=after(3600))

    assert all("no time left to ask for it alone" in gap.what for gap in gaps)
    assert not any(call.path.rstrip("0123456789") == "/api/v1/monitor/" for call in lab.calls)
