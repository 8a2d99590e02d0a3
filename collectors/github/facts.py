"""GitHub's questions and typed answers; no client is imported here."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from collectors.documents import FileFacts
from collectors.evidence import Request, Resource


class FileAsk(Request):
    """Does a file exist in a repository, and which text is it? `path` is "owner/repository/path/in/it".

    Without `ref` (a branch, tag or commit) the default branch is meant.
    """

    type: ClassVar[str] = "github.file"
    path: str
    ref: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$")


class GitHubFileFacts(FileFacts):
    """As of a local document. `changed` is when the last commit of this file was made; `commit` is its id."""

    commit: Resource
