"""Users, services and escalation policies: one by id, or listed."""

from __future__ import annotations

from collectors.sandbox.pagerduty.account import Account
from collectors.sandbox.pagerduty.asking import ACCOUNT_KEY, include, not_found, page
from collectors.sandbox.server import Asked, Reply, reply_json

OF_USER = ("contact_methods", "notification_rules", "teams", "subdomains", "calendar_urls")
OF_SERVICE = ("escalation_policies", "teams", "integrations", "auto_pause_notifications_parameters")
OF_POLICY = ("services", "teams", "targets")


def abilities(account: Account, asked: Asked, id: str) -> Reply:
    return reply_json({"abilities": [*account.estate.abilities]})


def me(account: Account, asked: Asked, id: str) -> Reply:
    """The key of a world belongs to the account, not to a user; the error is a text here, not an object."""
    return reply_json({"error": ACCOUNT_KEY}, 400)


def users(account: Account, asked: Asked, id: str) -> Reply:
    wanted, query = include(asked, *OF_USER), (asked.one("query") or "").lower()
    found = [user for user in account.estate.users if query in user.name.lower() or query in user.email.lower()]
    return page(asked, "users", found, lambda user: account.bodies.user(user, wanted))


def user(account: Account, asked: Asked, id: str) -> Reply:
    found = account.bodies.users.get(id)
    if found is None:
        raise not_found()
    return reply_json({"user": account.bodies.user(found, include(asked, *OF_USER))})


def services(account: Account, asked: Asked, id: str) -> Reply:
    wanted, query = include(asked, *OF_SERVICE), (asked.one("query") or "").lower()
    found = [service for service in account.estate.services if query in service.name.lower()]
    return page(asked, "services", found, lambda service: account.bodies.service(service, wanted))


def service(account: Account, asked: Asked, id: str) -> Reply:
    found = account.bodies.services.get(id)
    if found is None:
        raise not_found()
    return reply_json({"service": account.bodies.service(found, include(asked, *OF_SERVICE))})


def policies(account: Account, asked: Asked, id: str) -> Reply:
    wanted, query = include(asked, *OF_POLICY), (asked.one("query") or "").lower()
    found = [policy for policy in account.estate.policies if query in policy.name.lower()]
    return page(asked, "escalation_policies", found, lambda policy: account.bodies.policy(policy, wanted))


def policy(account: Account, asked: Asked, id: str) -> Reply:
    found = account.bodies.policies.get(id)
    if found is None:
        raise not_found()
    return reply_json({"escalation_policy": account.bodies.policy(found, include(asked, *OF_POLICY))})
