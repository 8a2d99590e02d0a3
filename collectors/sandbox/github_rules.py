"""What GitHub answers of a branch's rules: rulesets as a list, the branch's own protection as one object."""

from __future__ import annotations

from pydantic import JsonValue

from collectors.evidence import Model

Json = dict[str, JsonValue]


class RulesData(Model):
    """What a change needs; `admins`: whether administrators are bound, `pass_by`: logins that need no review.

    `dismisses`: whether a new commit takes back the approvals from before it; None = GitHub says nothing of it.
    """

    reviews: int | None = None
    checks: tuple[str, ...] = ()
    rewriting: bool = False
    admins: bool = True
    pass_by: tuple[str, ...] = ()
    dismisses: bool | None = True


def rulesets(held: RulesData | None) -> list[JsonValue]:
    """The rules one by one, each with the ruleset that it comes from."""
    if held is None:
        return []
    of: Json = {"ruleset_source_type": "Organization", "ruleset_source": "acme", "ruleset_id": 42}
    rules: list[JsonValue] = [] if held.rewriting else [{"type": "non_fast_forward", **of}]
    if held.reviews is not None:
        asked: Json = {"required_approving_review_count": held.reviews}
        asked |= {} if held.dismisses is None else {"dismiss_stale_reviews_on_push": held.dismisses}
        rules.append({"type": "pull_request", **of, "parameters": asked})
    if held.checks:
        contexts: list[JsonValue] = [{"context": one} for one in held.checks]
        rules.append({"type": "required_status_checks", **of, "parameters": {"required_status_checks": contexts}})
    return rules


def protection(held: RulesData) -> Json:
    told: Json = {"enforce_admins": {"enabled": held.admins}, "allow_force_pushes": {"enabled": held.rewriting}}
    if held.reviews is not None:
        users: list[JsonValue] = [{"login": one} for one in held.pass_by]
        allowed: Json = {"bypass_pull_request_allowances": {"users": users, "teams": [], "apps": []}}
        asked: Json = {} if held.dismisses is None else {"dismiss_stale_reviews": held.dismisses}
        told["required_pull_request_reviews"] = {"required_approving_review_count": held.reviews, **allowed, **asked}
    if held.checks:
        told["required_status_checks"] = {"strict": True, "contexts": [*held.checks]}
    return told
