"""Collector `github.workflow_runs`: what a workflow made of the last commit on a branch or tag.

First the commit that the branch or tag leads to, then all runs of the workflow over exactly that commit. Out of scope:
what the workflow does (a person has to say what it covers), runs whose record GitHub has dropped, and the change of a
pull request before it was merged, which bears another commit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.errors import Gone, Malformed, Truncated
from collectors.evidence import Answer, Completeness, Resource, State, Time, pointer
from collectors.github.client import answer_all, refused
from collectors.github.facts import WorkflowRun, WorkflowRunsAsk, WorkflowRunsFacts
from collectors.http import Response, value_of
from collectors.wire import Instant, Json, Wire

PAGE, MOST = 100, 1000  # GitHub gives no more than a thousand runs of one search
ACTIONS = "the permission Actions: read on the repository"
OF_RUN = ("id", "run_number", "run_attempt", "event", "status", "conclusion", "created_at", "updated_at", "head_sha",
          "head_branch")  # fmt: skip


class _When(Wire):
    date: Instant


class _Details(Wire):
    committer: _When


class _Commit(Wire):
    sha: str
    commit: _Details


class _Runs(Wire):
    total_count: int
    workflow_runs: list[JsonValue]


class _Run(Wire):
    event: str
    head_branch: str | None
    status: str
    conclusion: str | None = None
    created_at: Instant
    head_sha: str


def workflow_runs(conn: Connections, asks: Sequence[WorkflowRunsAsk]) -> Iterable[Answer]:
    """The last commit of a branch or tag, and every run of one workflow over it, from GitHub Actions."""
    return answer_all(conn, asks, _answering)


def _answering(asking: Asking) -> Callable[[WorkflowRunsAsk], Answer]:
    return lambda ask: _answer(asking, ask)


def _answer(asking: Asking, ask: WorkflowRunsAsk) -> Answer:
    mark = len(asking.log.calls)
    tip = last_commit(asking, ask)
    listed, pages = _listed(asking, ask, tip.sha)
    asked: Json = {"repository": ask.repository, "workflow": ask.workflow}
    last: Json = {"sha": tip.sha, "date": tip.commit.committer.date.isoformat()}
    shown: list[JsonValue] = [wire.kept(run, OF_RUN) for run in listed]
    body: dict[str, JsonValue] = {"asked": asked, "tip": last, "runs": shown}
    return asking.sealed(
        ask, _facts(ask, tip, listed), body, since=mark, link=_link(asking.source.base_url, ask),
        completeness=Completeness(pages=pages, items=len(listed), note="items are runs over the last commit"),
        redacted=("who made the commit and started the runs, and their messages",),
    )  # fmt: skip


def last_commit(asking: Asking, ask: WorkflowRunsAsk) -> _Commit:
    """What the branch or tag leads to now; the default branch where the card names none."""
    path, what = f"/repos/{ask.repository}/commits", f"the last commit of {ask.repository}"
    told = asking.told(what, "GET", path)
    response = asking.get(path, what, {"per_page": 1, **({"sha": ask.ref} if ask.ref else {})})
    if response.status_code != 200:
        raise refused(response, told)
    commits = wire.objects(value_of(response, told), told)
    if not commits:
        raise Gone(f"{told} knows no commit of {ask.ref or 'the default branch'}", status=200)
    last = wire.read(_Commit, commits[0], told)
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", last.sha):
        raise Malformed(f"{told} answered with a commit whose sha is no commit id", status=200)
    return last


def page_of(asking: Asking, ask: WorkflowRunsAsk, sha: str, number: int, size: int = PAGE) -> Response:
    """One page of runs, newest first."""
    path, what = _place(ask, sha)
    response = asking.get(path, what, {"head_sha": sha, "per_page": size, "page": number})
    if response.status_code != 200:
        raise refused(response, asking.told(what, "GET", path), scope=ACTIONS)
    return response


def _place(ask: WorkflowRunsAsk, sha: str) -> tuple[str, str]:
    """Where the runs are asked for, and what they are called."""
    path = f"/repos/{ask.repository}/actions/workflows/{ask.workflow}/runs"
    return path, f"the runs of {ask.workflow} over {sha[:12]}"


def _listed(asking: Asking, ask: WorkflowRunsAsk, sha: str) -> tuple[list[Json], int]:
    """Every run over the commit, and how many pages they took."""
    path, what = _place(ask, sha)
    told = asking.told(what, "GET", path)
    found: list[Json] = []
    for number in range(1, MOST // PAGE + 1):
        answer = wire.read(_Runs, value_of(page_of(asking, ask, sha, number), told), told)
        page = wire.objects(answer.workflow_runs, told)
        found += page
        if len(found) >= answer.total_count or not page:
            break
    if len(found) < answer.total_count:
        raise Truncated(f"{told} gave {len(found)} of {answer.total_count} runs", status=200)
    if any(wire.read(_Run, run, told).head_sha != sha for run in found):
        raise Malformed(f"{told} answered with runs over another commit", status=200)
    return found, number


def _facts(ask: WorkflowRunsAsk, tip: _Commit, listed: Sequence[Json]) -> WorkflowRunsFacts:
    changed = tip.commit.committer.date
    return WorkflowRunsFacts(
        repository=Resource(value=ask.repository, pointer=pointer("asked", "repository")),
        workflow=Resource(value=ask.workflow, pointer=pointer("asked", "workflow")),
        commit=Resource(value=tip.sha, pointer=pointer("tip", "sha")),
        changed=Time(value=changed, at=changed, pointer=pointer("tip", "date")),
        runs=tuple(_run(i, wire.read(_Run, run, "GitHub's runs")) for i, run in enumerate(listed)),
    )


def _run(place: int, run: _Run) -> WorkflowRun:
    def word(key: str, value: str) -> State:
        return State(value=value[:80], pointer=pointer("runs", place, key))

    return WorkflowRun(
        at=Time(value=run.created_at, at=run.created_at, pointer=pointer("runs", place, "created_at")),
        event=word("event", run.event), status=word("status", run.status),
        conclusion=word("conclusion", run.conclusion) if run.conclusion else None,
        branch=word("head_branch", run.head_branch) if run.head_branch else None,
    )  # fmt: skip


def _link(base_url: str, ask: WorkflowRunsAsk) -> str:
    """Where a person sees the runs."""
    return f"{site_of(base_url)}/{ask.repository}/actions/workflows/{ask.workflow}"


def site_of(base_url: str) -> str:
    """The pages for people that belong to the API at this address."""
    host = urlsplit(base_url)
    return "https://github.com" if host.hostname == "api.github.com" else f"{host.scheme}://{host.netloc}"
