"""Collector `langsmith.retention`: how long a project's new traces are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from collectors.asking import Asking
from collectors.connections import Connections
from collectors.evidence import Answer, Completeness, Resource, pointer
from collectors.langsmith.client import answer_all
from collectors.langsmith.facts import ProjectRetentionFacts, RetentionAsk
from collectors.langsmith.project import Project, Projects, projects

LATER_ONLY = "a setting holds for traces written after it was made; what holds for older ones LangSmith does not say"


def retention(conn: Connections, asks: Sequence[RetentionAsk]) -> Iterable[Answer]:
    """The tier of a project and for how many days its new traces are kept, as far as LangSmith says."""
    return answer_all(conn, asks, lambda asking: _answering(asking, asks))


def _answering(asking: Asking, asks: Sequence[RetentionAsk]) -> Callable[[RetentionAsk], Answer]:
    known = projects(asking, [ask.project for ask in asks])
    return lambda ask: _answer(known, ask)


def _answer(known: Projects, ask: RetentionAsk) -> Answer:
    mark = len(known.asking.log.calls)
    project = known.find(ask.project)
    kept = known.kept(project)
    facts = ProjectRetentionFacts(
        project=Resource(value=project.name[:200], pointer=pointer("project", "name")),
        tier=kept.tier,
        kept=kept.days,
        decided_by=kept.decided_by,
    )
    body = {"project": project.body} | ({"workspace": kept.workspace} if kept.workspace is not None else {})
    return known.asking.sealed(
        ask, facts, dict(body), since=mark, link=link_of(project), completeness=Completeness(items=1, note=LATER_ONLY),
        redacted=("everything of the project but name, ids and retention",),
    )  # fmt: skip


def link_of(project: Project) -> str:
    """Where a person sees the project."""
    return f"https://smith.langchain.com/o/{project.tenant}/projects/p/{project.id}"
