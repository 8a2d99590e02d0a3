"""Which services and schedules PagerDuty has. A service comes with the schedules that its policy pages, by level."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.connections import Connections
from collectors.discovery import Listing, Named, listed, unseen
from collectors.errors import NotConfigured, SourceError
from collectors.pagerduty import client
from collectors.pagerduty.client import Reader
from collectors.pagerduty.paging import Listing as Paged
from collectors.pagerduty.paging import read_all
from collectors.pagerduty.reading import Node

LISTS = {"service": "/services", "schedule": "/schedules", "schedule of shifts": "/v3/schedules"}
LEVELS = 2  # primary and backup


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Services with what their policies page, and both kinds of schedule: neither list shows the other kind."""
    if conn.pagerduty is None:
        absent = NotConfigured(f"PagerDuty was not asked: {client.SETTING} is not set")
        return [unseen("pagerduty", kind, absent) for kind in LISTS]
    try:
        with client.reading(conn, conn.pagerduty) as reader:
            return [
                listed("pagerduty", "service", lambda: _services(reader)),
                listed("pagerduty", "schedule", lambda: _schedules(reader, "schedule")),
                listed("pagerduty", "schedule of shifts", lambda: _schedules(reader, "schedule of shifts")),
            ]
    except SourceError as failure:
        return [unseen("pagerduty", kind, failure) for kind in LISTS]


def _services(reader: Reader) -> Iterator[Named]:
    for service in _items(reader, Paged("/services", "services", (("include[]", ("escalation_policies",)),))):
        said = "" if service["description"].absent else str(service["description"].value)
        yield Named(
            kind="service", id=service["id"].text(), name=service["name"].text(), said=said,
            related=tuple(_levels(service["escalation_policy"])),
        )  # fmt: skip


def _levels(policy: Node) -> Iterator[Named]:
    """The schedules on the first levels of a policy; nothing of one that came as a mere reference."""
    if policy.absent or policy["escalation_rules"].absent:
        return
    for level, rule in enumerate([*policy["escalation_rules"]][:LEVELS], 1):
        for target in rule["targets"]:
            if target["type"].text().startswith("schedule"):
                yield _named(f"level {level}", target)


def _schedules(reader: Reader, kind: str) -> Iterator[Named]:
    asked = Paged(LISTS[kind], "schedules", permission="schedules.read")
    yield from (_named(kind, schedule) for schedule in _items(reader, asked))


def _items(reader: Reader, asked: Paged) -> Iterator[Node]:
    found = read_all(reader, [asked])[asked]
    if found.got is None:
        raise found.failure or AssertionError("an outcome is an answer or a failure")
    yield from map(Node, found.got.items)


def _named(kind: str, schedule: Node) -> Named:
    name = schedule["summary"] if schedule["name"].absent else schedule["name"]
    return Named(kind=kind, id=schedule["id"].text(), name=name.text())
