"""GitHub on loopback: contents and commits of the world's repositories, by branch, tag or commit."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from pydantic import AwareDatetime, JsonValue

from collectors.evidence import Model
from collectors.sandbox import github_rules
from collectors.sandbox.github_rules import RulesData
from collectors.sandbox.server import Asked, Reply, reply_json
from collectors.sandbox.world import World

Json = dict[str, JsonValue]
IN_JSON, SERVED = 1_000_000, 100_000_000  # bytes
RAW = "application/vnd.github.raw"
LIMIT = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4987", "x-ratelimit-reset": "1900000000"}


class FileData(Model):
    """A file as one commit leaves it: `text`, the overlay's own file `document`, or `repeat` of a line up to `size`.

    `target` makes it a symbolic link, `submodule` a submodule at that address.
    """

    text: str = ""
    document: str = ""
    repeat: str = ""
    size: int = 0
    target: str = ""
    submodule: str = ""


class CommitData(Model):
    """One commit: `puts` files and `removes` paths. `at` is the committer's time."""

    at: AwareDatetime
    message: str
    by: str
    puts: dict[str, FileData] = {}
    removes: tuple[str, ...] = ()


class RunData(Model):
    """A run over a commit, by its number from 1; `conclusion` None = it has not ended."""

    commit: int
    at: AwareDatetime
    event: str = "push"
    conclusion: str | None = "success"


class ScanData(Model):
    at: AwareDatetime
    error: str = ""


class AlertData(Model):
    """`of` is the code or a dependency; `severity` None = not one of security."""

    of: Literal["code", "dependency"]
    severity: str | None
    at: AwareDatetime
    state: str = "open"


class Repository(Model):
    """`commits` oldest first, all on the default branch. `refs` names other places by a commit's number from 1.

    `workflows` holds the runs of each by its file's name.
    """

    default_branch: str = "main"
    commits: tuple[CommitData, ...] = ()
    refs: dict[str, int] = {}
    workflows: dict[str, tuple[RunData, ...]] = {}
    scans: tuple[ScanData, ...] = ()
    alerts: tuple[AlertData, ...] = ()
    dependabot: bool = True
    rulesets: dict[str, RulesData] = {}
    protected: dict[str, RulesData] = {}


class GitHubWorld(Model):
    """`repositories` by "owner/name"; whatever else is asked for does not exist, or may not be seen."""

    repositories: dict[str, Repository]


@dataclass(frozen=True)
class Entry:
    """What stands at a path."""

    kind: Literal["file", "symlink", "submodule"]
    data: bytes
    source: FileData

    @property
    def sha(self) -> str:
        """Git's own id of a blob."""
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()


class GitHub:
    """Answers as the repositories of `world` stand at its clock."""

    def __init__(self, world: World) -> None:
        self._token = world.credentials.github_token
        self._clock, self._overlay = world.clock, world.overlay
        self._world = GitHubWorld.model_validate(world.vendor("github"))

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return _failed(401, "Bad credentials")
        if asked.method != "GET":
            return _failed(403, "Resource not accessible by personal access token")
        if asked.path == "/rate_limit":
            return reply_json({"rate": {"limit": 5000, "remaining": 4987, "reset": 1900000000}}, headers=LIMIT)
        if asked.path in ("/user/repos", "/installation/repositories"):
            return self._repositories(asked)
        for pattern, handler in _ROUTES.items():
            found = re.fullmatch(pattern, asked.path)
            repository = self._world.repositories.get(found[1]) if found else None
            if found and repository:
                return handler(self, asked, found[1], repository, *(unquote(part) for part in found.groups()[1:]))
        return _failed(404, "Not Found")

    def _repositories(self, asked: Asked) -> Reply:
        """Those that the token may see; an app's token gets them inside an object."""
        number, size = int(asked.one("page") or 1), min(int(asked.one("per_page") or 30), 100)
        names = list(self._world.repositories)[(number - 1) * size : number * size]
        shown: list[JsonValue] = [{"full_name": name, "private": True, "description": None} for name in names]
        if asked.path == "/user/repos":
            return reply_json(shown, headers=LIMIT)
        return reply_json({"total_count": len(self._world.repositories), "repositories": shown}, headers=LIMIT)

    def _past(self, repository: Repository) -> list[CommitData]:
        return [commit for commit in repository.commits if commit.at <= self._clock]

    def _upto(self, name: str, repository: Repository, ref: str | None) -> list[CommitData] | None:
        """The commits that lead to a ref; None when there is no such ref."""
        past = self._past(repository)
        if ref in (None, repository.default_branch):
            return past
        if ref in repository.refs:
            return past[: repository.refs[ref]]
        for number, _ in enumerate(past, 1):
            if _sha(name, number) == ref:
                return past[:number]
        return None

    def _commits(self, asked: Asked, name: str, repository: Repository) -> Reply:
        history = self._upto(name, repository, asked.one("sha"))
        if not self._past(repository):
            return _failed(409, "Git Repository is empty.")
        if history is None:
            return _failed(404, "Not Found")
        path = asked.one("path")
        touching = [
            _commit(name, number, commit)
            for number, commit in enumerate(history, 1)
            if path is None or any(_under(one, path) for one in (*commit.puts, *commit.removes))
        ]
        size = min(int(asked.one("per_page") or 30), 100)
        page: list[JsonValue] = list(touching[::-1][:size])
        return reply_json(page, headers=LIMIT)

    def _contents(self, asked: Asked, name: str, repository: Repository, path: str) -> Reply:
        history = self._upto(name, repository, asked.one("ref"))
        tree = self._tree(history or [])
        if path in tree:
            return self._entry(asked, name, path, tree)
        inside = {one for one in tree if _under(one, path)}
        if not inside:
            return _failed(404, "Not Found")
        listed: list[JsonValue] = [
            {"type": tree[one].kind, "path": one, "name": Path(one).name} for one in sorted(inside)
        ]
        return reply_json(listed, headers=LIMIT)

    def _runs(self, asked: Asked, name: str, repository: Repository, workflow: str) -> Reply:
        """Newest first; a search gives a thousand at most and still says how many there are."""
        if workflow not in repository.workflows:
            return _failed(404, "Not Found")
        sha, number, size = asked.one("head_sha"), int(asked.one("page") or 1), int(asked.one("per_page") or 30)
        past = [run for run in repository.workflows[workflow] if run.at <= self._clock]
        found = [run for run in past if sha in (None, _sha(name, run.commit))]
        rows = [_run(name, workflow, run) for run in sorted(found, key=lambda run: run.at, reverse=True)]
        page: list[JsonValue] = [*rows[:1000][(number - 1) * size : number * size]]
        return reply_json({"total_count": len(rows), "workflow_runs": page}, headers=LIMIT)

    def _one(self, asked: Asked, name: str, repository: Repository) -> Reply:
        whole: Json = {"full_name": name, "private": True, "default_branch": repository.default_branch}
        return reply_json(whole, headers=LIMIT)

    def _rules(self, asked: Asked, name: str, repository: Repository, branch: str) -> Reply:
        number, size = int(asked.one("page") or 1), int(asked.one("per_page") or 30)
        rules = github_rules.rulesets(repository.rulesets.get(branch))
        return reply_json(rules[(number - 1) * size : number * size], headers=LIMIT)

    def _protection(self, asked: Asked, name: str, repository: Repository, branch: str) -> Reply:
        held = repository.protected.get(branch)
        if held is None:
            return _failed(404, "Branch not protected")
        return reply_json(github_rules.protection(held), headers=LIMIT)

    def _scans(self, asked: Asked, name: str, repository: Repository) -> Reply:
        """Newest first; a repository that was never scanned has no analyses, which is a 404."""
        past = [scan for scan in repository.scans if scan.at <= self._clock]
        if not past:
            return _failed(404, "no analysis found")
        rows: list[JsonValue] = [
            {"id": i, "ref": f"refs/heads/{repository.default_branch}", "commit_sha": _sha(name, 1), "error": one.error,
             "created_at": _stamp(one.at), "results_count": 0, "tool": {"name": "CodeQL"}, "category": "python"}
            for i, one in enumerate(sorted(past, key=lambda one: one.at, reverse=True))
        ]  # fmt: skip
        return reply_json(rows[: int(asked.one("per_page") or 30)], headers=LIMIT)

    def _code_alerts(self, asked: Asked, name: str, repository: Repository) -> Reply:
        if not repository.scans:
            return _failed(404, "no analysis found")
        return self._alerts(asked, name, repository, "code")

    def _dependency_alerts(self, asked: Asked, name: str, repository: Repository) -> Reply:
        if not repository.dependabot:
            return _failed(403, "Dependabot alerts are disabled for this repository.")
        if asked.one("page"):
            return _failed(400, "Pagination using the `page` parameter is not supported.")
        return self._alerts(asked, name, repository, "dependency")

    def _alerts(self, asked: Asked, name: str, repository: Repository, of: str) -> Reply:
        """A page, and the link to the next: by number for code, by cursor for dependencies."""
        found = [
            (i, one) for i, one in enumerate(repository.alerts, 1)
            if one.of == of and one.at <= self._clock and asked.one("state") in (None, one.state)
        ]  # fmt: skip
        size, key = int(asked.one("per_page") or 30), "page" if of == "code" else "after"
        given = asked.one(key) or ""
        at = int(given) if given.isdigit() else int(of == "code")
        start = (at - 1) * size if of == "code" else at
        rows: list[JsonValue] = [_alert(i, one) for i, one in found[start : start + size]]
        coming = at + 1 if of == "code" else start + size
        link = f'<https://api.github.com{asked.path}?{key}={coming}>; rel="next"'
        more = {"link": link} if start + size < len(found) else {}
        return reply_json(rows, headers={**LIMIT, **more})

    def _tree(self, history: list[CommitData]) -> dict[str, Entry]:
        tree: dict[str, Entry] = {}
        for commit in history:
            tree |= {path: self._made(data) for path, data in commit.puts.items()}
            for path in commit.removes:
                tree.pop(path, None)
        return tree

    def _made(self, data: FileData) -> Entry:
        if data.target:
            return Entry("symlink", data.target.encode(), data)
        if data.submodule:
            return Entry("submodule", b"", data)
        if data.document:
            return Entry("file", (self._overlay / "documents" / data.document).read_bytes(), data)
        if data.repeat:
            return Entry("file", (data.repeat.encode() * (data.size // len(data.repeat) + 1))[: data.size], data)
        return Entry("file", data.text.encode(), data)

    def _entry(self, asked: Asked, name: str, path: str, tree: dict[str, Entry]) -> Reply:
        """A link to a file of the same repository is followed, as GitHub does."""
        entry = tree[path]
        if entry.kind == "symlink" and entry.source.target in tree:
            entry = tree[entry.source.target]
        if entry.kind == "file" and len(entry.data) > SERVED:
            return _failed(403, "This API returns blobs up to 100 MB in size.")
        if entry.kind == "file" and RAW in asked.headers.get("accept", ""):
            return Reply(200, entry.data, {"content-type": "application/vnd.github.raw+json; charset=utf-8", **LIMIT})
        return reply_json(_content(name, path, entry), headers=LIMIT)


_ROUTES: dict[str, Callable[..., Reply]] = {
    r"/repos/([^/]+/[^/]+)/commits": GitHub._commits,
    r"/repos/([^/]+/[^/]+)": GitHub._one,
    r"/repos/([^/]+/[^/]+)/rules/branches/([^/]+)": GitHub._rules,
    r"/repos/([^/]+/[^/]+)/branches/([^/]+)/protection": GitHub._protection,
    r"/repos/([^/]+/[^/]+)/code-scanning/analyses": GitHub._scans,
    r"/repos/([^/]+/[^/]+)/code-scanning/alerts": GitHub._code_alerts,
    r"/repos/([^/]+/[^/]+)/dependabot/alerts": GitHub._dependency_alerts,
    r"/repos/([^/]+/[^/]+)/contents/(.+)": GitHub._contents,
    r"/repos/([^/]+/[^/]+)/actions/workflows/([^/]+)/runs": GitHub._runs,
}


def _run(name: str, workflow: str, run: RunData) -> Json:
    at, sha = run.at.astimezone(UTC), _sha(name, run.commit)
    started, id = at.strftime("%Y-%m-%dT%H:%M:%SZ"), int(at.timestamp())
    return {
        "id": id, "name": workflow, "head_branch": "main", "head_sha": sha, "path": f".github/workflows/{workflow}",
        "display_title": "A change", "run_number": run.commit, "run_attempt": 1, "event": run.event,
        "status": "completed" if run.conclusion else "in_progress", "conclusion": run.conclusion, "workflow_id": 1,
        "url": f"https://api.github.com/repos/{name}/actions/runs/{id}", "created_at": started, "updated_at": started,
        "run_started_at": started, "actor": {"login": "mikechen-acme"}, "triggering_actor": {"login": "mikechen-acme"},
    }  # fmt: skip


def _stamp(at: AwareDatetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _alert(number: int, alert: AlertData) -> Json:
    rule: JsonValue = {"id": "py/sql-injection", "severity": "error", "security_severity_level": alert.severity,
            "tags": ["security"] if alert.severity else ["maintainability"]}  # fmt: skip
    about: Json = {"rule": rule} if alert.of == "code" else {"security_advisory": {"severity": alert.severity}}
    return {"number": number, "state": alert.state, "created_at": _stamp(alert.at), **about}


def _failed(status: int, message: str) -> Reply:
    return reply_json({"message": message, "documentation_url": "https://docs.github.com/rest"}, status, LIMIT)


def _under(path: str, asked: str) -> bool:
    return path == asked or path.startswith(asked.rstrip("/") + "/")


def _sha(*parts: object) -> str:
    return hashlib.sha1("/".join(map(str, parts)).encode()).hexdigest()


def _content(name: str, path: str, entry: Entry) -> Json:
    api, site = f"https://api.github.com/repos/{name}", f"https://github.com/{name}"
    common: Json = {
        "type": entry.kind, "name": Path(path).name, "path": path, "size": len(entry.data), "sha": entry.sha,
        "url": f"{api}/contents/{path}", "git_url": f"{api}/git/blobs/{entry.sha}",
        "html_url": f"{site}/blob/main/{path}", "download_url": f"https://raw.githubusercontent.com/{name}/main/{path}",
        "_links": {
            "self": f"{api}/contents/{path}", "git": f"{api}/git/blobs/{entry.sha}", "html": f"{site}/blob/main/{path}"
        },
    }  # fmt: skip
    if entry.kind == "symlink":
        return {**common, "target": entry.source.target}
    if entry.kind == "submodule":
        return {**common, "submodule_git_url": entry.source.submodule, "download_url": None}
    if len(entry.data) > IN_JSON:
        return {**common, "content": "", "encoding": "none"}
    return {**common, "content": base64.encodebytes(entry.data).decode(), "encoding": "base64"}


def _commit(name: str, number: int, commit: CommitData) -> Json:
    sha, api = _sha(name, number), f"https://api.github.com/repos/{name}"
    who: Json = {
        "name": commit.by, "email": f"{commit.by.split()[0].lower()}@acme.example",
        "date": commit.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    tree: Json = {"sha": _sha(sha, "tree"), "url": f"{api}/git/trees/{_sha(sha, 'tree')}"}
    details: Json = {
        "url": f"{api}/git/commits/{sha}", "author": who, "committer": who, "message": commit.message, "tree": tree,
        "comment_count": 0,
    }  # fmt: skip
    parents: list[JsonValue] = [{"sha": _sha(name, number - 1), "url": f"{api}/commits/{_sha(name, number - 1)}"}]
    return {
        "sha": sha, "node_id": f"C_{sha[:20]}", "url": f"{api}/commits/{sha}", "commit": details,
        "comments_url": f"{api}/commits/{sha}/comments", "html_url": f"https://github.com/{name}/commit/{sha}",
        "author": {}, "committer": {}, "parents": parents if number > 1 else [],
    }  # fmt: skip
