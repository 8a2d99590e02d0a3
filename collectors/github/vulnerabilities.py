"""Collector `github.vulnerabilities`: when a repository's code was scanned, and which findings are still open.

Code scanning's newest analyses of the default branch, its open alerts there, and Dependabot's open alerts. Out of
scope: what the scanner can find, alerts that people dismissed (GitHub keeps who and why), secrets, other repositories,
images and machines. Alerts of code quality have tags, none of them of security, and are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.errors import Gone, Malformed, Truncated
from collectors.evidence import Answer, Completeness, Resource, State, Time, pointer
from collectors.github.client import answer_all, refused
from collectors.github.facts import Scan, VulnerabilitiesAsk, VulnerabilitiesFacts, Vulnerability
from collectors.github.runs import site_of
from collectors.http import Response, value_of
from collectors.wire import Instant, Json, Wire

PAGE, MOST_PAGES = 100, 50
SCANNING = "the permission Code scanning alerts: read on the repository"
METADATA = "the permission Metadata: read on the repository"
DEPENDABOT = "the permission Dependabot alerts: read on the repository"
OF_SCAN = ("id", "ref", "commit_sha", "created_at", "error", "category", "results_count")
OF_SECURITY = re.compile("security|cwe|owasp|cve", re.IGNORECASE)
Params = dict[str, str | int]


class _Scan(Wire):
    ref: str
    created_at: Instant
    error: str | None  # null as the text that is empty


class _Repository(Wire):
    default_branch: str


class _Rule(Wire):
    security_severity_level: Literal["low", "medium", "high", "critical"] | None
    tags: list[str] | None = None

    @property
    def of_security(self) -> bool:
        """Whether the alert is one of security; one of which that is not told counts as such.

        CodeQL tags every rule; other tools often give neither tags nor a severity of security.
        """
        if self.security_severity_level is not None or not self.tags:
            return True
        return any(OF_SECURITY.search(tag) for tag in self.tags)


class _Found(Wire):
    number: int
    state: Literal["open"]
    created_at: Instant
    rule: _Rule


class _Advisory(Wire):
    severity: Literal["low", "medium", "high", "critical"]


class _Dependency(Wire):
    number: int
    state: Literal["open"]
    created_at: Instant
    security_advisory: _Advisory


def vulnerabilities(conn: Connections, asks: Sequence[VulnerabilitiesAsk]) -> Iterable[Answer]:
    """The newest scans of a repository's default branch, and every open alert of code scanning and Dependabot."""
    return answer_all(conn, asks, _answering)


def _answering(asking: Asking) -> Callable[[VulnerabilitiesAsk], Answer]:
    return lambda ask: _answer(asking, ask)


def _answer(asking: Asking, ask: VulnerabilitiesAsk) -> Answer:
    mark = len(asking.log.calls)
    newest = scans(asking, ask)
    code = _followed(asking, ask, "code-scanning", SCANNING)
    dependencies = _followed(asking, ask, "dependabot", DEPENDABOT)
    body: dict[str, JsonValue] = {
        "repository": {"full_name": ask.repository},
        "scans": [wire.kept(one, OF_SCAN) for one in newest],
        "code": [_kept(one, "rule", "security_severity_level", "tags") for one in code],
        "dependencies": [_kept(one, "security_advisory", "severity") for one in dependencies],
    }
    facts = VulnerabilitiesFacts(
        repository=_name(ask), scans=tuple(_scan(i, one) for i, one in enumerate(newest)),
        open=(*_code(code), *_dependencies(dependencies)),
    )  # fmt: skip
    return asking.sealed(
        ask, facts, body, since=mark, link=f"{site_of(asking.source.base_url)}/{ask.repository}/security",
        completeness=Completeness(
            pages=len(asking.log.calls) - mark, items=len(newest) + len(code) + len(dependencies),
            note=f"of the scans, the newest {PAGE} at most; of the open alerts, all",
        ),
        redacted=("what each alert is about, and who is assigned to it",),
    )  # fmt: skip


def _name(ask: VulnerabilitiesAsk) -> Resource:
    return Resource(value=ask.repository, pointer=pointer("repository", "full_name"))


def scans(asking: Asking, ask: VulnerabilitiesAsk, size: int = PAGE) -> list[Json]:
    """The newest analyses of the default branch; Gone where code scanning never ran, or may not be seen."""
    branch = _default_branch(asking, ask)
    path, what = f"/repos/{ask.repository}/code-scanning/analyses", f"the scans of {ask.repository}"
    asked: Params = {"ref": f"refs/heads/{branch}", "sort": "created", "direction": "desc", "per_page": size}
    told = asking.told(what, "GET", path)
    found = wire.objects(_good(asking.get(path, what, asked), told, SCANNING), told)
    if any(wire.read(_Scan, one, told).ref != asked["ref"] for one in found):
        raise Malformed(f"{told} answered with scans of another branch", status=200)
    return found


def _default_branch(asking: Asking, ask: VulnerabilitiesAsk) -> str:
    path, what = f"/repos/{ask.repository}", f"the repository {ask.repository}"
    told = asking.told(what, "GET", path)
    return wire.read(_Repository, _good(asking.get(path, what), told, METADATA), told).default_branch


def page_of(
    asking: Asking, ask: VulnerabilitiesAsk, kind: str, scope: str, at: Params, size: int = PAGE
) -> tuple[list[Json], Response, str]:  # fmt: skip
    """One page of open alerts of "code-scanning" or "dependabot"."""
    path, what = f"/repos/{ask.repository}/{kind}/alerts", f"the open alerts of {ask.repository}"
    told = asking.told(what, "GET", path)
    response = asking.get(path, what, {"state": "open", "per_page": size, **at})
    return wire.objects(_good(response, told, scope), told), response, told


def _followed(asking: Asking, ask: VulnerabilitiesAsk, kind: str, scope: str) -> list[Json]:
    """Every open alert. The next page is asked for by what its link says, never at the link itself."""
    found: list[Json] = []
    at: Params = {}
    for _ in range(MOST_PAGES):
        page, response, told = page_of(asking, ask, kind, scope, at)
        found += page
        coming = _next(response)
        if coming is None:
            return found
        if coming in ({}, at) or not page:
            raise Truncated(f"{told} gave a next page that leads nowhere after {len(found)} alerts", status=200)
        at = coming
    raise Truncated(f"{told} did not end within {MOST_PAGES} pages of {PAGE}", status=200)


def _next(response: Response) -> Params | None:
    for link in response.headers.get_list("link", split_commas=True):
        found = re.fullmatch(r'\s*<([^<>]*)>\s*;(?:.*;)?\s*rel="?next"?\s*(?:;.*)?', link)
        if found:
            asked = parse_qs(urlsplit(found[1]).query)
            return {name: asked[name][0] for name in ("after", "page") if name in asked}
    return None


def _good(response: Response, told: str, scope: str) -> JsonValue:
    if response.status_code == 403 and re.search(rb"disabled for this|must be enabled|not enabled", response.content):
        raise Gone(
            f"{told} answered 403: it is switched off in this repository", status=403,
            advice="Switch it on in the repository's settings, let it run, then check this item again.",
        )  # fmt: skip
    if response.status_code != 200:
        raise refused(response, told, scope)
    return value_of(response, told)


def _kept(told: Json, part: str, *names: str) -> Json:
    inner = told.get(part)
    about: Json = {part: wire.kept(inner, names)} if isinstance(inner, dict) else {}
    return {**wire.kept(told, ("number", "state", "created_at")), **about}


def _scan(place: int, told: Json) -> Scan:
    scan, here = wire.read(_Scan, told, "GitHub's scans"), ("scans", place)
    error = State(value=scan.error[:80], pointer=pointer(*here, "error")) if scan.error else None
    return Scan(at=_time(scan.created_at, *here), error=error)


def _code(listed: Sequence[Json]) -> list[Vulnerability]:
    found = [wire.read(_Found, one, "GitHub's alerts of code scanning") for one in listed]
    return [
        Vulnerability(
            at=_time(one.created_at, "code", i),
            severity=_severity(one.rule.security_severity_level, "code", i, "rule", "security_severity_level"),
        )
        for i, one in enumerate(found)
        if one.rule.of_security
    ]


def _dependencies(listed: Sequence[Json]) -> list[Vulnerability]:
    found = [wire.read(_Dependency, one, "GitHub's alerts of Dependabot") for one in listed]
    at = ("security_advisory", "severity")
    return [
        Vulnerability(
            at=_time(one.created_at, "dependencies", i),
            severity=_severity(one.security_advisory.severity, "dependencies", i, *at),
        )
        for i, one in enumerate(found)
    ]


def _severity(level: str | None, *path: str | int) -> State | None:
    return State(value=level, pointer=pointer(*path)) if level else None


def _time(at: Instant, *path: str | int) -> Time:
    return Time(value=at, at=at, pointer=pointer(*path, "created_at"))
