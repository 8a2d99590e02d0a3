"""Where drafts and readings are tried: each world, collected through the real clients with one injection in every text
of every source, and judged once. Everything else starts from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.concerns import InstructionsFound
from agent.deps import Deps
from agent.domain import ReviewDocument
from agent.drafting import reader
from agent.drafting.model import Prompt
from agent.drafting.overview import Overview, overview
from agent.drafting.showing import Brief, first_prompt
from agent.outputs.markdown import render
from agent.service.assess import assess
from agent.service.running import config_of, graph_of
from agent.workflow import draft, read, read_sources
from agent.workflow.judge import Judged, case_of
from agent.workflow.judging import Case
from collectors.evidence import Evidence
from tests.acceptance.conftest import GATE, SUBJECT, Desk, RunningWorld, desk_over, start_world
from tests.acceptance.planting import Planter, kept_words, plant_overlay, planted_sources
from tests.injections import INJECTIONS

WORLDS = ("as-written", "put-right")
NONE = "none"  # the world as it is
ALL = (NONE, *INJECTIONS)


@dataclass(frozen=True)
class Place:
    """A world with one injection, as it was judged. `document` is drafted from templates and read by nobody."""

    world: str
    injection: str
    document: ReviewDocument
    case: Case
    judged: Judged
    files: frozenset[str]
    pages: dict[str, str] = field(default_factory=dict, repr=False)

    def shown(self, document: ReviewDocument) -> str:
        """What people and programs are shown of it; alike documents are rendered once."""
        data = document.model_dump_json()
        if data not in self.pages:
            self.pages[data] = render(document, []) + data
        return self.pages[data]

    @cached_property
    def whole(self) -> Overview:
        return overview(draft.outlook(self.case, self.judged, None, earlier=False))

    @cached_property
    def brief(self) -> Brief:
        return draft.brief_of(self.case, self.whole)

    @cached_property
    def prompt(self) -> Prompt:
        """What a writer is asked first."""
        return first_prompt(self.brief, self.judged.items)

    @cached_property
    def desk(self) -> reader.Desk:
        return read.desk(self.case, self.judged)

    @cached_property
    def instructions(self) -> tuple[InstructionsFound, ...]:
        return read_sources.instructions(self.case)

    @cached_property
    def page(self) -> str:
        """The report as it stands before a model has done anything."""
        return self.shown(self.document)

    @cached_property
    def texts(self) -> dict[str, str]:
        """Every text of each answer, by its digest, as the source gave it."""
        answers = {self.case.digests[key]: answer for key, answer in self.case.answers.items()}
        return {
            digest: " ".join(" ".join(said(answer.body)).split())
            for digest, answer in answers.items()
            if isinstance(answer, Evidence)
        }


def said(value: object) -> Iterator[str]:
    """Every text and number in an answer."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from said(inner)
    elif value is not None:
        yield str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def running(world: str) -> Iterator[RunningWorld]:
    with TemporaryDirectory() as home:
        yield from start_world(world, Path(home))


def place(world: RunningWorld, injection: str) -> Place:
    """Collect and judge a world with this injection in every text of every source.

    In these worlds all can be seen. Where something was not, on a machine that is busy, it is looked at once more.
    """
    found = _collected(world, injection)
    return _collected(world, injection) if found.document.gaps else found


def _collected(world: RunningWorld, injection: str) -> Place:
    texts = {injection: INJECTIONS[injection]} if injection != NONE else {}
    with TemporaryDirectory() as folder, ExitStack() as stack:
        desk = desk_over(world, Path(folder), (lambda overlay: plant_overlay(overlay, texts=texts)) if texts else None)
        desk = replace(desk, timeout="30")
        planter = Planter(kept_words(desk.overlay), texts)
        changed = stack.enter_context(planted_sources(world.settings if texts else {}, planter))
        deps = desk.deps(**changed)
        stack.callback(deps.engine.dispose)
        found = assess(deps, SUBJECT, GATE).document
        assert set(texts) <= planter.planted
        return _judged(world.name, injection, desk, deps, found)


def _judged(world: str, injection: str, desk: Desk, deps: Deps, document: ReviewDocument) -> Place:
    with graph_of(deps) as graph:
        state = graph.get_state(config_of(document.review)).values  # type: ignore[arg-type]
    judged = Judged.model_validate_json(deps.locker.get(state["judged"]))
    files = frozenset(path.name for path in desk.home.iterdir() if path.suffix not in (".db-shm", ".db-wal"))
    case, _ = case_of(deps, state)
    return Place(world, injection, document, case, judged, files)
