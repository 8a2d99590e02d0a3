"""The whole gate over one world's answers, one of which may be exchanged: what every rule then says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent import resources, settings
from agent.deps import Deps
from agent.domain import Outcome
from agent.drafting.parts import sentence
from agent.gates import Gate
from agent.probes.all import MOMENTS, PROBES
from agent.service.assembly import assemble
from agent.surfaces.demo_world import lay_out
from agent.workflow import planning
from agent.workflow.binding import Scope
from agent.workflow.judging import Case, judge_item
from agent.workflow.planning import GATE_ITSELF, Bound
from agent.workflow.sealing import unsound
from collectors.evidence import Answer, Evidence, Request
from collectors.rate import Limits
from collectors.registry import REQUESTS
from collectors.sandbox.server import serve
from collectors.sandbox.start import STAND_INS, Sandbox
from collectors.sandbox.world import World, load_world
from tests.collectors.failures import LONG
from tests.fuzz.tampering import Key, Tampering

Rule = tuple[int, str, str]  # item, probe, about
RANK = {Outcome.PASS: 2, Outcome.NOT_APPLICABLE: 2, Outcome.WARN: 1, Outcome.FAIL: 0, Outcome.UNKNOWN: 0}
Said = Mapping[Rule, Outcome]


def better(now: Said, whole: Said) -> list[str]:
    """Rules that pass or warn now and did less by the whole answers, and items that are met now and were not.

    That a rule no longer applies is no pass of its own: the item decides then.
    """
    applies = {rule: outcome for rule, outcome in now.items() if outcome is not Outcome.NOT_APPLICABLE}
    improved = [rule for rule, told in applies.items() if RANK[told] > RANK[whole.get(rule, Outcome.FAIL)]]
    rules = [f"{rule} became {applies[rule]}" for rule in improved]
    return rules + [f"item {number} became met" for number in sorted(met(now) - met(whole))]


def met(said: Said) -> set[int]:
    """The items of which every rule passes."""
    return {number for number, *_ in said} - {rule[0] for rule, outcome in said.items() if RANK[outcome] < 2}


@dataclass(frozen=True)
class Bench:
    """`whole` are the answers to all questions by key, `said` what every rule says of them."""

    deps: Deps
    gate: Gate
    scope: Scope
    rows: Sequence[Bound]
    vendors: Mapping[str, Tampering]
    whole: dict[str, Answer]
    _calls: dict[str, list[Key]] = field(default_factory=dict)

    def calls(self, type_: str) -> list[Key]:
        """What is asked of the stand-in when the questions of one type are put to it."""
        if type_ not in self._calls:
            tampering = self.vendors[vendor_of(type_)]
            tampering.asked.clear()
            self.ask(type_, self.asks(type_))
            self._calls[type_] = sorted(tampering.asked)
        return self._calls[type_]

    def asks(self, type_: str) -> dict[str, Request]:
        bound = [self._bound(row, self.whole) if row.state == "later" else row for row in self.rows]
        rows = [row for row in bound if row and row.state == "asked" and row.type == type_]
        return {row.key: REQUESTS[type_].ask.model_validate(row.params) for row in rows}

    def ask(self, type_: str, asks: Mapping[str, Request]) -> dict[str, Answer]:
        """One batch, as the collect node asks it, but that a crash is a crash."""
        answers = REQUESTS[type_].collector()(self.deps.connections, list(asks.values()))
        assert len(answers) == len(asks), f"{type_} answered {len(answers)} of {len(asks)} questions"
        return {key: unsound(answer, asks[key]) or answer for key, answer in zip(asks, answers, strict=True)}

    def said(self, changed: Mapping[str, Answer]) -> Said:
        """The outcome of every rule with some answers exchanged; sentences are written out, as a reader sees them."""
        rows, answers = self._followed({**self.whole, **changed})
        case = Case(
            gate=self.gate, scope=self.scope, rows=rows, answers=answers, digests={key: key for key in answers},
            people=self.deps.configuration.people(), now=self.deps.clock(),
            run=lambda name, facts, params: PROBES[name](facts, params),
        )  # fmt: skip
        told = {}
        for item in self.gate.items:
            for finding in judge_item(case, item).findings:
                sentence(finding, self.scope.zone)
                told[(item.number, finding.probe, finding.about)] = finding.outcome
        return told

    def _followed(self, answers: dict[str, Answer]) -> tuple[list[Bound], dict[str, Answer]]:
        """Questions that follow from an answer, bound to what that answer says now."""
        rows = []
        for row in self.rows:
            bound = self._bound(row, answers) if row.state == "later" else row
            if bound is not None:
                rows.append(bound)
        return rows, answers

    def _bound(self, row: Bound, answers: dict[str, Answer]) -> Bound | None:
        item = self.gate.item(row.item)
        assert item
        spec = next(s.follows for s in item.requests if s.name == row.name)
        assert spec
        other = next(r for r in self.rows if (r.item, r.name) == (row.item, spec.request))
        answer = answers.get(other.key)
        at = MOMENTS[spec.moment](answer.facts) if isinstance(answer, Evidence) else None
        if at is None:
            return None
        bound = planning.follow(self.gate, self.scope, row, at)
        if bound.key not in answers:
            self.whole.update(self.ask(bound.type, {bound.key: REQUESTS[bound.type].ask.model_validate(bound.params)}))
            answers[bound.key] = self.whole[bound.key]
        return bound

    def questions(self) -> list[str]:
        """The types of request that a stand-in answers."""
        kinds = {row.type for row in self.rows if row.state == "asked"}
        return sorted(kind for kind in kinds if vendor_of(kind) in self.vendors)


def vendor_of(type_: str) -> str:
    """Which stand-in answers a type of request."""
    name = type_.split(".")[0]
    return "aws" if name in ("s3", "cloudtrail") else name


@contextmanager
def bench_over(world: World, folder: Path) -> Iterator[Bench]:
    """All stand-ins of a world in this process, and its gate ready to be judged."""
    stand_ins = {name: make(world) for name, make in STAND_INS.items()}
    vendors = {name: Tampering(stand_in) for name, stand_in in stand_ins.items()}
    running = {name: serve(tampering) for name, tampering in vendors.items()}
    urls = {name: server.url for name, server in running.items()}
    with Sandbox(world, urls, {}, tuple(running.values()), tuple(stand_ins.values())) as sandbox:
        overlay = lay_out(world.overlay, folder / "overlay", folder / "keys")
        own = {"CLEARANCE_HOME": str(folder / "home"), "CLEARANCE_CONFIG": str(overlay)}
        deps = assemble(settings.read({**sandbox.settings(), **own}))
        yield _ready(_tireless(deps, world), world, vendors)


def _tireless(deps: Deps, world: World) -> Deps:
    """For thousands of questions: no share, no pause, and a clock that stands: the same question stays the same."""
    limits = Limits((), sleep=lambda seconds: None)
    connections = replace(deps.connections, limits=limits, clock=lambda: world.clock, timeout=LONG)
    return replace(deps, connections=connections, clock=lambda: world.clock)


def _ready(deps: Deps, world: World, vendors: Mapping[str, Tampering]) -> Bench:
    known = deps.configuration
    gate, loaded, people = known.gate(world.gate), known.card(world.subject), known.people()
    base = Scope(
        card=loaded.raw, defaults=loaded.card.model_dump(mode="json", by_alias=True), as_of=deps.clock(),
        zone=loaded.card.pilot.zone, people=json.loads(people.model_dump_json()),
    )  # fmt: skip
    scope = planning.windowed(gate, base)
    rows = [row for row in planning.plan(gate, scope).bound if row.item != GATE_ITSELF]
    bench = Bench(deps, gate, scope, rows, vendors, {})
    for type_ in sorted({row.type for row in rows if row.state == "asked"}):
        bench.whole.update(bench.ask(type_, bench.asks(type_)))
    return bench


def shipped(name: str) -> World:
    return load_world(resources.folder("config") / "worlds" / name)
