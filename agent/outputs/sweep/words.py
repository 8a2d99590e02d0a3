"""The sentences of a digest that every format shares. Nothing in here is escaped yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from agent.digests import Blind, Changed, Cost, Digest, Due, ItemChange, Lapse, Unchanged


def day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def title(digest: Digest) -> str:
    return titled(digest, ", ".join(digest.gates))


def titled(digest: Digest, what: str) -> str:
    return f"Sweep of {what}, {digest.as_of:%Y-%m-%d %H:%M} {digest.as_of:%Z}".rstrip()


def headline(digest: Digest) -> str:
    """What came of it in one sentence."""
    parts = [f"{len(digest.changed):,} changed", f"{digest.quiet + digest.steady:,} did not"]
    if digest.troubles:
        parts.append(f"{len(digest.troubles):,} could not be reviewed")
    gates = f" at {len(digest.gates)} gates" if len(digest.gates) > 1 else ""
    return (
        f"{counted(digest.subjects, 'subject')}{gates}: "
        + ", ".join(parts)
        + (f"; since {digest.since} of {day(digest.since_at)}" if digest.since_at else "")
    )


def counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def proposal(one: Changed) -> str:
    if one.before is None:
        return f"{one.after.value}, seen for the first time"
    return one.after.value if one.before is one.after else f"{one.before.value} → {one.after.value}"


def change(item: ItemChange) -> str:
    """One item: what it is, how it stood and how it stands."""
    if not item.before or item.before == item.after:
        return f"{place(item)}: {item.after}"
    return f"{place(item)}: {item.before} → {item.after}"


def place(item: ItemChange) -> str:
    return f"item {item.where}, {item.title}" if item.where.isdigit() else item.title


def lapse(one: Lapse) -> str:
    who = f" ({one.owner})" if one.owner else ""
    return f"{one.what}: counts until {one.ends:%Y-%m-%d %H:%M %Z}, launch is on {one.launch}{who}"


WITHIN = {0: "Overdue", 1: "Due within a day", 7: "Due within 7 days", 14: "Due within 14 days"}


def due_by_nearness(digest: Digest) -> Iterator[tuple[str, list[Due]]]:
    for within, told in WITHIN.items():
        rows = [one for one in digest.due if one.within == within]
        if rows:
            yield told, rows


def due(one: Due) -> str:
    what = f"{one.what} of item {one.item}" if one.item else one.what
    return f"{what}, {day(one.at)}, {one.who or 'nobody is named'}"


def blind(one: Blind) -> str:
    where = f"{counted(one.subjects, 'subject')}, {counted(one.questions, 'question')}"
    return f"{one.request_type}: {one.reason.replace('_', ' ')} ({where})"


def unchanged(one: Unchanged) -> str:
    note = f"; {one.note}" if one.note else ""
    return f"unchanged since {day(one.since)} ({one.proposal.value}){note}"


def cost(one: Cost) -> str:
    """Calls by source, and what the models took."""
    calls = ", ".join(f"{vendor} {count:,}" for vendor, count in sorted(one.calls.items())) or "none"
    return f"API calls: {calls}; {counted(one.reused, 'answer')} from the locker"


def models(one: Cost) -> str:
    if not one.model_calls:
        return "No model was asked"
    tokens = one.input_tokens + one.cache_write_tokens + one.cache_read_tokens
    price = f"${one.price_usd}" if one.price_usd is not None else "a price that is not known"
    return f"Models: {counted(one.model_calls, 'call')}, {tokens:,} tokens in, {one.output_tokens:,} out, {price}"
