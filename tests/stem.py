"""Commands, each in a process of its own, forked from one that has loaded the code: to load it takes longer than most.

What a command takes from nothing is seen elsewhere: the runbook, the demo, the wheel, the sandbox and the console's
tests start theirs from nothing, and tests/test_cold_start.py holds what is loaded then.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import TracebackType
from typing import IO, Self

LOADED = (
    "agent.surfaces.cli", "agent.surfaces.terminal", "agent.service.assembly", "agent.service.assess",
    "agent.service.signing", "agent.service.verification", "agent.workflow.graph", "agent.outputs.html",
    "agent.service.sweeps", "agent.service.working.fleet", "agent.surfaces.working", "agent.surfaces.commands",
    "tests.acceptance.conftest",
)  # fmt: skip
LONGEST = 120.0  # seconds that a command may take


def run(
    arguments: Sequence[str], cwd: Path, env: Mapping[str, str], module: str = "agent", within: float = LONGEST
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """As `python -P -m MODULE ARGUMENTS` there, with nothing to read; TimeoutExpired as subprocess.run gives it."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        given = (module, list(arguments), str(cwd), dict(env), str(out), str(err))
        process = _stem().Process(target=_command, args=given)
        process.start()
        process.join(within)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), within, out.read_bytes(), err.read_bytes())
        return subprocess.CompletedProcess(list(arguments), process.exitcode, out.read_text(), err.read_text())


class Beside:
    """A process that stays beside a test, as `python -m MODULE ARGUMENTS`: what tests ask of a `subprocess.Popen`.

    `pipes` are those of its streams that the test holds; it has nothing to read otherwise, and nobody to say it to. It
    is asked and waited for by one thread. Where the test fails it is killed.
    """

    def __init__(
        self, module: str, *arguments: str, cwd: Path, env: Mapping[str, str], pipes: Sequence[str] = ()
    ) -> None:  # fmt: skip
        self.args = [module, *arguments]
        self.returncode: int | None = None
        theirs: dict[int, Connection] = {}
        self.stdin, self.stdout, self.stderr = (
            _pipe(number, theirs) if name in pipes else None
            for number, name in enumerate(("stdin", "stdout", "stderr"))
        )
        self._process = _stem().Process(target=_beside, args=(self.args, str(cwd), dict(env), theirs))
        self._process.start()
        for end in theirs.values():
            end.close()
        self.pid = self._process.pid or 0

    def poll(self) -> int | None:
        self._process.join(0)
        self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        self.returncode = self._process.exitcode
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:  # fmt: skip
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        if kind is not None:
            self.kill()
        self.wait()


def _pipe(number: int, theirs: dict[int, Connection]) -> IO[str]:
    """This end of one, as a file; the other is for the process."""
    reading, writing = _stem().Pipe(duplex=False)
    own, theirs[number] = (writing, reading) if number == 0 else (reading, writing)
    opened = os.dup(own.fileno())
    own.close()
    return os.fdopen(opened, "w" if number == 0 else "r", encoding="utf-8")


@cache
def _stem() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


def _command(module: str, arguments: list[str], cwd: str, env: dict[str, str], out: str, err: str) -> None:
    for number, path in ((1, out), (2, err)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    _main(module, arguments, cwd, env)


def _beside(command: list[str], cwd: str, env: dict[str, str], ends: dict[int, Connection]) -> None:
    for number in range(3):
        opened = ends[number].fileno() if number in ends else os.open(os.devnull, os.O_RDWR)
        os.dup2(opened, number)
        if number in ends:
            ends[number].close()
    # What was opened before knows of other files.
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    _main(command[0], command[1:], cwd, env)


def _main(module: str, arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv[1:] = arguments
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except Exception:  # noqa: BLE001 - a process of its own gives what nothing catches to this hook
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        sys.exit(1)
    finally:
        atexit._run_exitfuncs()
