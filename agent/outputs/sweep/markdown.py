"""A digest as Markdown. What others wrote shows as itself."""

from __future__ import annotations

from collections.abc import Iterator

from agent.digests import Changed, Digest, ItemChange
from agent.outputs.escape import md, opening
from agent.outputs.sweep import words


def render(digest: Digest) -> str:
    """Silence for what did not change but a line, and none where those were left out."""
    return "\n".join(_lines(digest)).rstrip() + "\n"


def _lines(digest: Digest) -> Iterator[str]:
    yield f"# {md(words.title(digest))}"
    yield ""
    if digest.sandbox:
        yield "**SANDBOX: evidence in here is not from the vendors' own hosts.**"
        yield ""
    yield f"{md(words.headline(digest))}. A sweep permits nothing."
    yield from _section("What changed, worst first", (line for one in digest.changed for line in _changed(one)))
    yield from _section("By owner", _owners(digest))
    yield from _section(
        "Ends before the launch",
        (f"- {_place(one.subject, one.gate)}: {md(words.lapse(one))}" for one in digest.lapses),
    )
    for told, rows in words.due_by_nearness(digest):
        yield from _section(told, (f"- {_place(one.subject, one.gate)}: {md(words.due(one))}" for one in rows))
    yield from _section("Sources that could not be seen", _blind(digest))
    yield from _section(
        "Could not be reviewed", (f"- {_place(one.subject, one.gate)}: {md(one.why, 500)}" for one in digest.troubles)
    )
    yield from _section(
        "Unchanged",
        (f"- {_place(one.subject, one.gate)}: {md(words.unchanged(one))}" for one in digest.unchanged),
    )
    yield from _section("Cost", (f"- {opening(words.cost(digest.cost))}", f"- {opening(words.models(digest.cost))}"))
    yield from _section("Besides", (f"- {opening(note, 500)}" for note in digest.notes))


def _section(title: str, lines: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    rows = list(lines)
    if rows:
        yield from ("", f"## {title}", "", *rows)


def _place(subject: str, gate: str) -> str:
    return f"**{md(subject)}** at {md(gate)}"


def _changed(one: Changed) -> Iterator[str]:
    launch = f", launch on {one.launch}" if one.launch else ""
    yield f"- {_place(one.subject, one.gate)}: {md(words.proposal(one))}{md(launch)} ({md(one.review)})"
    for item in one.items:
        yield f"  - {opening(words.change(item))}"
        yield from _details(item, "    ")


def _details(item: ItemChange, pad: str) -> Iterator[str]:
    yield from (f"{pad}- {opening(sentence)}" for sentence in item.sentences)


def _owners(digest: Digest) -> Iterator[str]:
    for owned in digest.owners:
        yield f"- **{md(owned.owner or 'Nobody is named')}**"
        for one in owned.changes:
            yield f"  - {opening(one.subject)} at {md(one.gate)}, {md(words.change(one.item))}"
            if one.item.worse and one.item.how:
                yield f"    - {opening(one.item.how)}"


def _blind(digest: Digest) -> Iterator[str]:
    for one in digest.blind:
        yield f"- {opening(words.blind(one))}"
        yield f"  - {opening(one.what, 500)}"
        yield f"  - {opening(one.next_step, 500)}"
