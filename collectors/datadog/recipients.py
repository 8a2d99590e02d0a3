"""Whom a monitor tells: handles in its message, its escalation message and the account's notification rules. Pure.

The text that is shown, and so the handles in it, follows the state. "alert" = told whenever the monitor alerts.
"condition" = told in another bad state, or only where a condition holds that is not known here. "escalation" = told
when nobody answered. Apart from that: is a handle told when data stop coming, if the monitor notifies then at all? A
handle that is shown on recovery alone tells nobody that something is wrong. A handle names a target (the PagerDuty
service, the Slack channel) by its name in Datadog; whether the integration behind it works, which service or channel
that is over there, and who is in it, Datadog's read scopes do not tell: out of scope.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pydantic import JsonValue

from collectors.datadog.facts import Recipient
from collectors.datadog.reading import at, capped, number, text
from collectors.evidence import Origin, Resource, State, pointer

ALERT, CONDITION, ESCALATION = "alert", "condition", "escalation"
HANDLE = re.compile(r"(?<![\w.+-])@([A-Za-z0-9][\w.+-]*)(\{\{)?")
TAG = re.compile(r"\{\{\{?((?:(?!\{\{|\}\}).)*)\}\}\}?", re.DOTALL)
INSIDE = re.compile(r"\s*([#^/]?)\s*(\w*)")
KINDS: Mapping[str, str] = MappingProxyType({
    "pagerduty": "pagerduty", "slack": "slack", "teams": "teams", "opsgenie": "opsgenie", "victorops": "victorops",
    "oncall": "on-call team", "team": "team", "webhook": "webhook", "workflow": "workflow", "case": "case",
    "jira": "ticket", "servicenow": "ticket",
})  # fmt: skip
IS_ALERT, NO_DATA = "is_alert", "is_no_data"
STATES = (IS_ALERT, NO_DATA, "is_warning", "is_unknown", "is_alert_to_warning", "is_renotify")
NO, PERHAPS, YES = 0, 1, 2  # is it shown when the monitor alerts? NO = when nothing is wrong
PLAIN_TAG = re.compile(r"[\w.-]+:[\w./-]+")
ON_ALERT = ("transition_type:is_alert", "transition_type:alert")


def recipients(monitor: Mapping[str, JsonValue], here: str, rules: Sequence[JsonValue]) -> tuple[Recipient, ...]:
    """Each handle once, at its best; `here` points to the monitor and "/rules" to the rules in the body."""
    found: dict[str, Recipient] = {}
    silence = _of_silence(monitor, rules)
    every = (*_of_message(monitor, here), *_of_escalation(monitor, here), *_of_rules(monitor, rules))
    for one in sorted(every, key=lambda each: (ALERT, CONDITION, ESCALATION).index(each.when.value)):
        told = State(value="told" if one.handle.value in silence else "not told", origin=Origin.CODE)
        found.setdefault(one.handle.value, one.model_copy(update={"silence": told}))
    return tuple(found.values())


def _handle(name: str) -> str:
    return f"@{capped(name, 150)}"


def _recipient(handle: str, when: str, place: str) -> Recipient:
    kind, target = _target(handle)
    return Recipient(
        handle=Resource(value=_handle(handle), pointer=place),
        kind=State(value=kind, origin=Origin.CODE), when=State(value=when, origin=Origin.CODE),
        target=Resource(value=capped(target, 150), origin=Origin.CODE),
    )  # fmt: skip


def _target(handle: str) -> tuple[str, str]:
    """What kind of thing is told, and its name: ("pagerduty", "finance-ai"). A person's address is hashed by now."""
    head, dash, rest = handle.partition("-")
    if handle == "all":
        return "everybody", handle
    if head == "person" and dash:
        return "person", handle
    if head in KINDS and (rest or head == "pagerduty"):  # without a service it means all of them
        return KINDS[head], rest or handle
    return "other", handle


def _of_message(monitor: Mapping[str, JsonValue], here: str) -> Iterator[Recipient]:
    message = text(monitor.get("message")) or ""
    for level, when in ((YES, ALERT), (PERHAPS, CONDITION)):
        for handle in handles(shown(message, level)):
            yield _recipient(handle, when, here + "/message")


def _of_silence(monitor: Mapping[str, JsonValue], rules: Sequence[JsonValue]) -> set[str]:
    """The handles that are told of missing data, whatever else is the case."""
    named = handles(shown(text(monitor.get("message")) or "", YES, NO_DATA))
    for rule in rules:
        told = at(rule, "attributes", "recipients")
        if applies(rule, monitor) == YES and isinstance(told, list):
            named += [handle.removeprefix("@") for handle in map(text, told) if handle]
    return {_handle(name) for name in named}


def _of_escalation(monitor: Mapping[str, JsonValue], here: str) -> Iterator[Recipient]:
    """It is sent only by a monitor that notifies again."""
    message = text(at(monitor.get("options"), "escalation_message"))
    if message is None or not number(at(monitor.get("options"), "renotify_interval")):
        return
    for handle in handles(shown(message, PERHAPS)):
        yield _recipient(handle, ESCALATION, here + "/options/escalation_message")


def handles(message: str) -> list[str]:
    """Handles that stand there in full; one that is put together at run time proves nobody."""
    return [match[1].rstrip(".-") for match in HANDLE.finditer(message) if not match[2]]


def shown(message: str, least: int, state: str = IS_ALERT) -> str:
    """The text that is shown in a state (`least` YES), or perhaps then (PERHAPS). Variables are "{{".

    Where a block ends that is not the innermost, the message is not understood, and none of it is surely shown.
    """
    said: list[str] = []
    blocks: list[tuple[str, str]] = []
    read = 0
    message = _without_comments(message)
    for tag in TAG.finditer(message):
        sign, name = _inside(tag)
        if _level(blocks, state) >= least:
            said.append(message[read : tag.start()] + _in_its_place(tag))
        if sign in ("#", "^"):
            blocks.append((sign, name))
        elif sign == "/":
            if not blocks or blocks.pop()[1] != name:
                return TAG.sub(_in_its_place, message) if least < YES else ""
        elif name == "else" and blocks:
            blocks[-1] = ("^" if blocks[-1][0] == "#" else "#", blocks[-1][1])
        read = tag.end()
    return "".join(said) + (message[read:] if _level(blocks, state) >= least else "")


def _without_comments(message: str) -> str:
    kept, read = [], 0
    while (start := message.find("{{!--", read)) >= 0 and (end := message.find("--}}", start)) >= 0:
        kept.append(message[read:start])
        read = end + len("--}}")
    return "{{}}".join([*kept, message[read:]])


def _inside(tag: re.Match[str]) -> tuple[str, str]:
    """("#", "is_alert") of {{#is_alert}}, ("", "host") of {{host.name}}."""
    found = INSIDE.match(tag[1])
    assert found is not None  # it may match nothing, and never fails
    return found[1], found[2]


def _in_its_place(tag: re.Match[str]) -> str:
    sign, name = _inside(tag)
    return " " if sign or name == "else" else "{{"


def _level(blocks: Sequence[tuple[str, str]], state: str) -> int:
    return min((_of_block(sign, name, state) for sign, name in blocks), default=YES)


def _of_block(sign: str, name: str, state: str) -> int:
    if name.endswith("recovery"):
        return NO if sign == "#" else YES
    if name == state:
        return YES if sign == "#" else PERHAPS
    return YES if name in STATES and sign == "^" else PERHAPS


# --- notification rules -----------------------------------------------------------------------------------------------


def applies(rule: JsonValue, monitor: Mapping[str, JsonValue]) -> int:
    """Does the rule take this monitor's notifications? YES only where all tags that it asks for are the monitor's."""
    wanted = _wanted_tags(at(rule, "attributes", "filter"))
    return PERHAPS if wanted is None else min((_has(tag, monitor) for tag in wanted), default=PERHAPS)


def _wanted_tags(given: JsonValue) -> list[str] | None:
    """The tags that must all be there; None for an expression that is not taken apart."""
    tags, scope = at(given, "tags"), text(at(given, "scope"))
    parts = scope.split(" AND ") if scope is not None else tags if isinstance(tags, list) else [None]
    plain = [part.strip() for part in parts if isinstance(part, str) and PLAIN_TAG.fullmatch(part.strip())]
    return plain if len(plain) == len(parts) else None


def _has(tag: str, monitor: Mapping[str, JsonValue]) -> int:
    """A tag that is not the monitor's own may still be that of a group of its query."""
    own = monitor.get("tags")
    if isinstance(own, list) and tag in own:
        return YES
    grouped = re.search(rf"\b{re.escape(tag.partition(':')[0])}\b", text(monitor.get("query")) or "")
    return PERHAPS if grouped else NO


def _of_rules(monitor: Mapping[str, JsonValue], rules: Sequence[JsonValue]) -> Iterator[Recipient]:
    for i, rule in enumerate(rules):
        takes = applies(rule, monitor)
        if takes == NO:
            continue
        for level, path, told in _routes(rule, monitor):
            place = pointer("rules", i, "attributes", *path)
            for j, name in enumerate(told if isinstance(told, list) else ()):
                if (handle := text(name)) and level != NO:
                    when = ALERT if min(level, takes) == YES else CONDITION
                    yield _recipient(handle.removeprefix("@"), when, f"{place}/{j}")


def _routes(
    rule: JsonValue, monitor: Mapping[str, JsonValue]
) -> Iterator[tuple[int, tuple[str | int, ...], JsonValue]]:
    """Each list of recipients of a rule: when it is told, and where it stands."""
    given = at(rule, "attributes")
    yield YES, ("recipients",), at(given, "recipients")
    conditional = at(given, "conditional_recipients")
    conditions = at(conditional, "conditions")
    for i, condition in enumerate(conditions if isinstance(conditions, list) else ()):
        place = ("conditional_recipients", "conditions", i, "recipients")
        yield _under(text(at(condition, "scope")) or "", monitor), place, at(condition, "recipients")
    yield PERHAPS, ("conditional_recipients", "fallback_recipients"), at(conditional, "fallback_recipients")


def _under(scope: str, monitor: Mapping[str, JsonValue]) -> int:
    if scope in ON_ALERT:
        return YES
    if scope.startswith("transition_type:"):
        return NO if scope.endswith("recovery") else PERHAPS
    return YES if PLAIN_TAG.fullmatch(scope) and _has(scope, monitor) == YES else PERHAPS
