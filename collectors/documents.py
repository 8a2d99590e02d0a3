"""Documents in a local folder or git checkout: questions and typed answers, and the function that reads them.

Outside git, and for a text that is not committed as it stands, the time of change is the file's own, which anybody who
may write it can set; the digest is what ties answers to a text. Out of scope: who wrote it, and earlier versions.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import ClassVar

from pydantic import JsonValue

from collectors.connections import Connections, not_configured
from collectors.errors import Denied, Gone, Malformed, SourceError
from collectors.evidence import (
    Answer,
    Completeness,
    Evidence,
    Facts,
    Number,
    Request,
    Resource,
    Source,
    Time,
    pointer,
    sha256,
)
from collectors.passages import passage_keys

LARGEST = 200_000  # bytes; a longer document is refused, never cut


class FileAsk(Request):
    """Does a document exist, and which text is it now? `path` is relative to the documents folder."""

    type: ClassVar[str] = "documents.file"
    path: str


class FileFacts(Facts):
    """`digest` is "sha256:…" of the bytes: the version that answers and signatures are tied to.

    `changed` is the last commit's time and `commit` its id; outside git, and where the text is not committed as it
    stands, the file's own time and None.
    `passages` name every whole sentence and list line by place and digest (`collectors.passages`), never their text.
    """

    path: Resource
    digest: Resource
    size: Number
    changed: Time
    commit: Resource | None = None
    passages: tuple[str, ...] = ()


def file(conn: Connections, asks: Sequence[FileAsk]) -> list[Answer]:
    """The text of a document, its digest and when it last changed; never anything outside the documents folder."""
    if conn.documents is None:
        return not_configured("documents", asks, conn.clock(), "CLEARANCE_CONFIG (its folder documents/)")
    return [_answer(conn.documents, ask, conn.clock()) for ask in asks]


def _answer(root: Path, ask: FileAsk, now: datetime) -> Answer:
    asked = Source(vendor="documents", base_url=root.absolute().as_uri())
    try:
        return _evidence(root, ask, asked, now)
    except SourceError as failure:
        return failure.gap(ask, asked, now)


def _evidence(root: Path, ask: FileAsk, asked: Source, now: datetime) -> Evidence:
    path = _inside(root, ask.path)
    data, saved = _read(path, ask.path)
    text = _text(data, ask.path)
    committed = _committed(path)
    changed = committed.at if committed else saved
    digest = "sha256:" + sha256(data)

    def at(key: str) -> str:
        return pointer("file", key)

    facts = FileFacts(
        path=Resource(value=ask.path, pointer=at("path")),
        digest=Resource(value=digest, pointer=at("digest")),
        size=Number(value=len(data), unit="bytes", pointer=at("size")),
        changed=Time(value=changed, pointer=at("changed"), at=changed),
        commit=Resource(value=committed.id, pointer=at("commit")) if committed else None,
        passages=passage_keys(text),
    )
    seen: dict[str, JsonValue] = {
        "path": ask.path, "digest": digest, "size": len(data), "changed": changed.isoformat(), "text": text,
    }  # fmt: skip
    if committed:
        seen["commit"] = committed.id
    return Evidence(
        request_type=ask.type, params=ask.params(), source=asked, collected_at=now, link=path.as_uri(), facts=facts,
        completeness=Completeness(items=1), body={"file": seen},
    )  # fmt: skip


def _inside(root: Path, asked: str) -> Path:
    """The file that is meant, links followed; Gone if that is not below the documents folder."""
    parts = PurePosixPath(asked)
    outside = Gone(
        f"the document {asked!r} is not inside the documents folder, so it was not read",
        advice="Write a path below the overlay's documents/ on the card, without .. and without links that lead out.",
    )
    if not 0 < len(asked) <= 200 or "\0" in asked or "\\" in asked or parts.is_absolute() or ".." in parts.parts:
        raise outside
    try:
        path = (root / parts).resolve()
    except (OSError, RuntimeError) as error:
        raise outside from error
    if not path.is_relative_to(root.resolve()):
        raise outside
    return path


def _read(path: Path, asked: str) -> tuple[bytes, datetime]:
    """The bytes, and when the file was last saved."""
    try:
        if not path.is_file():
            raise _gone(asked)
        with path.open("rb") as opened:
            saved = datetime.fromtimestamp(os.fstat(opened.fileno()).st_mtime, UTC)
            data = opened.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise _gone(asked) from error
    except OSError as error:
        raise Denied(
            f"the document {asked!r} could not be read ({error.strerror})",
            advice="Let the account that runs Clearance read this file, then check this item again.",
        ) from error
    if len(data) > LARGEST:
        raise _unreadable(asked, f"is longer than {LARGEST} bytes")
    return data, saved


def _text(data: bytes, asked: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(asked, "is not UTF-8 text") from error


def _gone(asked: str) -> Gone:
    return Gone(
        f"there is no document {asked!r} in the documents folder",
        advice="Put the document there (overlay, documents/), or mend its path on the card.",
    )


def _unreadable(asked: str, why: str) -> Malformed:
    return Malformed(f"the document {asked!r} {why}", advice="Give a plain UTF-8 text, then check this item again.")


@dataclass(frozen=True)
class _Commit:
    id: str
    at: datetime


def _committed(path: Path) -> _Commit | None:
    """The commit that left exactly this text; None outside a checkout, or when the file has been changed since."""
    told = _git(path, "log", "-1", "--format=%H %cI", "--", path.name)
    if not told or _git(path, "status", "--porcelain", "--ignored", "--", path.name) != "":
        return None
    id, _, at = told.partition(" ")
    return _Commit(id, datetime.fromisoformat(at))


def _git(path: Path, *words: str) -> str | None:
    """What git says about the file, read-only and without the checkout's own programs; None if it cannot say."""
    command = ["git", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "core.hooksPath=/dev/null"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**kept, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    try:
        done = subprocess.run(
            [*command, *words], cwd=path.parent, env=environment, capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
