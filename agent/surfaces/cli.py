"""The `clearance` command. It starts fast: everything heavy is imported by the command that needs it."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

os.environ["LANGSMITH_TRACING"] = "false"  # before anything imports langgraph: tracing would send evidence out

import typer

from agent.surfaces import incidents
from agent.surfaces.commands import (
    assessing,
    cards,
    demonstrating,
    gates,
    housekeeping,
    permitting,
    reviews,
    sandboxing,
    signing,
)

HELP = """Collect the evidence for an AI agent's launch gate, judge it by rules, and wait for named people to sign.

Exit codes: 0 cleared or done; 1 unexpected error; 2 usage or configuration; 10 conditional; 20 blocked by a fact,
or refused; 30 blocked only because something could not be seen; 40 verification failed; 50 waiting for people.
Only `may-deploy` says what is permitted: code 0 of `assess` permits nothing."""

app = typer.Typer(name="clearance", help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
for group in (demonstrating, sandboxing, housekeeping, gates, cards, assessing, reviews, signing, permitting):
    group.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from agent import __version__

        typer.echo(f"clearance {__version__}")
        raise typer.Exit()


@app.callback()
def _global(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")] = False,
) -> None:
    incidents.log_to_file()


def run(arguments: list[str]) -> int:
    """Run one command; gives its exit code. ClearanceError and usage errors are told in a sentence on stderr."""
    from agent.errors import ClearanceError

    command = typer.main.get_command(app)
    try:
        return int(command.main(arguments, prog_name="clearance", standalone_mode=False) or 0)
    except ClearanceError as error:
        incidents.tell(str(error))
        return error.exit_code
    except typer.Abort:
        incidents.tell("stopped")
        return 130
    except typer.TyperUsageError as error:
        return _usage(error)


def _usage(error: typer.TyperUsageError) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message())
        return 2
    ctx = error.ctx
    again = f"; `{ctx.command_path} --help` says what there is" if ctx else ""
    incidents.tell(f"{error.format_message().rstrip('.')}{again}")
    return 2


def main() -> NoReturn:
    """Entry point. What nobody expected ends in `clearance.log` with an incident id, and in one sentence."""
    incidents.watch()
    sys.exit(run(sys.argv[1:]))
