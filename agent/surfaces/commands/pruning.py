"""`prune`: take away what nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson

if TYPE_CHECKING:
    from agent.service.pruning import Plan
    from agent.surfaces.terminal import Screen


def register(app: typer.Typer) -> None:
    app.command("prune")(prune)


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go, and why the rest stays.")] = False,
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="90d", help="The age from which on things go; 7d at least.")
    ] = "90d",
    json: AsJson = False,
) -> int:
    """Take away documents, drafts, evidence and checkpoints of reviews that nobody signed and that are over.

    What people signed stays until its gate's retention (`retention` in its file, else 7 years) is over. The log, the
    keys and the written reports stay for good."""
    from agent import periods
    from agent.errors import UsageError
    from agent.service import pruning
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    try:
        age = periods.length(older_than)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--older-than: {error}") from error
    view = screen()
    deps = opening.open_store(view)
    planned = pruning.plan(deps, age) if dry_run else pruning.prune(deps, age)
    if json:
        view.json(_json(planned, dry_run))
    else:
        _show(view, planned, dry_run)
    return 0


def _json(planned: Plan, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run, "cutoff": planned.cutoff.isoformat(), "reviews": list(planned.reviews),
        "checkpoints": len(planned.threads), "pieces": len(planned.blobs), "bytes": planned.bytes,
        "jobs": planned.jobs, "stay": dict(planned.stay),
        "retention_until": planned.until.isoformat() if planned.until else None,
    }  # fmt: skip


def _show(view: Screen, planned: Plan, dry_run: bool) -> None:
    went = "Would go" if dry_run else "Gone"
    view.say(f"{went}, of before {planned.cutoff:%Y-%m-%d %H:%M} UTC:", "bold")
    view.say(f"{_many(len(planned.reviews), 'review')} that nobody needs any more", indent=2)
    view.say(f"checkpoints of {_many(len(planned.threads), 'review')}", indent=2)
    view.say(f"{_many(len(planned.blobs), 'piece')} of the locker, {planned.bytes / 1e6:.1f} MB", indent=2)
    view.say(f"{_many(planned.jobs, 'job')} that ended", indent=2)
    view.say("Stays:", "bold")
    for why, count in sorted(planned.stay.items()):
        subject = str(count) if why.startswith(("pieces", "statements")) else f"{_many(count, 'review')}: each"
        view.say(f"{subject} {why}", indent=2)
    view.say("the log, the keys and the written reports", indent=2)
    if planned.until:
        view.say(f"The first retention of something signed is over on {planned.until:%Y-%m-%d}")
    for review in planned.reviews if dry_run else ():
        view.say(review, indent=2)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
