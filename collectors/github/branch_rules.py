"""Collector `github.branch_rules`: what a change has to pass before it reaches a branch.

Both kinds of rules count: rulesets (of the repository and above it) and the branch's own protection. Who may pass by a
ruleset's rules GitHub tells to those who may write only, so that is "not told". Out of scope: what was merged before
the rules were there; what the checks do; rules for tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from urllib.parse import quote

from pydantic import JsonValue

from collectors import wire
from collectors.asking import Asking
from collectors.connections import Connections
from collectors.errors import Truncated
from collectors.evidence import Answer, Completeness, Number, Origin, Resource, State, pointer
from collectors.github.client import answer_all, refused
from collectors.github.facts import BranchRulesAsk, BranchRulesFacts
from collectors.github.runs import site_of
from collectors.github.vulnerabilities import METADATA
from collectors.http import Response, value_of
from collectors.wire import Json, Wire

PAGE, MOST_PAGES = 100, 10
ADMINISTRATION = "the permission Administration: read on the repository"
OPEN = b"Branch not protected"
OF_RULE = ("type", "ruleset_source_type", "ruleset_id", "parameters")
OF_PROTECTION = ("required_status_checks", "required_pull_request_reviews", "enforce_admins", "allow_force_pushes")


class _Flag(Wire):
    enabled: bool


class _Reviews(Wire):
    required_approving_review_count: int
    dismiss_stale_reviews: bool | None = None
    bypass_pull_request_allowances: dict[str, list[JsonValue]] = {}

    @property
    def passed_by(self) -> bool:
        return any(self.bypass_pull_request_allowances.values())


class _Checks(Wire):
    contexts: list[str]


class _Protection(Wire):
    required_pull_request_reviews: _Reviews | None = None
    required_status_checks: _Checks | None = None
    enforce_admins: _Flag
    allow_force_pushes: _Flag


class _Rule(Wire):
    type: str
    parameters: Json | None = None


class _Asked(Wire):
    required_approving_review_count: int
    dismiss_stale_reviews_on_push: bool | None = None


class _Context(Wire):
    context: str


class _Needed(Wire):
    required_status_checks: list[_Context]


def branch_rules(conn: Connections, asks: Sequence[BranchRulesAsk]) -> Iterable[Answer]:
    """Reviews and checks that a branch demands of every change, from its rulesets and its own protection."""
    return answer_all(conn, asks, _answering)


def _answering(asking: Asking) -> Callable[[BranchRulesAsk], Answer]:
    return lambda ask: _answer(asking, ask)


def _answer(asking: Asking, ask: BranchRulesAsk) -> Answer:
    mark = len(asking.log.calls)
    rules = [*_rules(asking, ask)]
    own = protection(asking, ask)
    body: dict[str, JsonValue] = {
        "asked": {"repository": ask.repository, "branch": ask.branch},
        "rules": [wire.kept(one, OF_RULE) for one in rules],
        "protection": _kept(own) if own is not None else {"enabled": False},
    }
    return asking.sealed(
        ask, _facts(ask, rules, own), body, since=mark,
        link=f"{site_of(asking.source.base_url)}/{ask.repository}/settings/branches",
        completeness=Completeness(pages=len(asking.log.calls) - mark, items=len(rules) + (own is not None)),
        redacted=("people, teams and apps that the rules name",),
    )  # fmt: skip


def _rules(asking: Asking, ask: BranchRulesAsk) -> Iterator[Json]:
    for number in range(1, MOST_PAGES + 1):
        page, told = rules_page(asking, ask, number)
        yield from page
        if len(page) < PAGE:
            return
    raise Truncated(f"{told} did not end within {MOST_PAGES} pages of {PAGE}", status=200)


def rules_page(asking: Asking, ask: BranchRulesAsk, number: int) -> tuple[list[Json], str]:
    """One page of the rulesets' rules that hold for the branch."""
    path = f"/repos/{ask.repository}/rules/branches/{quote(ask.branch, safe='')}"
    what = f"the rules of {ask.branch}"
    told = asking.told(what, "GET", path)
    response = asking.get(path, what, {"per_page": PAGE, "page": number})
    return wire.objects(_good(response, told, METADATA), told), told


def protection(asking: Asking, ask: BranchRulesAsk) -> Json | None:
    """The branch's own protection; None where GitHub says that it has none, which a hidden one never gives."""
    path = f"/repos/{ask.repository}/branches/{quote(ask.branch, safe='')}/protection"
    what = f"the protection of {ask.branch}"
    told = asking.told(what, "GET", path)
    response = asking.get(path, what)
    if response.status_code == 404 and OPEN in response.content:
        return None
    (held,) = wire.objects([_good(response, told, ADMINISTRATION)], told)
    wire.read(_Protection, held, told)
    return held


def _good(response: Response, told: str, scope: str) -> JsonValue:
    if response.status_code != 200:
        raise refused(response, told, scope)
    return value_of(response, told)


def _kept(own: Json) -> Json:
    """Without whom the protection names."""
    kept = wire.kept(own, OF_PROTECTION)
    reviews = own.get("required_pull_request_reviews")
    if isinstance(reviews, dict):
        read = wire.read(_Reviews, reviews, "GitHub's protection")
        count: Json = {"required_approving_review_count": read.required_approving_review_count}
        stale: Json = {"dismiss_stale_reviews": read.dismiss_stale_reviews}
        kept["required_pull_request_reviews"] = count | stale | {"some_pass_by": read.passed_by}
    return kept


def _facts(ask: BranchRulesAsk, rules: Sequence[Json], own: Json | None) -> BranchRulesFacts:
    what = "GitHub's rules"
    read = [wire.read(_Rule, one, what) for one in rules]
    guard = wire.read(_Protection, own, what) if own is not None else None
    reviews = [wire.read(_Asked, one.parameters, what) for one in read if one.type == "pull_request"]
    needed = [wire.read(_Needed, one.parameters, what) for one in read if one.type == "required_status_checks"]
    counts = [one.required_approving_review_count for one in reviews]
    checks = {check.context for one in needed for check in one.required_status_checks}
    if guard and guard.required_pull_request_reviews:
        counts.append(guard.required_pull_request_reviews.required_approving_review_count)
    if guard and guard.required_status_checks:
        checks |= {*guard.required_status_checks.contexts}
    refuses = any(one.type == "non_fast_forward" for one in read) or (guard and not guard.allow_force_pushes.enabled)
    most, stale = max([0, *counts]), _stale(reviews, guard)
    return BranchRulesFacts(
        repository=Resource(value=ask.repository, pointer=pointer("asked", "repository")),
        branch=Resource(value=ask.branch, pointer=pointer("asked", "branch")),
        reviews=Number(value=most, unit="reviews", origin=Origin.CODE),
        checks=Number(value=len(checks), unit="checks", origin=Origin.CODE),
        rewriting=_word("refused" if refuses else "allowed"),
        stale=_word(stale),
        bypass=_word(_bypass(bool(reviews and needed), guard, most, stale)),
    )  # fmt: skip


def _stale(reviews: Sequence[_Asked], guard: _Protection | None) -> str:
    """What becomes of approvals when commits are pushed after them: of several rules the strictest holds."""
    own = guard.required_pull_request_reviews if guard else None
    said = [one.dismiss_stale_reviews_on_push for one in reviews] + ([own.dismiss_stale_reviews] if own else [])
    if any(said):
        return "dismissed"
    return "not told" if None in said or not said else "kept"


def _bypass(by_rulesets: bool, guard: _Protection | None, reviews: int, stale: str) -> str:
    """Where the protection alone asks for all that counts here, it tells whom it binds; else nobody tells us."""
    own = guard.required_pull_request_reviews if guard else None
    if not (guard and own and guard.required_status_checks and guard.required_status_checks.contexts):
        return "not told"
    if own.required_approving_review_count < reviews or guard.allow_force_pushes.enabled:
        return "not told"  # a ruleset asks for the rest
    if stale == "dismissed" and not own.dismiss_stale_reviews:
        return "not told"  # so here
    if guard.enforce_admins.enabled and not own.passed_by:
        return "nobody"
    return "not told" if by_rulesets else "some"


def _word(value: str) -> State:
    return State(value=value, origin=Origin.CODE)
