"""What several collectors of one run need is asked once; and what must never be shared is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.call_log import CallLog
from collectors.connections import Connections, LaunchDarklyAccess, PagerDutyAccess
from collectors.errors import Denied, Unreachable
from collectors.evidence import Answer, Call, Evidence, Gap, GapReason, Request
from collectors.registry import REQUESTS
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.launchdarkly import LaunchDarkly
from collectors.sandbox.pagerduty import PagerDuty
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world
from collectors.sharing import BROKE_OFF, FOR, Sharing
from tests.collectors.asked import ASKS
from tests.collectors.pagerduty.pagerduty_account import WORLDS
from tests.processes import LONGEST

THEN = datetime(2026, 6, 17, 12, tzinfo=UTC)


@dataclass
class Source:
    """Something that is asked, and counts how often."""

    log: CallLog = field(default_factory=lambda: CallLog("vendor"))
    times: int = 0

    def ask(self) -> str:
        self.times += 1
        self.log.add(Call(method="GET", path="/list", status=200))
        return "all of it"

    def refuse(self) -> str:
        self.ask()
        raise Denied("GET /list answered 403")


def test_an_answer_is_asked_for_once_and_its_call_stands_on_both_answers() -> None:
    sharing, first, second = Sharing(), Source(), Source()
    assert sharing.once("k", first.ask, first.log, first.log.calls, THEN) == "all of it"
    later = THEN + timedelta(seconds=30)
    assert sharing.once("k", second.ask, second.log, second.log.calls, later) == "all of it"
    assert (first.times, second.times) == (1, 0)
    assert second.log.calls == first.log.calls
    assert second.log.collected(second.log.calls, later) == THEN


def test_nobody_hears_of_a_shared_call_twice() -> None:
    heard: list[Call] = []
    sharing, first = Sharing(), Source(CallLog("vendor", lambda vendor, call: heard.append(call)))
    for _ in range(2):
        sharing.once("k", first.ask, first.log, first.log.calls, THEN)
    assert len(heard) == 1


def test_a_failure_is_nobodys_answer_afterwards() -> None:
    sharing, source = Sharing(), Source()
    with pytest.raises(Denied):
        sharing.once("k", source.refuse, source.log, source.log.calls, THEN)
    assert sharing.once("k", source.ask, source.log, source.log.calls, THEN) == "all of it"


def test_an_answer_is_shared_for_a_short_time_only() -> None:
    seconds, source = [0.0], Source()
    sharing = Sharing(now=lambda: seconds[0])
    for seconds[0] in (0.0, FOR, FOR + 0.1):
        sharing.once("k", source.ask, source.log, source.log.calls, THEN)
    assert source.times == 2


def test_what_takes_long_to_ask_is_shared_for_as_long_as_it_is_asked_to_be() -> None:
    seconds, source = [0.0], Source()
    sharing = Sharing(now=lambda: seconds[0])
    for seconds[0] in (0.0, FOR + 0.1, 10 * FOR, 10 * FOR + 0.1):
        sharing.once("k", source.ask, source.log, source.log.calls, THEN, keep=10 * FOR)
    assert source.times == 2


def test_what_a_run_asks_with_is_made_once_and_what_could_not_be_made_is_tried_again() -> None:
    sharing, made = Sharing(), list[str]()

    def refused() -> str:
        raise Denied("no credentials")

    with pytest.raises(Denied):
        sharing.made("session", refused)
    for name in ("first", "second"):
        assert sharing.made("session", lambda name=name: made.append(name) or name) == "first"
    assert made == ["first"]


@dataclass
class UnderWay:
    """A question that is asked until another has come who asks the same: who looks at the clock has come in."""

    looks: int = 0
    asking: threading.Event = field(default_factory=threading.Event)
    another: threading.Event = field(default_factory=threading.Event)
    second: Source = field(default_factory=Source)

    def now(self) -> float:
        self.looks += 1
        if self.looks > 1:  # each looks once
            self.another.set()
        return 0.0

    def both(self, ask: Callable[[], str]) -> tuple[BaseException | None, BaseException | None]:
        """How the two ended."""
        sharing, log = Sharing(now=self.now), self.second.log

        def slowly() -> str:
            self.asking.set()
            assert self.another.wait(LONGEST)
            return ask()

        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(sharing.once, "k", slowly, log, log.calls, THEN)
            assert self.asking.wait(LONGEST)
            other = pool.submit(sharing.once, "k", self.second.ask, log, log.calls, THEN)
            return one.exception(LONGEST), other.exception(LONGEST)


def test_who_comes_meanwhile_waits_for_the_answer() -> None:
    source, under_way = Source(), UnderWay()
    assert under_way.both(source.ask) == (None, None)
    assert (source.times, under_way.second.times) == (1, 0)


def test_a_failure_in_flight_is_everyones_who_waits() -> None:
    under_way = UnderWay()
    one, other = under_way.both(Source().refuse)
    assert isinstance(one, Denied)
    assert isinstance(other, Denied)
    assert under_way.second.times == 0


def test_a_crash_of_ours_leaves_nobody_waiting_and_nobody_with_an_answer() -> None:
    def crash() -> str:
        raise ZeroDivisionError

    one, other = UnderWay().both(crash)
    assert isinstance(one, ZeroDivisionError)
    assert isinstance(other, Unreachable)
    assert other.what == BROKE_OFF


# --- over the vendors' own collectors --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Two vendors, and the way to them."""

    world: World
    conn: Connections
    faults: tuple[FaultProxy, FaultProxy]

    def paths(self) -> list[str]:
        return [asked.target for one in self.faults for asked in one.seen]


@pytest.fixture
def place() -> Iterator[Place]:
    world = load_world(WORLDS / "put-right")
    keys = world.credentials
    behind = serve(PagerDuty(world)), serve(LaunchDarkly(world))
    faults = FaultProxy(behind[0].url), FaultProxy(behind[1].url)
    front = serve(faults[0]), serve(faults[1])
    conn = Connections(
        clock=lambda: world.clock, pagerduty=PagerDutyAccess(keys.pagerduty_token, front[0].url),
        launchdarkly=LaunchDarklyAccess(keys.launchdarkly_token, front[1].url),
    )  # fmt: skip
    yield Place(world, conn, faults)
    for server in (*front, *behind):
        server.close()


def ask(conn: Connections, *types: str) -> list[Answer]:
    asks: list[Request] = [ASKS[type_] for type_ in types]
    return [REQUESTS[one.type].collector()(conn, [one])[0] for one in asks]


TYPES = {
    "/maintenance_windows": ("pagerduty.on_call", "pagerduty.incidents"),
    "/services/PINVREC": ("pagerduty.incidents", "pagerduty.responses"),
    "/api/v2/flags/agents/finance-invoice-recon-enabled": ("launchdarkly.flag", "launchdarkly.flag_history"),
}


def asked(place: Place, path: str) -> int:
    """How often this exact thing was asked for."""
    found = [one for one in place.paths() if one.partition("?")[0] == path]
    return len(found)


@pytest.mark.parametrize("path", TYPES)
def test_what_two_types_need_is_one_call_of_a_run_and_stands_on_both(place: Place, path: str) -> None:
    answers = ask(place.conn.of_a_run(), *TYPES[path])
    assert asked(place, path) == 1
    for answer in answers:
        assert isinstance(answer, Evidence)
        assert path in [call.path for call in answer.calls]


@pytest.mark.parametrize("path", TYPES)
def test_runs_share_nothing(place: Place, path: str) -> None:
    """ "Check again" is a run of its own."""
    for type_ in TYPES[path]:
        ask(place.conn.of_a_run(), type_)
    assert asked(place, path) == 2


@pytest.mark.parametrize("path", TYPES)
def test_evidence_is_no_younger_than_the_bytes_it_rests_on(place: Place, path: str) -> None:
    now = [place.world.clock]
    run = replace(place.conn, clock=lambda: now[0]).of_a_run()
    ask(run, TYPES[path][0])
    now[0] += timedelta(seconds=20)
    (later,) = ask(run, TYPES[path][1])
    assert isinstance(later, Evidence)
    assert later.collected_at == place.world.clock


def test_another_credential_is_given_nothing_that_was_shared(place: Place) -> None:
    run = place.conn.of_a_run()
    assert run.pagerduty
    assert run.launchdarkly
    ask(run, "pagerduty.incidents", "launchdarkly.flag")
    wrong = replace(
        run, pagerduty=replace(run.pagerduty, token="other"), launchdarkly=replace(run.launchdarkly, token="other")
    )
    answers = ask(wrong, "pagerduty.incidents", "launchdarkly.flag")
    assert [answer.reason for answer in answers if isinstance(answer, Gap)] == [GapReason.DENIED] * 2


def test_a_call_that_was_refused_is_asked_again_by_the_next(place: Place) -> None:
    run = place.conn.of_a_run()
    place.faults[1].set(Fault(kind="status", status=403))
    (refused,) = ask(run, "launchdarkly.flag")
    place.faults[1].set()
    (answered,) = ask(run, "launchdarkly.flag_history")
    assert isinstance(refused, Gap)
    assert isinstance(answered, Evidence)
