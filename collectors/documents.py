"""Documents in a local folder or git checkout: questions and typed answers."""

from __future__ import annotations

from typing import ClassVar

from collectors.evidence import Facts, Number, Request, Resource, Time


class FileAsk(Request):
    """Does a document exist, and which text is it now? `path` is relative to the documents folder."""

    type: ClassVar[str] = "documents.file"
    path: str


class FileFacts(Facts):
    """`digest` is "sha256:…" of the bytes; `changed` is the last commit's time, or the file's own outside git."""

    path: Resource
    digest: Resource
    size: Number
    changed: Time
