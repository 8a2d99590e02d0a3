"""Commands, each in a process of its own, forked from one that has loaded the code: to load it takes longer than most.

What a command takes from nothing is seen elsewhere: the runbook, the workers, the demo, the wheel and every test that
kills or interrupts a process start theirs from nothing, and tests/test_cold_start.py holds what is loaded then.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

LOADED = (
    "agent.surfaces.cli", "agent.surfaces.terminal", "agent.service.assembly", "agent.service.assess",
    "agent.service.signing", "agent.service.verification", "agent.workflow.graph", "agent.outputs.html",
)  # fmt: skip
LONGEST = 120.0  # seconds that a command may take


def run(arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """As `python -P -m agent ARGUMENTS` there, with nothing to read; TimeoutExpired as subprocess.run gives it."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = _stem().Process(target=_command, args=(list(arguments), str(cwd), dict(env), str(out), str(err)))
        process.start()
        process.join(LONGEST)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), LONGEST, out.read_bytes(), err.read_bytes())
        return subprocess.CompletedProcess(list(arguments), process.exitcode, out.read_text(), err.read_text())


@cache
def _stem() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


def _command(arguments: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv[1:] = arguments
    try:
        runpy.run_module("agent", run_name="__main__", alter_sys=True)
    except Exception:  # noqa: BLE001 - a process of its own gives what nothing catches to this hook
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        sys.exit(1)
    finally:
        atexit._run_exitfuncs()
