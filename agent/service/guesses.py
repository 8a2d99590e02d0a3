"""Which of the listed things is most likely meant, and which others looked just as much alike. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collectors.discovery import Listing, Named
from collectors.likeness import ALIKE, SAME

TOLD = 3  # of the others that looked alike, how many are named


@dataclass(frozen=True)
class Guess:
    """One value of the draft. `others` looked as much like the subject's; `why` says what the guess rests on."""

    key: str
    value: str
    why: str
    others: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The words of the mark."""
        if not self.others:
            return self.why
        named = ", ".join(self.others[:TOLD]) + (", …" if len(self.others) > TOLD else "")
        return f"{self.why}; {len(self.others)} other{'s' * (len(self.others) > 1)} looked alike: {named}"


@dataclass(frozen=True)
class Listings:
    """What every source lists about one subject."""

    subject: str
    all: tuple[Listing, ...]

    def of(self, vendor: str, *kinds: str) -> list[Listing]:
        return [one for one in self.all if one.vendor == vendor and one.kind in kinds]

    def names(self, vendor: str, *kinds: str) -> list[Named]:
        return [named for one in self.of(vendor, *kinds) for named in one.names]

    def ranked(self, vendor: str, *kinds: str, by: Callable[[Named], float] | None = None) -> list[Named]:
        """Those that look like the subject's, best first; of equals the one that comes first by name."""
        score = by or (lambda one: one.like(self.subject))
        alike = [one for one in self.names(vendor, *kinds) if score(one) >= ALIKE]
        return sorted(alike, key=lambda one: (-score(one), one.parent, one.id))

    def nothing(self, vendor: str, *kinds: str) -> str:
        """Why there is no guess: what could not be seen, or that nothing looked alike."""
        unseen = [one for one in self.of(vendor, *kinds) if one.reason]
        if unseen:
            return f"{vendor} {unseen[0].kind}s could not be seen ({str(unseen[0].reason).replace('_', ' ')})"
        return f"of {len(self.names(vendor, *kinds))} {kinds[0]}s at {vendor} none looks like it"

    def unseen(self) -> tuple[tuple[str, str, str, str], ...]:
        """(source, kind, reason, sentence) of each list that could not be read, and of each part of one."""
        whole = [(one.vendor, one.kind, str(one.reason.value), one.sentence) for one in self.all if one.reason]
        parts = [
            (one.vendor, f"{one.kind} {named.name}", "in part", named.unseen)
            for one in self.all for named in one.names if named.unseen
        ]  # fmt: skip
        return (*whole, *parts)


def as_much(ranked: Sequence[Named], subject: str) -> list[Named]:
    """Those of the best that cannot be told apart by their score."""
    if not ranked:
        return []
    best = ranked[0].like(subject)
    return [one for one in ranked if one.like(subject) >= SAME * best]


def called(one: Named) -> str:
    """How a person recognises it."""
    name = f"{one.parent}/{one.id}" if one.parent else one.id
    return name if one.name in (one.id, "") else f"{name} ({one.name})"
