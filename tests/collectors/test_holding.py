"""A vendor that says "too many calls" to one thread has said it to all threads of that credential."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from collectors.aws.facts import RetentionAsk
from collectors.connections import Connections
from collectors.datadog.facts import LogArchivesAsk
from collectors.errors import Throttled
from collectors.evidence import Answer, Evidence, Gap, GapReason, Request
from collectors.launchdarkly.facts import FlagAsk, FlagEvaluationAsk
from collectors.okta.facts import IdentityAsk
from collectors.pagerduty.facts import OnCallAsk
from collectors.rate import JITTER, LONGEST_HOLD, LONGEST_WAIT, SHARES, Gate, Limits, Share
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import load_world
from tests.processes import LONGEST

FLAG = {"project": "agents", "environment": "production", "flag": "finance-invoice-recon-enabled"}
SLOW_DOWN = "<Error><Code>SlowDown</Code><Message>m</Message></Error>"
Says = Callable[[int], Fault]


def says(header: str, shape: Callable[[int], str] = str, status: int = 429, body: str = "") -> Says:
    """How a vendor says that there were too many calls and in how many seconds to come back."""
    return lambda seconds: Fault(kind="status", status=status, body=body, headers={header: shape(seconds)})


def instant(seconds: int) -> str:
    return str(int(time.time()) + seconds)


# stack → vendor, a question, and the vendor's way to say it
STACKS: dict[str, tuple[str, Request, Says]] = {
    "PagerDuty's client": (
        "pagerduty",
        OnCallAsk.model_validate(
            {"service": "PINVREC", "primary": "PINVPRI", "backup": "PINVBAK",
             "window": {"start": "2026-06-13T00:00:00-04:00", "end": "2026-06-27T00:00:00-04:00"}}
        ),
        says("ratelimit-reset"),
    ),
    "Datadog's client": (
        "datadog", LogArchivesAsk(bucket="acme-agent-audit"),
        says("X-RateLimit-Reset"),
    ),
    "boto3, by its status": (
        "aws", RetentionAsk(bucket="acme-agent-audit", owner="123456789012"),
        says("Retry-After"),
    ),
    "boto3, by its code": (
        "aws", RetentionAsk(bucket="acme-agent-audit", owner="123456789012"),
        says("Retry-After", status=503, body=SLOW_DOWN),
    ),
    "plain REST": (
        "launchdarkly", FlagAsk(**FLAG),
        says("X-Ratelimit-Reset", lambda seconds: f"{instant(seconds)}000"),
    ),
    "LaunchDarkly's stream": (
        "launchdarkly", FlagEvaluationAsk(**FLAG), says("Retry-After"),
    ),
    "plain REST, epoch seconds": (
        "okta", IdentityAsk(name="agent-finance-invoice-recon"),
        says("X-Rate-Limit-Reset", instant),
    ),
}  # fmt: skip
each_stack = pytest.mark.parametrize("stack", STACKS)


@dataclass
class Watch:
    """A clock that stands still until it is put on; who sleeps wakes when it is late enough. Seconds."""

    at: float = 0.0
    asleep: int = 0
    slept: list[float] = field(default_factory=list)
    moved: threading.Condition = field(default_factory=threading.Condition)
    alone: bool = True  # nobody else would put it on: sleeping does

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        with self.moved:
            end = self.at + seconds
            self.slept.append(seconds)
            self.asleep += 1
            self.at = end if self.alone else self.at
            self.moved.notify_all()
            assert self.moved.wait_for(lambda: self.at >= end, timeout=LONGEST), "nobody put the clock on"
            self.asleep -= 1

    def put_on(self, seconds: float) -> None:
        with self.moved:
            self.at += seconds
            self.moved.notify_all()

    def until_asleep(self, threads: int) -> None:
        with self.moved:
            assert self.moved.wait_for(lambda: self.asleep == threads, timeout=LONGEST), f"{self.asleep} sleep"


def gate_by(watch: Watch, limit: str = "") -> Gate:
    return Gate(Share("v", None, limit=limit), now=watch.now, sleep=watch.sleep)


def test_threads_that_come_while_a_call_is_held_back_wait_until_the_vendor_said_to_return():
    """None of eight is sent a moment early; then all are."""
    watch, sent = Watch(alone=False), list[float]()
    gate = gate_by(watch)

    def ask() -> None:
        with gate.turn("a call"):
            sent.append(watch.now())

    gate.hold("", 3)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    watch.until_asleep(8)
    watch.put_on(2.9)
    assert (sent, watch.asleep) == ([], 8)
    watch.put_on(0.1 + JITTER)
    for thread in threads:
        thread.join(timeout=LONGEST)

    assert sent == [watch.at] * 8


def test_a_thread_that_waits_for_a_place_is_held_back_when_it_gets_one():
    """The only place comes free with the answer that there were too many."""
    watch, order = Watch(), list[object]()
    gate = Gate(Share("v", None, at_once=1), now=watch.now, sleep=watch.sleep)
    inside = threading.Event()

    def first() -> None:
        with gate.turn("the first"):
            inside.set()
            gate.hold("", 3)
            order.append(watch.now())

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(timeout=LONGEST)
    with gate.turn("the second"):
        order.append(watch.now())
    thread.join(timeout=LONGEST)

    assert order[0] == 0
    assert 3 <= order[1] <= 3 + 2 * JITTER


def test_a_later_and_shorter_word_does_not_shorten_the_pause():
    watch = Watch()
    gate = gate_by(watch)

    gate.hold("", 4)
    gate.hold("", 1)
    gate.wait_out("a call", "")

    assert watch.at >= 4


def test_a_pause_that_is_too_long_is_a_throttled_answer_at_once():
    watch = Watch()
    gate = gate_by(watch)
    gate.hold("", LONGEST_WAIT + 1)

    with pytest.raises(Throttled, match=r"^GET /x was not asked: .*too many calls and to come back in 6 s$"), gate.turn(
        "GET /x"
    ):  # fmt: skip
        raise AssertionError("nothing may be sent")
    assert watch.slept == []


def test_a_reset_that_makes_no_sense_shuts_a_source_for_a_minute_only():
    watch = Watch()
    gate = gate_by(watch)
    gate.hold("", 999_999_999)
    watch.put_on(LONGEST_HOLD)

    with gate.turn("a call"):
        pass

    assert watch.slept == []


def test_a_pause_ends_for_the_calls_of_its_own_limit_only():
    """Datadog counts metrics and dashboards apart, AWS its services."""
    shares = {share.vendor: share for share in SHARES}
    assert shares["aws"].limit_of("iam:GetRole") != shares["aws"].limit_of("secretsmanager:DescribeSecret")
    watch = Watch()
    gate = gate_by(watch, shares["datadog"].limit)
    gate.hold("/api/v2/query/timeseries", 60)

    with gate.turn("another", "/api/v1/dashboard/abc-def-ghi"):
        pass
    with pytest.raises(Throttled), gate.turn("the same", "/api/v2/query/scalar"):
        raise AssertionError("nothing may be sent")


def test_another_credential_is_not_held_back():
    watch = Watch()
    limits = Limits((Share("v", None),), now=watch.now, sleep=watch.sleep)
    one, other = (limits.gate("v", name, "/x") for name in ("one", "other"))
    assert one
    assert other
    one.hold("/x", 60)

    with other.turn("a call", "/x"):
        pass
    with pytest.raises(Throttled), one.turn("a call", "/x"):
        raise AssertionError("nothing may be sent")


# --- over every client, with the vendors' stand-ins ------------------------------------------------------------------


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(load_world(resources.folder("config") / "worlds/as-written")) as running:
        yield running


@pytest.fixture
def ask(sandbox: Sandbox, tmp_path: Path) -> Iterator[Callable[[str, Limits], Answer]]:
    """Put a stack's question through its client, within these limits."""
    conn = assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path)})).connections

    def put(stack: str, limits: Limits) -> Answer:
        question = STACKS[stack][1]
        (answer,) = REQUESTS[question.type].collector()(within(conn, limits), [question])
        return answer

    yield put
    for proxy in sandbox.faults.values():
        proxy.set()


def within(conn: Connections, limits: Limits) -> Connections:
    return replace(conn, limits=limits)


def throttled(answer: Answer) -> Gap:
    assert isinstance(answer, Gap), answer
    assert answer.reason is GapReason.THROTTLED, answer
    return answer


@each_stack
def test_what_one_thread_was_told_holds_back_the_next(sandbox: Sandbox, ask: Callable[..., Answer], stack: str):
    """The vendor's own header counts: nothing is sent until then, and then the question is answered."""
    vendor, _, too_many = STACKS[stack]
    watch = Watch()
    limits, proxy, fault = Limits(SHARES, now=watch.now, sleep=watch.sleep), sandbox.faults[vendor], too_many(30)
    proxy.set(fault)
    assert {call.status for call in throttled(ask(stack, limits)).calls} == {fault.status}
    proxy.set()
    proxy.seen.clear()

    gap = throttled(ask(stack, limits))

    assert "to come back in" in gap.what
    assert (proxy.seen, watch.slept) == ([], [])
    watch.put_on(30 + 2 * JITTER)
    assert isinstance(ask(stack, limits), Evidence)


@each_stack
def test_a_pause_that_is_short_is_waited_for_and_the_question_is_answered(
    sandbox: Sandbox, ask: Callable[..., Answer], stack: str
):
    """LaunchDarkly's stream is read once a question; its next question waits."""
    vendor, _, too_many = STACKS[stack]
    watch = Watch()
    limits = Limits(SHARES, now=watch.now, sleep=watch.sleep)
    sandbox.faults[vendor].set(too_many(4).model_copy(update={"times": 1}))
    told = time.monotonic()

    answers = [ask(stack, limits) for _ in range(2)]

    assert isinstance(answers[-1], Evidence)
    nearer = time.monotonic() - told if stack.startswith("plain REST") else 0  # an instant, which a busy machine nears
    assert max(0, 3 - nearer) <= sum(watch.slept) <= 4 + 4 * JITTER  # epochs are told in whole seconds
