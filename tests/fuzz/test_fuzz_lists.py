"""`cards discover` and `doctor` over broken answers: never a crash, never a shorter list, never a better standing."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from random import Random

import pytest

from agent import resources, settings
from agent.service.assembly import assemble
from agent.service.draft_card import draft
from agent.service.guesses import Listings
from collectors.connections import Connections, SourceCheck
from collectors.discovery import FUNCTIONS, Listing
from collectors.doctor import VENDORS
from collectors.rate import Limits
from collectors.sandbox.server import Asked, Reply, StandIn, serve
from collectors.sandbox.start import STAND_INS, Sandbox
from collectors.sandbox.world import World, load_world
from tests.collectors.failures import LONG
from tests.fuzz.mutations import KINDS
from tests.fuzz.tampering import Break, Tampering

SEED = os.environ.get("CLEARANCE_FUZZ_SEED", "2026-06-12")
MORE = int(os.environ.get("CLEARANCE_FUZZ_MORE", "1"))
SLOW = {"aws", "launchdarkly"}  # a client each takes long
A_ROW_LESS = ("without <Bucket>", "without <member>")  # the true answer of another account: nobody can tell
EVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Grudging:
    """Of all that it is asked, it refuses about half."""

    inner: StandIn

    def answer(self, asked: Asked) -> Reply:
        if zlib.crc32(asked.path.encode()) % 2:
            return Reply(403, b'{"message": "no"}', {"content-type": "application/json"})
        return self.inner.answer(asked)


@dataclass(frozen=True)
class Place:
    """`vendors` are the stand-ins that can be broken."""

    world: World
    conn: Connections
    vendors: Mapping[str, Tampering]

    def check(self, vendor: str) -> list[SourceCheck]:
        told: SourceCheck | list[SourceCheck] = import_module(f"collectors.{vendor}.check").check(self.conn)
        return told if isinstance(told, list) else [told]

    def listings(self, vendor: str) -> list[Listing]:
        found: list[Listing] = import_module(FUNCTIONS[vendor]).discover(self.conn, self.world.subject)
        return found


def opened(stack: ExitStack, home: Path, *, grudging: bool) -> Place:
    world = load_world(resources.folder("config") / "worlds/put-right")
    stand_ins = {name: make(world) for name, make in STAND_INS.items()}
    vendors = {name: Tampering(Grudging(one) if grudging else one) for name, one in stand_ins.items()}
    running = {name: serve(one) for name, one in vendors.items()}
    urls = {name: server.url for name, server in running.items()}
    sandbox = stack.enter_context(Sandbox(world, urls, {}, tuple(running.values()), tuple(stand_ins.values())))
    deps = assemble(settings.read({**sandbox.settings(), "CLEARANCE_HOME": str(home)}))
    stack.callback(deps.engine.dispose)
    limits = Limits((), sleep=lambda seconds: None)
    conn = replace(deps.connections, limits=limits, clock=lambda: world.clock, timeout=LONG)
    return Place(world, conn, vendors)


@pytest.fixture(scope="module")
def willing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ExitStack() as stack:
        yield opened(stack, tmp_path_factory.mktemp("home"), grudging=False)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ExitStack() as stack:
        yield opened(stack, tmp_path_factory.mktemp("home"), grudging=True)


def breaks(place: Place, vendor: str, what: str) -> Iterator[str]:
    """One broken answer after the other among those to the questions that were asked last; yields the seed."""
    tampering = place.vendors[vendor]
    keys = sorted(tampering.asked)
    for kind in KINDS:
        for number in range((2 if vendor in SLOW else 6) * MORE):
            seed = f"{SEED}/{what}/{vendor}/{kind}/{number}"
            with tampering.breaking(Break(Random(seed).choice(keys), kind, seed)):
                yield seed


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_list_is_whole_or_says_why_it_is_not(willing: Place, vendor: str):
    """And whatever comes of it can be written down as a draft."""
    whole = {one.kind: len(one.names) for one in willing.listings(vendor)}
    assert all(whole.values()), "everything is listed while nothing is broken"
    for seed in breaks(willing, vendor, "discover"):
        found = willing.listings(vendor)
        short = [one.kind for one in found if one.reason is None and len(one.names) < whole[one.kind]]
        told = willing.vendors[vendor].told
        assert not short or told.startswith(A_ROW_LESS), f"{seed}: {told}"
        assert {one.kind for one in found} == whole.keys()
        known = Listings(willing.world.subject, tuple(found))
        assert "draft: true" in draft(known, willing.world.subject, willing.world.clock, []).text


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("how", ["willing", "refusing"])
def test_doctor_never_says_better(request: pytest.FixtureRequest, how: str, vendor: str):
    """Of a source that refuses half of what it is asked, and of one that is in order."""
    place: Place = request.getfixturevalue(how)
    whole = place.check(vendor)
    for seed in breaks(place, vendor, f"doctor {how}"):
        now = place.check(vendor)
        assert not better(now, whole), f"{seed}: {place.vendors[vendor].told}"


def better(now: Sequence[SourceCheck], whole: Sequence[SourceCheck]) -> list[str]:
    """In what respect a source stands better than by its whole answers."""
    found = []
    for mine, was in zip(now, whole, strict=True):
        if mine.state == "ok" and was.state != "ok":
            found.append("ok")
        found += set(mine.held) - set(was.held)
        if mine.state == "ok":
            found += [spot for spot in set(was.missing) - set(mine.missing) if spot in mine.held]
            found += [spot.request for spot in was.blind if sees_since(mine, spot.request) < (spot.since or EVER)]
    return found


def sees_since(check: SourceCheck, request: str) -> datetime:
    """Since when a source says that it knows; long ago where it names no blind spot."""
    return next(
        (spot.since or EVER for spot in check.blind if spot.request == request), datetime.min.replace(tzinfo=UTC)
    )


def test_the_refusing_source_leaves_something_to_hide(refusing: Place):
    checks = [one for vendor in VENDORS for one in refusing.check(vendor)]

    assert sum(one.state != "ok" for one in checks) > 2
