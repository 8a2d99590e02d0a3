"""`worker`, `schedules list|check`, `jobs list`: work that is ordered, or comes by the clock."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.surfaces.options import AsJson

schedules = typer.Typer(help="The sweeps that come by the clock.", no_args_is_help=True, rich_markup_mode=None)
jobs = typer.Typer(help="What workers are to do.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    app.command("worker")(worker)
    app.add_typer(schedules, name="schedules")
    app.add_typer(jobs, name="jobs")


def worker(
    at_once: Annotated[
        int,
        typer.Option("--jobs", metavar="N", min=1, max=64, help="How many jobs at once; one of them may be a sweep."),
    ] = 4,
    grace: Annotated[
        float,
        typer.Option(
            "--grace", metavar="SECONDS", min=0, help="Seconds that what runs has to end when the worker is stopped."
        ),
    ] = 20,
    until_idle: Annotated[
        bool,
        typer.Option(
            "--until-idle",
            help="Stop when nothing that is due is left to do; 50 if switched off.",
        ),
    ] = False,
) -> int:
    """Do what was asked in chat and by pipelines, and the sweeps that schedules.yaml declares, until it is stopped.

    Any number may run, on one machine or, with PostgreSQL, on many. SIGTERM or Ctrl-C: what runs has `--grace` to end,
    and is given back after that; a second one stops at once. Neither loses anything."""
    from agent.service.working import Pace
    from agent.surfaces import garbage, opening, working
    from agent.surfaces.terminal import screen

    view = screen()
    garbage.stays()
    return working.run(opening.open_store(view), view, Pace(jobs=at_once, grace=grace), until_idle=until_idle)


@schedules.command("list")
def list_schedules(json: AsJson = False) -> int:
    """When each sweep of schedules.yaml comes next."""
    from agent.service import scheduling
    from agent.surfaces import opening, working
    from agent.surfaces.terminal import screen

    own = opening.read_settings()
    working.show_schedules(screen(), scheduling.declared(opening.configuration(own)), own.clock()(), as_json=json)
    return 0


@schedules.command("check")
def check_schedules(json: AsJson = False) -> int:
    """Is schedules.yaml right? Every mistake with its line and key; exit code 2 where there is one."""
    from agent.service import scheduling
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    known = scheduling.declared(opening.configuration())
    view = screen()
    if json:
        view.json({"schedules": [one.id for one in known], "mistakes": []})
    else:
        view.say(f"{len(known)} schedule{'s' * (len(known) != 1)}, and nothing is wrong with them")
    return 0


@jobs.command("list")
def list_jobs(
    ended: Annotated[bool, typer.Option("--ended", help="The last 20 that ended, done or failed, the newest first.")]
    = False,
    json: AsJson = False,
) -> int:  # fmt: skip
    """What is queued and what runs, in the order in which it is taken; with --ended what became of the others.

    What a job made: a review (`clearance reviews show rv-…`) or a sweep (`clearance digest sw-…`)."""
    from agent.surfaces import opening, working
    from agent.surfaces.terminal import screen

    view = screen()
    working.show_jobs(view, opening.open_store(view), ended=ended, as_json=json)
    return 0
