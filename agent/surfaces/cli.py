"""The `clearance` command. It starts fast: everything heavy is imported by the command that needs it."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

os.environ["LANGSMITH_TRACING"] = "false"  # before anything imports langgraph: tracing would send evidence out

import typer

from agent.surfaces import garbage, incidents
from agent.surfaces.commands import (
    assessing,
    assistants,
    cards,
    demonstrating,
    gates,
    glancing,
    housekeeping,
    permitting,
    pruning,
    quizzing,
    reviews,
    sandboxing,
    serving,
    signing,
    sweeping,
    switching,
    telling,
    tokens,
    verifying,
    working,
)

INTERRUPTED = 130
HELP = """Collect the evidence for an AI agent's launch gate, judge it by rules, and wait for named people to sign.

Exit codes: 0 cleared or done; 1 unexpected error; 2 usage or configuration; 10 conditional; 20 blocked by a fact,
or refused; 30 blocked only because something could not be seen; 40 verification failed; 50 waiting for people.
Only `may-deploy` says what is permitted: code 0 of `assess` permits nothing."""

app = typer.Typer(name="clearance", help=HELP, no_args_is_help=True, add_completion=False, rich_markup_mode=None)
GROUPS = (
    demonstrating,
    sandboxing,
    housekeeping,
    gates,
    cards,
    assessing,
    sweeping,
    glancing,
    reviews,
    signing,
    serving,
    assistants,
    quizzing,
    permitting,
    pruning,
    switching,
    telling,
    tokens,
    verifying,
    working,
)
for group in GROUPS:
    group.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from agent import __version__

        typer.echo(f"clearance {__version__}")
        raise typer.Exit()


@app.callback()
def _global(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version.")
    ] = False,
) -> None:
    incidents.log_to_file()


def run(arguments: list[str]) -> int:
    """Run one command; gives its exit code. ClearanceError and usage errors are told in a sentence on stderr."""
    from agent.errors import ClearanceError, Queued

    command = typer.main.get_command(app)
    try:
        code = int(command.main(arguments, prog_name="clearance", standalone_mode=False) or 0)
        sys.stdout.flush()
    except Queued as error:
        incidents.tell(str(error), "queued")
        return error.exit_code
    except ClearanceError as error:
        incidents.tell(str(error))
        return error.exit_code
    except BrokenPipeError:
        return incidents.nobody_reads()
    except typer.TyperException as error:
        return _usage(error)
    if code == INTERRUPTED:
        incidents.tell("interrupted; nothing is lost, and the next command goes on with what was begun")
    return code


def _usage(error: typer.TyperException) -> int:
    context: typer.Context | None = getattr(error, "ctx", None)
    if context is None:
        incidents.tell(str(error) or "stopped")
    elif not str(error).strip() or type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(context.get_help(), err=True)
    else:
        told: str = getattr(error, "format_message", error.__str__)()
        incidents.tell(f"{told.rstrip('.')}; `{context.command_path} --help` says what there is")
    return 2


def main() -> NoReturn:
    """Entry point. What nobody expected ends in `clearance.log` with an incident id, and in one sentence."""
    garbage.ends_soon()
    incidents.watch()
    sys.exit(run(sys.argv[1:]))
