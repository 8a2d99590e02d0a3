"""May the token read the repositories that cards name? What a fine-grained one may read shows only there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from collectors.asking import Asking, conversation
from collectors.connections import Connections, SourceCheck
from collectors.evidence import Request
from collectors.github.branch_rules import protection
from collectors.github.client import access_of
from collectors.github.facts import BranchRulesAsk, FileAsk, VulnerabilitiesAsk, WorkflowRunsAsk
from collectors.github.file import last_change, placed
from collectors.github.runs import last_commit, page_of
from collectors.github.vulnerabilities import DEPENDABOT, SCANNING
from collectors.github.vulnerabilities import page_of as alerts_of
from collectors.needs import NEEDS
from collectors.tries import Trial, first_of_each

(ADMINISTRATION,) = NEEDS["github.branch_rules"]
CODE_SCANNING, DEPENDENCIES = NEEDS["github.vulnerabilities"]
CONTENTS, ACTIONS = NEEDS["github.workflow_runs"]


def trials(conn: Connections, check: SourceCheck, asks: Sequence[Request]) -> Iterator[Trial]:
    """One read of each of the first few repositories; files themselves are not read."""
    files = [ask for ask in asks if isinstance(ask, FileAsk)]
    runs = [ask for ask in asks if isinstance(ask, WorkflowRunsAsk)]
    scanned = [ask for ask in asks if isinstance(ask, VulnerabilitiesAsk)]
    branches = [ask for ask in asks if isinstance(ask, BranchRulesAsk)]
    if conn.github is None or not (files or runs or scanned or branches):
        return
    with conversation(conn, access_of(conn.github)) as asking:
        for ask in first_of_each(files, _repository):
            yield Trial(CONTENTS, _repository(ask), partial(_read, asking, ask))
        for one in first_of_each(runs, lambda ask: ask.repository):
            tip = Trial(CONTENTS, one.repository, partial(last_commit, asking, one))
            yield tip
            yield Trial(ACTIONS, one.repository, partial(page_of, asking, one, getattr(tip.got, "sha", ""), 1, 1))
        for other in first_of_each(scanned, lambda ask: ask.repository):
            code = partial(alerts_of, asking, other, "code-scanning", SCANNING, {}, 1)
            yield Trial(CODE_SCANNING, other.repository, code)
            dependencies = partial(alerts_of, asking, other, "dependabot", DEPENDABOT, {}, 1)
            yield Trial(DEPENDENCIES, other.repository, dependencies)
        for ruled in first_of_each(branches, lambda ask: ask.repository):
            yield Trial(ADMINISTRATION, ruled.repository, partial(_protected, asking, ruled))


def _protected(asking: Asking, ask: BranchRulesAsk) -> object:
    """That there is no protection is told to those alone who may know."""
    return protection(asking, ask) or {}


def _repository(ask: FileAsk) -> str:
    return "/".join(ask.path.split("/")[:2])


def _read(asking: Asking, ask: FileAsk) -> object:
    return last_change(asking, placed(ask), ask)
