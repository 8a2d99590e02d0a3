"""A digest as lines of plain text, for messages: what concerns somebody, and how much more there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.digests import Changed, Digest, Owned
from agent.drafting.values import clean
from agent.outputs.sweep import words

MOST = 12  # lines of one section
LONGEST = 280  # characters of one line
GATES = 2  # that a headline names


def is_silent(digest: Digest, told: Digest | None = None) -> bool:
    """Is there nothing of which somebody has to be told whom the digest `told` was sent last?"""
    if digest.changed or digest.troubles:
        return False
    return _standing(digest) == (_standing(told) if told else frozenset())


def _standing(digest: Digest) -> frozenset[tuple[object, ...]]:
    """What is due, ends or could not be seen, whichever review says so. A due day that came nearer is another."""
    return frozenset([
        *(("due", *one.model_dump(exclude={"review"}).values()) for one in digest.due),
        *(("ends", *one.model_dump(exclude={"review"}).values()) for one in digest.lapses),
        *(("blind", one.request_type, one.reason, one.subjects) for one in digest.blind),
    ])  # fmt: skip


def headline(digest: Digest) -> str:
    """Many gates are counted, so that what came of it is not what is cut off."""
    sandbox = "[SANDBOX] " if digest.sandbox else ""
    title = words.title(digest) if len(digest.gates) <= GATES else words.titled(digest, f"{len(digest.gates)} gates")
    return clean(f"{sandbox}{title}: {words.headline(digest)}", LONGEST)


def sections(digest: Digest) -> Iterator[tuple[str, list[str]]]:
    """Each with its first lines; a section that has nothing to say is left out."""
    yield from _section("Changed, worst first", (_changed(one) for one in digest.changed))
    yield from _section("By owner", (_owned(one) for one in digest.owners))
    yield from _section(
        "Ends before the launch", (f"{one.subject} at {one.gate}: {words.lapse(one)}" for one in digest.lapses)
    )
    for told, rows in words.due_by_nearness(digest):
        yield from _section(told, (f"{one.subject} at {one.gate}: {words.due(one)}" for one in rows))
    yield from _section("Could not be seen", (f"{words.blind(one)}: {one.what}" for one in digest.blind))
    yield from _section("Could not be reviewed", (f"{one.subject} at {one.gate}: {one.why}" for one in digest.troubles))
    yield from _section("Cost", (words.cost(digest.cost), words.models(digest.cost)))


def render(digest: Digest) -> str:
    """The whole message. Nothing that is answered to it signs or permits anything."""
    lines = [headline(digest)]
    for title, rows in sections(digest):
        lines += ["", title, *(f"- {row}" for row in rows)]
    return "\n".join([*lines, "", foot(digest)])


def foot(digest: Digest) -> str:
    return f"A sweep permits nothing. All of it: clearance digest {digest.sweep} --format html"


def _section(title: str, lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    rows = [clean(line, LONGEST) for line in lines]
    if rows:
        more = [f"and {len(rows) - MOST:,} more"] if len(rows) > MOST else []
        yield title, rows[:MOST] + more


def _changed(one: Changed) -> str:
    worse = [words.change(item) for item in one.items if item.worse] or [words.change(item) for item in one.items]
    said = "; ".join(worse)
    return f"{one.subject} at {one.gate}: {words.proposal(one)}" + (f" ({said})" if said else "")


def _owned(one: Owned) -> str:
    """Who, how much of what changed is theirs, and where; how it changed stands above."""
    where = "; ".join(f"{row.subject} at {row.gate}, {words.place(row.item)}" for row in one.changes)
    return f"{one.owner or 'Nobody is named'}, {words.counted(len(one.changes), 'change')}: {where}"
