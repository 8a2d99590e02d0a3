"""AWS over real HTTP: a stand-in behind a fault proxy, and the connections that lead there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from collectors.connections import AwsAccess, Connections
from collectors.evidence import Answer, Evidence, Gap, Request, resolve
from collectors.rate import Limits
from collectors.sandbox.aws import Aws
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world
from tests.collectors.failures import LONG

WORLDS = Path(__file__).parents[3] / "config" / "worlds"
ODD = Path(__file__).parent / "estate"
R = TypeVar("R", bound=Request)
Collector = Callable[[Connections, Sequence[R]], list[Answer]]


@dataclass(frozen=True)
class Door:
    """`conn` leads through `proxy` to the stand-in of `world`."""

    world: World
    proxy: FaultProxy
    conn: Connections

    def evidence(self, collector: Collector[R], ask: R) -> Evidence:
        """The answer, which must be evidence whose every pointer leads somewhere."""
        (answer,) = collector(self.conn, [ask])
        assert isinstance(answer, Evidence), answer
        check_pointers(answer)
        return answer

    def gap(self, collector: Collector[R], ask: R, *faults: Fault, timeout: float = LONG) -> Gap:
        """The answer, which must be a gap, while `faults` are set."""
        self.proxy.set(*faults)
        (answer,) = collector(replace(self.conn, timeout=timeout), [ask])
        self.proxy.set()
        assert isinstance(answer, Gap), answer
        return answer


@contextmanager
def opened(folder: Path) -> Iterator[Door]:
    world = load_world(folder)
    stand_in = Aws(world)
    behind = serve(stand_in)
    proxy = FaultProxy(behind.url)
    front = serve(proxy)
    keys = world.credentials
    access = AwsAccess(keys.aws_access_key, keys.aws_secret_key, endpoint_url=front.url)
    try:
        conn = Connections(clock=lambda: world.clock, aws=access, limits=Limits(()), timeout=LONG)
        yield Door(world, proxy, conn)
    finally:
        proxy.set()
        front.close()
        behind.close()
        stand_in.close()


def check_pointers(answer: Evidence) -> None:
    for pointer in _pointers(answer.facts.model_dump(mode="json")):
        resolve(answer.body, pointer)


def _pointers(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("origin") == "evidence":
            yield str(value["pointer"])
        for inner in value.values():
            yield from _pointers(inner)
    if isinstance(value, list):
        for inner in value:
            yield from _pointers(inner)
