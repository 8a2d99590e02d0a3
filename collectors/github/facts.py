"""GitHub's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from collectors.documents import FileFacts
from collectors.evidence import Facts, Model, Number, Origin, Request, Resource, State, Time

REPOSITORY = r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$"
REF = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$"


class FileAsk(Request):
    """Does a file exist in a repository, and which text is it? `path` is "owner/repository/path/in/it".

    Without `ref` (a branch, tag or commit) the default branch is meant.
    """

    type: ClassVar[str] = "github.file"
    path: str
    ref: str | None = Field(None, pattern=REF)


class GitHubFileFacts(FileFacts):
    """As of a local document. `changed` is when the last commit of this file was made; `commit` is its id."""

    commit: Resource


class WorkflowRunsAsk(Request):
    """What did a workflow make of the last commit on a branch or tag? `workflow` is its file's name, as ci.yml.

    Without `ref` the default branch is meant.
    """

    type: ClassVar[str] = "github.workflow_runs"
    repository: str = Field(pattern=REPOSITORY)
    workflow: str = Field(pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}\.ya?ml$")
    ref: str | None = Field(None, pattern=REF)


class WorkflowRun(Model):
    """`event` is what set it off, "workflow_dispatch" a person; `conclusion` None = it has not ended.

    `branch`: the branch or tag that it ran for, which need not be the one asked about; None = not told.
    """

    at: Time
    event: State
    branch: State | None
    status: State
    conclusion: State | None


class WorkflowRunsFacts(Facts):
    """`commit` is what the branch or tag leads to and `changed` when it was made; `runs` are all over that commit."""

    repository: Resource
    workflow: Resource
    commit: Resource
    changed: Time
    runs: tuple[WorkflowRun, ...]


class VulnerabilitiesAsk(Request):
    """When was a repository's default branch scanned, and what is still open?"""

    type: ClassVar[str] = "github.vulnerabilities"
    repository: str = Field(pattern=REPOSITORY)


class Scan(Model):
    """`error` None = the analysis was taken up whole."""

    at: Time
    error: State | None


class Vulnerability(Model):
    """An open alert: since when, and "low", "medium", "high" or "critical"; None = not told."""

    at: Time
    severity: State | None


class VulnerabilitiesFacts(Facts):
    """`scans` newest first, the newest hundred at most; `open` are all open alerts of security."""

    repository: Resource
    scans: tuple[Scan, ...]
    open: tuple[Vulnerability, ...]


class BranchRulesAsk(Request):
    """What has a change to pass before it reaches a branch?"""

    type: ClassVar[str] = "github.branch_rules"
    repository: str = Field(pattern=REPOSITORY)
    branch: str = Field(pattern=REF)


class BranchRulesFacts(Facts):
    """`reviews` and `checks` are how many every change needs; `rewriting` its history is "refused" or "allowed".

    `stale`: an approval from before the last commit is "dismissed", "kept" or "not told"; `bypass`: "nobody" may pass
    by all that, "some" may, or it is "not told".
    """

    repository: Resource
    branch: Resource
    reviews: Number
    checks: Number
    rewriting: State
    stale: State = State(value="not told", origin=Origin.CODE)  # what was kept before it was asked for
    bypass: State
