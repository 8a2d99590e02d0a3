"""Our share of a vendor's limit: no wait while there is some left, then the rate, then a gap instead of a queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from collectors.aws.facts import RetentionAsk
from collectors.connections import Connections
from collectors.datadog.facts import LogArchivesAsk
from collectors.errors import Throttled
from collectors.evidence import Evidence, Gap, GapReason, Request
from collectors.launchdarkly.facts import FlagAsk, FlagEvaluationAsk
from collectors.okta.facts import IdentityAsk
from collectors.pagerduty.facts import OnCallAsk
from collectors.rate import LONGEST_WAIT, SHARES, Gate, Limits, Share
from collectors.registry import REQUESTS
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import load_world
from collectors.way import Way
from tests.watches import Wrist

FLAG = {"project": "agents", "environment": "production", "flag": "finance-invoice-recon-enabled"}
QUESTIONS: dict[str, Request] = {
    "httpx2": IdentityAsk(name="agent-finance-invoice-recon"),
    "pagerduty": OnCallAsk.model_validate(
        {"service": "PINVREC", "primary": "PINVPRI", "backup": "PINVBAK",
         "window": {"start": "2026-06-13T00:00:00-04:00", "end": "2026-06-27T00:00:00-04:00"}}
    ),
    "launchdarkly": FlagAsk(**FLAG),
    "launchdarkly's SDK": FlagEvaluationAsk(**FLAG),
    "datadog": LogArchivesAsk(bucket="acme-agent-audit"),
    "aws": RetentionAsk(bucket="acme-agent-audit", prefix="finance-invoice-recon/"),
}  # fmt: skip


def take(gate: Gate, times: int) -> None:
    for _ in range(times):
        with gate.turn("a call"):
            pass


def test_nobody_waits_while_tokens_are_there():
    watch = Wrist()

    take(Gate(Share("v", 2, burst=40), now=watch.now, sleep=watch.sleep), 40)

    assert watch.slept == []


def test_after_the_burst_calls_come_at_the_rate():
    """Half a second each, at two in a second."""
    watch = Wrist()

    take(Gate(Share("v", 2, burst=3), now=watch.now, sleep=watch.sleep), 9)

    assert watch.slept == [0.5] * 6


def test_tokens_come_back_with_time_up_to_the_burst_and_no_further():
    watch = Wrist()
    gate = Gate(Share("v", 2, burst=3), now=watch.now, sleep=watch.sleep)
    take(gate, 3)

    watch.at += 3600
    take(gate, 4)

    assert watch.slept == [0.5]


def test_a_wait_that_is_too_long_is_throttled_and_costs_no_token():
    """The sentence names the call and our share; the next one does not wait for who gave up."""
    watch = Wrist()
    gate = Gate(Share("v", 0.1, burst=1), now=watch.now, sleep=watch.sleep)
    take(gate, 1)

    for _ in range(3):
        with pytest.raises(Throttled, match=r"^GET /x was not asked: .*6 calls a minute.* another 10 s$"), gate.turn(
            "GET /x"
        ):  # fmt: skip
            raise AssertionError("nothing may be sent")
    watch.at += 10
    take(gate, 1)

    assert watch.slept == []


def test_who_has_more_time_waits_longer_for_the_same_tokens():
    """A sweep's calls and a chat's come out of one share."""
    watch = Wrist()
    limits = Limits((Share("v", 0.1, burst=1),), now=watch.now, sleep=watch.sleep)
    chat = Way("v", "key", limits=limits)
    sweep = Way("v", "key", limits=limits.patient(60))
    with chat.turn("GET /x", "/x"):
        pass

    with pytest.raises(Throttled), chat.turn("GET /x", "/x"):
        raise AssertionError("nothing may be sent")
    with sweep.turn("GET /x", "/x"):
        pass

    assert watch.slept == [10]


def test_who_has_more_time_leaves_some_tokens_for_those_who_have_not():
    """A sweep goes on at the rate once the burst is used up but for a quarter, and an assessment finds that one."""
    watch = Wrist()
    limits = Limits((Share("v", 1, burst=8),), now=watch.now, sleep=watch.sleep)
    chat, sweep = Way("v", "key", limits=limits), Way("v", "key", limits=limits.patient(600))

    for _ in range(10):
        with sweep.turn("GET /x", "/x"):
            pass
    assert watch.at == 4
    for _ in range(2):
        with chat.turn("GET /x", "/x"):
            pass
    assert watch.at == 4


def test_however_many_who_have_time_wait_the_one_who_has_not_comes_first():
    """They take no tokens ahead, and one of them looks for all; together they never get more than the limit gives."""
    hands = Stopped()
    limits = Limits((Share("v", 0.125, burst=4),), now=hands.now, sleep=hands.sleep)
    chat, sweep = Way("v", "key", limits=limits), Way("v", "key", limits=limits.patient(600))

    def ask(times: int) -> None:
        for _ in range(times):
            with sweep.turn("GET /x", "/x"):
                pass

    ask(3)
    threads = [threading.Thread(target=ask, args=(1,)) for _ in range(10)]
    for thread in threads:
        thread.start()
    assert hands.asleep.wait(60)
    with chat.turn("GET /x", "/x"):
        pass
    assert (hands.at, hands.sleepers) == (0, 1)
    hands.goes_on.set()
    for thread in threads:
        thread.join(60)

    assert hands.at == 11 * 8, "two for the first, so that one stays, and one for each other"


class Stopped(Wrist):
    """A watch on which nobody who sleeps wakes up before it goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep, self.goes_on, self.sleepers = threading.Event(), threading.Event(), 0

    def sleep(self, seconds: float) -> None:
        self.sleepers += 1
        self.asleep.set()
        assert self.goes_on.wait(60)
        super().sleep(seconds)


class Busy(Wrist):
    """A watch on which, whenever somebody sleeps, another asks for whatever there is."""

    limits: Limits
    asks = True

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.asks:
            self.asks = False
            self.take_all()
            self.asks = True

    def take_all(self) -> None:
        with suppress(Throttled):
            while True:
                with Way("v", "key", limits=self.limits).turn("GET /x", "/x"):
                    pass


def test_who_has_more_time_gets_its_turn_where_the_others_never_cease_to_ask():
    """Once it has waited for half of its time it takes the next token that nobody has."""
    watch = Busy()
    watch.limits = Limits((Share("v", 0.1, burst=8),), now=watch.now, sleep=watch.sleep)
    watch.take_all()

    with Way("v", "key", limits=watch.limits.patient(60)).turn("GET /x", "/x"):
        pass


def test_who_has_more_time_waits_as_long_as_the_source_asks_for():
    limits = Limits(sleep=lambda _: None)
    asked = {"retry-after": "30"}

    assert Way("okta", "key", limits=limits).heard("/x", 429, asked, 1) is None
    assert (Way("okta", "key", limits=limits.patient(60)).heard("/x", 429, asked, 1) or 0) >= 30


def test_of_several_limits_the_one_nearest_to_its_end_is_told():
    """Datadog keeps one for each family of calls; who answered last does not hide the others."""
    limits = Limits()
    way = Way("datadog", "key", limits=limits)
    way.heard("/api/v1/query", 200, {"x-ratelimit-remaining": "12"}, 1)
    way.heard("/api/v2/logs/events/search", 200, {"x-ratelimit-remaining": "7"}, 1)
    way.heard("/api/v1/monitor/1", 200, {"x-ratelimit-remaining": "90"}, 1)
    before = limits.left()
    way.heard("/api/v2/logs/events/search", 200, {"x-ratelimit-remaining": "10"}, 1)

    assert (before, limits.left()) == ({"datadog": 7}, {"datadog": 10})


def test_no_more_calls_are_under_way_than_the_share_allows():
    """A third call waits for one of two to come back, and is throttled when none does."""
    gate = Gate(Share("v", None, at_once=2), longest=0.05)
    with ExitStack() as under_way:
        for _ in range(2):
            under_way.enter_context(gate.turn("a call"))
        with pytest.raises(Throttled, match="calls under way have not come back"), gate.turn("a third"):
            raise AssertionError("nothing may be sent")

    take(gate, 3)


def test_a_call_that_fails_gives_its_turn_back():
    gate = Gate(Share("v", None, at_once=1), longest=0.05)
    with pytest.raises(ValueError, match="no answer"), gate.turn("a call"):
        raise ValueError("no answer")

    take(gate, 1)


def test_threads_share_the_tokens_of_a_credential_and_only_of_theirs():
    """Four threads ask one gate 20 times each with 80 tokens: the 81st call finds none; another credential does."""
    limits = Limits((Share("v", 0.001, burst=80),))

    def ask() -> None:
        found = limits.gate("v", "one", "/x")
        assert found
        take(found, 20)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    one, other = limits.gate("v", "one", "/y"), limits.gate("v", "other", "/y")
    assert one
    assert other
    with pytest.raises(Throttled):
        take(one, 1)
    take(other, 1)


def test_searching_logs_has_a_share_of_its_own():
    """Ten in ten seconds are published for it alone, a hundred for the others: what a share lets go in any ten seconds,
    its burst included, is never more; and metrics do not wait for searches."""
    limits = Limits()
    search, query = (limits.gate("datadog", "k", f"/api/v2/{p}") for p in ("logs/events/search", "query/scalar"))
    assert search
    assert query

    assert search is not query
    assert search.share.burst + 10 * (search.share.per_second or 0) <= 10
    assert query.share.burst + 10 * (query.share.per_second or 0) <= 100


def test_every_vendor_has_a_share_that_no_patient_caller_is_refused():
    """One thread that asks again and again waits for each token less long than it would take to be throttled."""
    assert {share.vendor for share in SHARES} == {
        "pagerduty", "launchdarkly", "datadog", "aws", "langsmith", "github", "slack", "okta"
    }  # fmt: skip
    assert all(s.per_second is None or 1 / s.per_second < LONGEST_WAIT for s in SHARES)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(load_world(resources.folder("config") / "worlds/as-written")) as running:
        yield running


@pytest.fixture
def conn(sandbox: Sandbox, tmp_path: Path) -> Connections:
    return assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path)})).connections


@pytest.mark.parametrize("stack", QUESTIONS)
def test_a_share_used_up_is_a_throttled_gap_and_nothing_is_sent(conn: Connections, sandbox: Sandbox, stack: str):
    """One call a quarter of an hour, already made: the gap says so, whichever client would have asked."""
    ask = QUESTIONS[stack]
    limits = Limits(tuple(Share(vendor, 0.001, burst=1) for vendor in sandbox.urls))
    hungry = replace(conn, limits=limits)
    for _ in range(2):  # what was left is used up by then
        (answer,) = REQUESTS[ask.type].collector()(hungry, [ask])
    for proxy in sandbox.faults.values():
        proxy.seen.clear()

    (answer,) = REQUESTS[ask.type].collector()(hungry, [ask])

    assert isinstance(answer, Gap)
    assert (answer.reason, answer.calls) == (GapReason.THROTTLED, ())
    assert "was not asked: Clearance keeps to its share of the limit" in answer.what
    assert not any(proxy.seen for proxy in sandbox.faults.values())


@pytest.mark.parametrize("stack", QUESTIONS)
def test_with_the_default_shares_a_question_is_answered(conn: Connections, stack: str):
    (answer,) = REQUESTS[QUESTIONS[stack].type].collector()(conn, [QUESTIONS[stack]])

    assert isinstance(answer, Evidence), answer
