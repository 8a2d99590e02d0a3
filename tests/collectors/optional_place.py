"""One optional source on loopback behind its fault proxy, and the connections that lead there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from collectors.connections import Connections, GitHubAccess, LangSmithAccess, OktaAccess, SlackAccess
from collectors.evidence import Evidence, Gap, GapReason, Origin, resolve
from collectors.rate import Limits
from collectors.sandbox.faults import FaultProxy
from collectors.sandbox.github import GitHub
from collectors.sandbox.langsmith import LangSmith
from collectors.sandbox.okta import Okta
from collectors.sandbox.server import Asked, Reply, StandIn, serve
from collectors.sandbox.slack import Slack
from collectors.sandbox.world import World, load_world
from tests import plain_yaml
from tests.collectors.failures import FAILURES, LONG

__all__ = ["FAILURES", "Place", "assert_pointers_lead_to_values", "contract", "evidence_of", "first_with", "gap_of"]
ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT.parent / "shared" / "contracts"
STAND_INS: dict[str, Callable[[World], StandIn]] = {
    "langsmith": LangSmith, "github": GitHub, "slack": Slack, "okta": Okta
}  # fmt: skip
Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Place:
    """Where a test asks. `faults.seen` holds every request that arrived."""

    world: World
    conn: Connections
    faults: FaultProxy
    vendor: str

    def as_(self, **changes: Any) -> Connections:
        """The same way there with another credential or address."""
        return replace(self.conn, **{self.vendor: replace(getattr(self.conn, self.vendor), **changes)})

    def asked(self) -> list[tuple[str, str]]:
        return [(asked.method, asked.path) for asked in self.faults.seen]


@dataclass
class _Edited:
    """The stand-in with some of its answers changed on the way: what the vendor may send, though the world does not."""

    inner: StandIn
    edits: dict[str, Change]

    def answer(self, asked: Asked) -> Reply:
        reply = self.inner.answer(asked)
        for path, edit in self.edits.items():
            if (
                reply.status == 200
                and re.fullmatch(path, asked.path)
                and reply.headers.get("content-type") == "application/json"
            ):
                return replace(reply, body=json.dumps(edit(json.loads(reply.body))).encode())
        return reply


def evidence_of(answer: object) -> Evidence:
    assert isinstance(answer, Evidence), answer
    return answer


def gap_of(answer: object, reason: GapReason) -> Gap:
    assert isinstance(answer, Gap), answer
    assert answer.reason == reason, answer
    return answer


def assert_pointers_lead_to_values(answer: object) -> None:
    """Every fact of the source is found in the body where it says it is."""
    evidence = evidence_of(answer)
    for fact in _facts(evidence.facts.model_dump()):
        if fact["origin"] == Origin.EVIDENCE:
            resolve(evidence.body, fact["pointer"])
    evidence.to_bytes()


def _facts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "kind" in value and "pointer" in value:
            yield value
        for inner in value.values():
            yield from _facts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _facts(inner)


def first_with(path: str, **fields: Any) -> dict[str, Change]:
    """Edits of the first thing that a list at `path` holds; ... takes a field away."""

    def edit(listed: Any) -> Any:
        for name, value in fields.items():
            listed[0].pop(name, None)
            if value is not ...:
                listed[0][name] = value
        return listed

    return {path: edit}


def contract(vendor: str, name: str) -> Any:
    """The vendor's contract; the test is skipped aloud where it is not laid out."""
    path = CONTRACTS / vendor / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the answers were not checked against {vendor}'s contract")
    return json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def places(vendor: str, folder: Path) -> Iterator[Callable[..., Place]]:
    """Opens worlds: opened("put-right", data=change of the world's YAML, edits={path: change}, timeout=seconds)."""
    with ExitStack() as stack:

        def opened(
            name: str = "as-written",
            *,
            data: Change | None = None,
            edits: dict[str, Change] | None = None,
            timeout: float = LONG,
        ) -> Place:
            world = _copied(vendor, name, data, folder)
            behind = serve(_Edited(STAND_INS[vendor](world), edits or {}))
            faults = FaultProxy(behind.url)
            front = serve(faults)
            for close in (behind.close, front.close, faults.set):
                stack.callback(close)
            conn = Connections(lambda: world.clock, timeout=timeout, limits=Limits(()))
            return Place(world, replace(conn, **{vendor: _access(vendor, world, front.url)}), faults, vendor)

        yield opened


def place_of(vendor: str) -> Any:
    """The fixture `place` of one vendor's tests: opens it on loopback."""

    @pytest.fixture(name="place")
    def opened_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
        with places(vendor, tmp_path) as opened:
            yield opened

    return opened_place


def _copied(vendor: str, name: str, data: Change | None, folder: Path) -> World:
    """The world itself, or a copy with its data changed."""
    source = ROOT / "config" / "worlds" / name
    if data is None:
        return load_world(source)
    copy = folder / f"{name}-{len(list(folder.iterdir()))}"
    shutil.copytree(source, copy)
    held = plain_yaml.load((copy / f"{vendor}.yaml").read_text(encoding="utf-8"))
    data(held)
    (copy / f"{vendor}.yaml").write_text(plain_yaml.dump(held), encoding="utf-8")
    return load_world(copy)


def _access(vendor: str, world: World, url: str) -> object:
    keys = world.credentials
    return {
        "langsmith": LangSmithAccess(keys.langsmith_api_key, url),
        "github": GitHubAccess(keys.github_token, url),
        "slack": SlackAccess(keys.slack_token, url),
        "okta": OktaAccess(keys.okta_token, url),
    }[vendor]
