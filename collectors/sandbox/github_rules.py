"""What GitHub answers of a branch's rules: rulesets as a list, the branch's own protection as one object."""

from __future__ import annotations

from pydantic import JsonValue

from collectors.evidence import Model

Json = dict[str, JsonValue]


class RulesData(Model):
    """What a change needs; `admins`: whether administrators are bound, `pass_by`: logins that need no review."""

    reviews: int | None = None
    checks: tuple[str, ...] = ()
    rewriting: bool = False
    admins: bool = True
    pass_by: tuple[str, ...] = ()


def rulesets(held: RulesData | None) -> list[JsonValue]:
    """The rules one by one, each with the ruleset that it comes from."""
    if held is None:
        return []
    of: Json = {"ruleset_source_type": "Organization", "ruleset_source": "acme", "ruleset_id": 42}
    rules: list[JsonValue] = [] if held.rewriting else [{"type": "non_fast_forward", **of}]
    if held.reviews is not None:
        rules.append({"type": "pull_request", **of, "parameters": {"required_approving_review_count": held.reviews}})
    if held.checks:
        contexts: list[JsonValue] = [{"context": one} for one in held.checks]
        rules.append({"type": "required_status_checks", **of, "parameters": {"required_status_checks": contexts}})
    return rules


def protection(held: RulesData) -> Json:
    told: Json = {"enforce_admins": {"enabled": held.admins}, "allow_force_pushes": {"enabled": held.rewriting}}
    if held.reviews is not None:
        users: list[JsonValue] = [{"login": one} for one in held.pass_by]
        allowed: Json = {"bypass_pull_request_allowances": {"users": users, "teams": [], "apps": []}}
        told["required_pull_request_reviews"] = {"required_approving_review_count": held.reviews, **allowed}
    if held.checks:
        told["required_status_checks"] = {"strict": True, "contexts": [*held.checks]}
    return told
