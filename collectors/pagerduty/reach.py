"""How one person is reached: contact methods and high-urgency rules."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.errors import Malformed
from collectors.pagerduty.client import Got, Outcome, Reader
from collectors.pagerduty.facts import ContactMethod, NotificationRule, Responder
from collectors.pagerduty.paging import Listing
from collectors.pagerduty.reading import Node, minutes, person, resource, state
from collectors.pagerduty.shelf import Shelf

INCLUDE = ("contact_methods", "notification_rules")
SCOPE = "users:contact_methods.read"
# Which flags a kind of method carries: push has no `enabled`, e-mail no `blacklisted`.
NEVER_DISABLED, NEVER_BARRED = "push_notification_contact_method", "email_contact_method"


def users(reader: Reader, ids: Iterable[str]) -> dict[str, Outcome]:
    """The users with contact methods and notification rules written out."""
    return Shelf("user", Listing("/users", "users", (("include[]", INCLUDE),)), _alone, _is_written_out).take(
        reader, ids
    )


def _alone(reader: Reader, id: str) -> Got:
    return reader.one("user", "users", id, {"include[]": [*INCLUDE]})


def _is_written_out(row: Node) -> bool:
    return bool(_full(row["contact_methods"]) or _full(row["notification_rules"]))


def responder(found: Node) -> Responder:
    """How the person is reached; Malformed when that cannot be told."""
    id = found["id"].text()
    methods, unsure = _methods(found)
    rules = tuple(_rule(rule) for rule in _full(found["notification_rules"]) if rule["urgency"].text() == "high")
    usable = {method.id for method in methods if method.enabled}
    if unsure and not any(rule.method_id in usable for rule in rules):
        raise Malformed(f"PagerDuty does not say at {unsure[0]} whether the only ways to reach user {id} are enabled")
    invited = found["invitation_sent"]
    return Responder(
        person=person(found["name"], id), invited=not invited.absent and invited.flag(), methods=methods, rules=rules
    )


def _methods(found: Node) -> tuple[tuple[ContactMethod, ...], list[str]]:
    """The methods, and where PagerDuty does not say whether one is enabled (such a method counts as disabled)."""
    methods, unsure = [], []
    for method in _full(found["contact_methods"]):
        enabled = _enabled(method)
        if enabled is None:
            unsure.append(method.at)
        methods.append(ContactMethod(id=method["id"].text(), type=resource(method["type"]), enabled=bool(enabled)))
    return tuple(methods), unsure


def _enabled(method: Node) -> bool | None:
    """Whether the method works; None when a flag that this kind carries is missing."""
    kind = method["type"].text()
    enabled, barred = method["enabled"], method["blacklisted"]
    if (not enabled.absent and not enabled.flag()) or (not barred.absent and barred.flag()):
        return False
    if (enabled.absent and kind != NEVER_DISABLED) or (barred.absent and kind != NEVER_BARRED):
        return None
    return True


def _rule(rule: Node) -> NotificationRule:
    return NotificationRule(
        method_id=rule["contact_method"]["id"].text(), urgency=state(rule["urgency"]),
        delay=minutes(rule["start_delay_in_minutes"]),
    )  # fmt: skip


def _full(items: Node) -> list[Node]:
    """The items; a mere reference says nothing of whether a person can be reached."""
    found = list(items)
    for item in found:
        if item["type"].text().endswith("_reference"):
            raise Malformed(
                f"PagerDuty gave only a reference at {item.at}: the key may lack {SCOPE}", scope=SCOPE, status=200,
                advice=f"Give the key {SCOPE}, then check this item again.",
            )  # fmt: skip
    return found
