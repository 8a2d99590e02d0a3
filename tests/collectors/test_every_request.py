"""Every request by every way to fail: a new one without its row here fails the first test.

The whole answer comes first: evidence each of whose facts is found where it points. Files, the statements among them,
fail in their own ways: see test_documents.py and test_attestations.py.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from agent.workflow.sealing import facts_in, unsound
from collectors.connections import Connections
from collectors.errors import SourceError
from collectors.evidence import Answer, Evidence, Gap, GapReason, Request
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.server import Asked, Reply
from collectors.sandbox.start import Sandbox, start
from collectors.sandbox.world import load_world
from tests.acceptance.between import between
from tests.collectors.asked import ASKS, OF_FILES, vendor_of
from tests.collectors.failures import FAILURES, long_enough
from tests.collectors.short_or_blind import WAYS, Made
from tests.processes import LONGEST


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with start(load_world(resources.folder("config") / "worlds" / "put-right")) as running:
        yield running


@pytest.fixture(scope="module")
def there(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connections]:
    """The way to the sandbox."""
    home = tmp_path_factory.mktemp("home")
    deps = assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(home)}))
    yield deps.connections
    deps.engine.dispose()


@pytest.fixture
def conn(there: Connections, sandbox: Sandbox) -> Iterator[Connections]:
    """No share of ours, no pauses, nothing remembered of the test before and no fault left to the next."""
    limits = Limits((), sleep=lambda seconds: None)
    yield replace(there, limits=limits, clock=lambda: sandbox.world.clock)
    for proxy in sandbox.faults.values():
        proxy.set()


def asked(conn: Connections, ask: Request) -> Answer:
    (answer,) = REQUESTS[ask.type].collector()(conn, [ask])
    return answer


def test_every_request_is_tried_here_or_reads_files():
    assert ASKS.keys() | OF_FILES == REQUESTS.keys()


@pytest.mark.parametrize("type_", ASKS)
def test_a_whole_answer_is_evidence_whose_facts_are_in_it(conn: Connections, type_: str):
    answer = asked(conn, ASKS[type_])
    assert isinstance(answer, Evidence), answer
    assert unsound(answer, ASKS[type_]) is None
    assert [fact for fact in facts_in(answer.facts) if fact.pointer]
    assert answer.calls


@pytest.mark.parametrize(("fault", "reason"), FAILURES)
@pytest.mark.parametrize("type_", ASKS)
def test_each_failure_has_its_name_the_source_and_what_to_do(
    conn: Connections, sandbox: Sandbox, type_: str, fault, reason: GapReason
):
    ask = ASKS[type_]
    sandbox.faults[vendor_of(type_)].set(fault)
    gap = asked(replace(conn, timeout=long_enough(fault)), ask)
    assert isinstance(gap, Gap), gap
    assert gap.reason == reason, gap
    assert unsound(gap, ask) is None
    assert gap.what
    assert gap.next_step
    if gap.status == 403:
        assert gap.scope or gap.calls[-1].path == "sts:GetCallerIdentity"  # that one takes no permission


@pytest.mark.parametrize("type_", ASKS)
def test_without_its_settings_a_source_is_not_configured(conn: Connections, type_: str):
    gap = asked(Connections(clock=conn.clock), ASKS[type_])
    assert isinstance(gap, Gap)
    assert gap.reason == GapReason.NOT_CONFIGURED
    assert not gap.calls


COMES_ABOUT = [
    (type_, reason) for reason, table in WAYS.items() for type_, way in table.items() if isinstance(way, Made)
]


@pytest.mark.parametrize("reason", WAYS)
def test_every_request_is_cut_short_and_blinded_here_or_says_why_it_cannot_be(reason: GapReason):
    """A sentence where it cannot come about, for whoever looks for the test."""
    assert WAYS[reason].keys() == ASKS.keys()
    assert all(way.split()[3:] for way in WAYS[reason].values() if isinstance(way, str))


@pytest.mark.parametrize(("type_", "reason"), COMES_ABOUT)
def test_a_list_without_its_end_and_a_source_that_cannot_know_are_gaps(
    conn: Connections, sandbox: Sandbox, type_: str, reason: GapReason
):
    way = WAYS[reason][type_]
    assert isinstance(way, Made)
    gap = answered(conn, sandbox, type_, way)
    assert isinstance(gap, Gap), gap
    assert gap.reason == reason, gap
    assert unsound(gap, (way.asks or (ASKS[type_],))[0]) is None
    assert gap.what
    assert gap.next_step


def answered(conn: Connections, sandbox: Sandbox, type_: str, way: Made) -> Answer:
    asks = list(way.asks or (ASKS[type_],))
    with between(sandbox.urls[vendor_of(type_)], way.change or (lambda _, whole: whole())) as url:
        return REQUESTS[type_].collector()(at_url(conn, vendor_of(type_), url), asks)[0]


def at_url(conn: Connections, vendor: str, url: str) -> Connections:
    """The same connections with one vendor elsewhere."""
    field = "endpoint_url" if vendor == "aws" else "base_url"
    return replace(conn, **{vendor: replace(getattr(conn, vendor), **{field: url})})


def test_each_class_has_a_remediation_of_its_own_that_names_a_next_step():
    """What a person does about it begins with a verb; no two classes share it."""
    classes = {one.reason: one.advice for one in SourceError.__subclasses__()}

    assert classes.keys() == set(GapReason)
    assert len(set(classes.values())) == len(classes)
    assert not [advice for advice in classes.values() if not begins_with_what_to_do(advice)]


def begins_with_what_to_do(advice: str) -> bool:
    return bool(re.search(r"\b(Check|Wait|Set|let a person state)\b", advice)) and advice.endswith(".")


ONE_OF_EACH = {vendor_of(type_): type_ for type_ in reversed(ASKS)}  # the first of each vendor


@pytest.mark.parametrize("vendor", ONE_OF_EACH)
def test_no_two_classes_of_a_vendors_failures_tell_people_to_do_the_same(
    conn: Connections, sandbox: Sandbox, vendor: str
):
    type_ = ONE_OF_EACH[vendor]
    gaps = [asked(Connections(clock=conn.clock), ASKS[type_])]
    for fault, _ in FAILURES:
        sandbox.faults[vendor].set(fault)
        gaps.append(asked(replace(conn, timeout=long_enough(fault)), ASKS[type_]))
    sandbox.faults[vendor].set()
    gaps += [answered(conn, sandbox, type_, way) for table in WAYS.values() if isinstance(way := table[type_], Made)]

    told = {(gap.reason, gap.next_step) for gap in gaps if isinstance(gap, Gap)}
    assert {reason for reason, _ in told} >= set(GapReason) - WAYS.keys()
    assert len({step for _, step in told}) == len(told)


def trickling(asked: Asked, whole: Callable[[], Reply]) -> Reply:
    """An answer that comes byte by byte, each soon enough not to look like silence, for twice as long as we look."""

    def bytes_() -> Iterator[bytes]:
        until = time.monotonic() + 2 * LONGEST
        while time.monotonic() < until:
            Event().wait(0.02)
            yield b" "

    return Reply(200, headers={"content-type": "application/json"}, stream=bytes_())


@pytest.mark.parametrize("type_", [*ONE_OF_EACH.values(), "launchdarkly.flag_evaluation"])
def test_an_answer_that_trickles_is_given_up_whichever_client_reads_it(conn: Connections, type_: str):
    """A time-out of each read alone would never come."""
    vendor, hurried = vendor_of(type_), replace(conn, timeout=0.1)
    with between("http://127.0.0.1:9", trickling) as url:
        there = at_url(hurried, vendor, url)
        if vendor == "launchdarkly":
            there = replace(there, launchdarkly=replace(there.launchdarkly, sdk_url=url))
        collect, began = REQUESTS[type_].collector(), time.monotonic()
        (gap,) = collect(there, [ASKS[type_]])

    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.UNREACHABLE, gap
    assert time.monotonic() - began < LONGEST
