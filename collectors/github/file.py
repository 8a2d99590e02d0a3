"""Collector `github.file`: one file of a repository, as its last commit left it.

First the last commit that touched the path, then the content at exactly that commit: so text and time of change belong
together, and the default branch may move on in between. The bytes are checked against git's own id of them, which a cut
answer cannot match. Up to 1 MB comes inside the JSON, up to 100 MB only as raw bytes, more not at all.
Out of scope: reviews of the file (who read it is the quiz's to say), directories, text behind Git LFS, submodules, and
links that lead out of the repository.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.documents import LARGEST
from collectors.errors import Gone, Malformed
from collectors.evidence import Answer, Completeness, Number, Resource, Time, pointer, sha256
from collectors.github.client import answer_all, refused
from collectors.github.facts import FileAsk, GitHubFileFacts
from collectors.http import Response, value_of
from collectors.passages import passage_keys
from collectors.wire import Instant, Json, Wire

RAW = "application/vnd.github.raw+json"
SERVED = 100_000_000  # bytes; GitHub serves no larger file
_LFS = b"version https://git-lfs.github.com/spec/"


class _When(Wire):
    date: Instant


class _Details(Wire):
    committer: _When


class _Commit(Wire):
    sha: str
    commit: _Details


class _Content(Wire):
    type: str
    sha: str
    size: int
    encoding: str | None = None
    content: str | None = None


@dataclass(frozen=True)
class _Place:
    """The parts of "owner/repository/path/in/it"."""

    owner: str
    repository: str
    path: str

    @property
    def api(self) -> str:
        return f"/repos/{self.owner}/{self.repository}"

    @property
    def contents(self) -> str:
        return f"{self.api}/contents/{quote(self.path)}"


@dataclass(frozen=True)
class _Changed:
    commit: str
    at: datetime


@dataclass(frozen=True)
class _File:
    blob: str
    data: bytes


def file(conn: Connections, asks: Sequence[FileAsk]) -> Iterable[Answer]:
    """The bytes of a file, their digest, the commit that last changed them and when."""
    return answer_all(conn, asks, _answering)


def _answering(asking: Asking) -> Callable[[FileAsk], Answer]:
    return lambda ask: _answer(asking, ask)


def _answer(asking: Asking, ask: FileAsk) -> Answer:
    mark, place = len(asking.log.calls), placed(ask)
    changed = last_change(asking, place, ask)
    found = _content(asking, place, changed)
    body = _body(ask, place, changed, found)
    facts = _facts(ask, changed, found)
    note = f"the text is longer than {LARGEST} bytes and is not kept" if "text" not in body else ""
    return asking.sealed(
        ask, facts, {"file": body}, since=mark, link=_link(asking.source.base_url, place, changed),
        completeness=Completeness(items=1, note=note), redacted=("who wrote the commit, and its message",),
    )  # fmt: skip


def placed(ask: FileAsk) -> _Place:
    """Where the file is; Gone where the card names no file of a repository."""
    parts = ask.path.split("/")
    plain = all(part not in ("", ".", "..") and not re.search(r"[\\\0?#%]", part) for part in parts)
    named = len(parts) > 2 and re.fullmatch("[A-Za-z0-9-]+", parts[0]) and re.fullmatch("[A-Za-z0-9._-]+", parts[1])
    if not (plain and named and len(ask.path) <= 200):
        raise Gone(
            f"GitHub was not asked for {ask.path[:80]!r}: this is no path in a repository",
            advice="Write owner/repository/path/to/file on the card.",
        )
    return _Place(parts[0], parts[1], "/".join(parts[2:]))


def last_change(asking: Asking, place: _Place, ask: FileAsk) -> _Changed:
    """The last commit on the asked ref that touched the path."""
    what, path = f"the last change of {ask.path}", f"{place.api}/commits"
    told = asking.told(what, "GET", path)
    params: dict[str, str | int] = {"path": place.path, "per_page": 1}
    if ask.ref:
        params["sha"] = ask.ref
    response = asking.get(path, what, params)
    commits = wire.objects(_good(response, told), told)
    if not commits:
        raise Gone(f"{told} knows no commit of this path on {ask.ref or 'the default branch'}", status=200)
    last = wire.read(_Commit, commits[0], told)
    if not re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", last.sha):
        raise Malformed(f"{told} answered with a commit whose sha is no commit id", status=200)
    return _Changed(last.sha, last.commit.committer.date)


def _good(response: Response, told: str) -> JsonValue:
    if response.status_code != 200:
        raise refused(response, told)
    return value_of(response, told)


def _content(asking: Asking, place: _Place, changed: _Changed) -> _File:
    what = f"{place.path} at {changed.commit[:12]}"
    told = asking.told(what, "GET", place.contents)
    value = _good(asking.get(place.contents, what, {"ref": changed.commit}), told)
    held = wire.read(_Content, _a_file(value, told), told)
    if held.encoding == "base64" and (held.content or held.size == 0):
        data = _decoded(held.content or "", told)
    else:
        data = _raw(asking, place, changed, held, told)
    return _whole(held, data, told)


def _a_file(value: JsonValue, told: str) -> Json:
    """Only a plain file: directories come as lists, links and submodules under other types."""
    if isinstance(value, list):
        raise Malformed(f"{told} is a directory", advice="Write the path of a file on the card.", status=200)
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(value, dict) or kind != "file":
        named = kind if kind in ("symlink", "submodule", "dir") else "something else"
        raise Malformed(
            f"{told} is no plain file ({named})", advice="Write the path of the file itself on the card.", status=200
        )  # fmt: skip
    return value


def _decoded(content: str, told: str) -> bytes:
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{told} answered with content that is not base64", status=200) from error


def _raw(asking: Asking, place: _Place, changed: _Changed, held: _Content, told: str) -> bytes:
    """The bytes of a file that is too large for the JSON."""
    if held.size > SERVED:
        raise Malformed(f"{told} is larger than 100 MB, which GitHub does not serve", advice="Name a plain text file.")
    response = asking.get(place.contents, f"the bytes of {place.path}", {"ref": changed.commit}, accept=RAW)
    if response.status_code != 200:
        raise refused(response, told)
    return response.content


def _whole(held: _Content, data: bytes, told: str) -> _File:
    """The file, once its bytes are those that git names."""
    algorithm = hashlib.sha256 if len(held.sha) == 64 else hashlib.sha1
    if len(data) != held.size or algorithm(b"blob %d\0" % len(data) + data).hexdigest() != held.sha:
        raise Malformed(f"{told} answered with bytes that are not those of git's blob {held.sha[:12]!r}", status=200)
    if data.startswith(_LFS):
        raise Malformed(f"{told} is kept in Git LFS, so its text is not here", advice="Keep the file in git itself.")
    return _File(held.sha, data)


def _body(ask: FileAsk, place: _Place, changed: _Changed, found: _File) -> Json:
    try:
        text = found.data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"{ask.path} at GitHub is not UTF-8 text"
        raise Malformed(what, advice="Give a plain UTF-8 text, then check this item again.") from error
    body: Json = {
        "path": ask.path, "repository": f"{place.owner}/{place.repository}", "commit": changed.commit,
        "changed": changed.at.isoformat(), "blob": found.blob, "size": len(found.data),
        "digest": "sha256:" + sha256(found.data),
    }  # fmt: skip
    return body | ({"text": text} if len(found.data) <= LARGEST else {})


def _facts(ask: FileAsk, changed: _Changed, found: _File) -> GitHubFileFacts:
    def at(key: str) -> str:
        return pointer("file", key)

    return GitHubFileFacts(
        path=Resource(value=ask.path, pointer=at("path")),
        digest=Resource(value="sha256:" + sha256(found.data), pointer=at("digest")),
        size=Number(value=len(found.data), unit="bytes", pointer=at("size")),
        changed=Time(value=changed.at, at=changed.at, pointer=at("changed")),
        commit=Resource(value=changed.commit, pointer=at("commit")),
        passages=passage_keys(found.data.decode("utf-8")) if len(found.data) <= LARGEST else (),
    )


def _link(base_url: str, place: _Place, changed: _Changed) -> str:
    """Where a person sees exactly this text."""
    host = urlsplit(base_url)
    site = "https://github.com" if host.hostname == "api.github.com" else f"{host.scheme}://{host.netloc}"
    return f"{site}/{place.owner}/{place.repository}/blob/{changed.commit}/{quote(place.path)}"
