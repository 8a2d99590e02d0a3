"""Every fact of every request points at its value in the stored body, or says that code made it and from what.

What is asked: the usual question of each vendor, and all that a gate asks of a world, statements and files included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from collectors.connections import Connections, Decided, DecisionAccess
from collectors.decisions import DecisionAsk, decision
from collectors.evidence import Answer, Evidence, Origin, resolve
from collectors.registry import REQUESTS
from tests.collectors.asked import ASKS, MORE
from tests.collectors.pointing import CODE, CONVERTED, as_it_stands, facts_by_place
from tests.collectors.statement_store import NOW, new_store, said
from tests.fuzz.bench import bench_over, shipped

Answers = dict[str, list[Evidence]]
JUNE, JULY = "2026-06-10T09:00:00-04:00", "2026-07-01T00:00:00Z"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """All evidence of a world, by type; and statements that it does not hold."""
    found: list[Answer] = []
    asks = [*ASKS.items(), *((ask.type, ask) for ask in MORE)]
    with bench_over(shipped("put-right"), tmp_path_factory.mktemp("put-right")) as bench:
        found += [REQUESTS[type_].collector()(bench.deps.connections, [ask])[0] for type_, ask in asks]
        found += bench.whole.values()
    by_type: Answers = defaultdict(list)
    for answer in [*found, *stated(tmp_path_factory)]:
        assert isinstance(answer, Evidence), answer
        by_type[answer.request_type].append(answer)
    return by_type


def stated(folders: pytest.TempPathFactory) -> Iterator[Answer]:
    """Confirmed quotes, an open item and a waiver."""
    store = new_store(folders.mktemp("statements"))
    waiver = {
        "item": 3,
        "reason": "r",
        "requested_by": "bo.kim",
        "compensating": "c",
        "expires": "2026-07-01T00:00:00Z",
    }
    item = {"item": 8, "missing": "the post", "owner": "bo.kim", "due": "2026-06-20T00:00:00Z"}
    quotes = {"document": "notice.md", "digest": "sha256:" + "0" * 64, "quotes": [{"line": 2, "text": "We write."}]}
    box = {"says": "no", "note": "One is left", "confidence": 90}
    debt = {"what": "Old parser", "kind": "code", "touches": "maintainability", "stands": "strategic",
            "why": "It goes.", "plan": "In autumn.", "until": "2026-09-30"}  # fmt: skip
    failed = [{"what": "Three ledgers", "why": "Later."}]
    given = {
        "waiver": waiver, "open_item": item, "quotes": quotes,
        "answers": {"gate": "g", "part": "s1", "boxes": {"a": box}}, "debt": {"gate": "g", "debts": [debt]},
        "tests": {"passed": 4, "of": 5, "where": "the release", "failed": failed},
    }  # fmt: skip
    for name, fields in given.items():
        store.sign(name, said(name, "ann.lee", JUNE, fields))
    yield store.evidence("answers", gate="g", part="s1")
    yield store.evidence("debt", gate="g")
    yield store.evidence("tests")
    signed = DecisionAccess("file:///home", lambda *asked: Decided("rv-1", "cleared", NOW, sandbox=True, digest="d1"))
    yield from decision(
        Connections(clock=lambda: NOW, clearance=signed), [DecisionAsk(subject="ledger-bot", version="1.0", gate="g")]
    )
    yield store.evidence("quotes", document="notice.md")
    yield store.evidence("acceptances")


@pytest.mark.parametrize("type_", REQUESTS)
def test_every_fact_is_the_value_it_points_to_or_says_that_code_made_it(answers: Answers, type_: str):
    assert answers[type_], f"nothing asks {type_}: add a question to asked.py or a statement here"
    for evidence in answers[type_]:
        made: dict[str, list[object]] = defaultdict(list)
        for place, fact in facts_by_place(evidence.facts):
            if fact.origin is Origin.CODE:
                assert (fact.pointer, fact.evidence) == ("", ""), f"{place} was made by code and points somewhere"
                made[place].append(fact.value)  # type: ignore[attr-defined]
                continue
            there = resolve(evidence.body, fact.pointer)
            holds = CONVERTED.get((type_, place), as_it_stands)
            assert holds(fact, there), f"{place} {fact!r} is not {there!r}"
        for place, values in made.items():
            reckon = CODE[type_, place]
            assert isinstance(reckon, str) or reckon(evidence) == values, f"{place} is not what the body gives"


def test_no_conversion_is_named_that_nothing_needs(answers: Answers):
    """Else the table would go on when a fact has gone."""
    places = {
        (type_, place)
        for type_, every in answers.items()
        for evidence in every
        for place, _ in facts_by_place(evidence.facts)
    }
    assert (CONVERTED.keys() | CODE.keys()) - places == set()


def test_every_request_has_facts_here(answers: Answers):
    assert answers.keys() == REQUESTS.keys()
    assert all(any(True for evidence in every for _ in facts_by_place(evidence.facts)) for every in answers.values())
