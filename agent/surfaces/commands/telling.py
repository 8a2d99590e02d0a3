"""`outbox`: deliver what people are still to be told, and say what could not be delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from agent.surfaces.options import AsJson

if TYPE_CHECKING:
    from agent.store.outbox import OutboxRow


def register(app: typer.Typer) -> None:
    app.command("outbox")(outbox)


def outbox(json: AsJson = False) -> int:
    """Tell people what they are still to be told, by Slack, e-mail or here, and list what could not be delivered.

    Exit code 1 while something stays behind, else 0. Commands deliver on their own; this one does nothing else."""
    from agent.service.outbox import deliver
    from agent.store.outbox import undelivered
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view = screen()
    deps = opening.open_store(view)
    done = deliver(deps)
    left = undelivered(deps.engine)
    if json:
        view.json({"delivered": done.count, "here": list(done.console), "undelivered": [_json(row) for row in left]})
        return 1 if left else 0
    for sentence in done.console:
        view.say(sentence)
    if left:
        names = ("to", "what", "review", "tried", "next", "why")
        view.table(names, [_shown(row) for row in left])
    else:
        view.say("Everything that is due is delivered.")
    return 1 if left else 0


def _shown(row: OutboxRow) -> tuple[str, ...]:
    again = row.due_at.isoformat(timespec="seconds")
    return (row.person, row.kind, row.review, str(row.attempts), again, row.error)


def _json(row: OutboxRow) -> dict[str, object]:
    names = ("person", "kind", "review", "attempts", "error")
    return {**{name: getattr(row, name) for name in names}, "next": row.due_at.isoformat()}
