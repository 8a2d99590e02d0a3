"""Asks every vendor at once which things it has by name; each vendor's own `discover` says how it is asked.

A listing is no evidence: it is never kept, and what comes of it is a draft that people go through line by line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

from collectors.connections import Connections
from collectors.doctor import VENDORS
from collectors.errors import SourceError, Truncated
from collectors.evidence import GapReason, Model
from collectors.likeness import ALIKE, alike

FUNCTIONS = {vendor: f"collectors.{vendor}.discover" for vendor in VENDORS} | {"documents": "collectors.document_names"}
SOURCES = tuple(FUNCTIONS)
DETAILED = 5  # of the things that look like the subject's, how many are looked at more closely


class Named(Model):
    """One thing that a source lists. `id` is what a card would name it by, `said` what its description says.

    `related` holds what belongs to it: the schedules of a service, the environments of a flag, a dashboard's queries;
    `unseen`, why that could not be seen.
    """

    kind: str
    id: str
    name: str
    said: str = ""
    parent: str = ""
    related: tuple[Named, ...] = ()
    unseen: str = ""

    def like(self, subject: str) -> float:
        """From 0 to 1; its id may look more like the subject than its name."""
        return max(alike(subject, self.name, self.said), alike(subject, self.id))


class Listing(Model):
    """Everything of one kind at one source, or why it could not be seen (`reason`, and `sentence` for people)."""

    vendor: str
    kind: str
    names: tuple[Named, ...] = ()
    reason: GapReason | None = None
    sentence: str = ""


def discover_all(conn: Connections, subject: str) -> list[Listing]:
    """What each source lists, in the order of SOURCES; things like the subject's are looked at more closely."""
    with ThreadPoolExecutor(len(SOURCES)) as pool:
        found = pool.map(lambda vendor: _discover(vendor, conn, subject), SOURCES)
        return [one for listings in found for one in listings]


def _discover(vendor: str, conn: Connections, subject: str) -> list[Listing]:
    told: list[Listing] = import_module(FUNCTIONS[vendor]).discover(conn, subject)
    return told


def listed(vendor: str, kind: str, read: Callable[[], Iterable[Named]]) -> Listing:
    """What `read` gives, to its end; a failure of it is told in its place, never a shorter list."""
    try:
        return Listing(vendor=vendor, kind=kind, names=tuple(read()))
    except SourceError as failure:
        return unseen(vendor, kind, failure)


def unseen(vendor: str, kind: str, failure: SourceError) -> Listing:
    return Listing(vendor=vendor, kind=kind, reason=failure.reason, sentence=f"{failure.what}. {failure.next_step}")


def closest(subject: str, names: Sequence[Named]) -> list[Named]:
    """The few that look most like the subject's, best first."""
    ranked = sorted((one for one in names if one.like(subject) >= ALIKE), key=lambda one: -one.like(subject))
    return ranked[:DETAILED]


def detailed(subject: str, names: Sequence[Named], more: Callable[[Named], Sequence[Named]]) -> list[Named]:
    """All of them; those that look most like the subject's with what `more` finds to belong to them."""
    wanted = {(one.parent, one.id) for one in closest(subject, names)}
    return [with_more(one, more) if (one.parent, one.id) in wanted else one for one in names]


def with_more(one: Named, more: Callable[[Named], Iterable[Named]]) -> Named:
    """It with what belongs to it, or with why that could not be seen."""
    try:
        return one.model_copy(update={"related": (*one.related, *more(one))})
    except SourceError as failure:
        return one.model_copy(update={"unseen": failure.what})


def endless(what: str, pages: int) -> Truncated:
    """The failure of a list that is still not at its end."""
    return Truncated(f"{what} did not end within {pages} pages", advice="Name what is meant on the card yourself.")
