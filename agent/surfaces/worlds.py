"""Runs a world: its stand-ins, its people's keys and signed statements, and the control port for faults."""

from __future__ import annotations

import json
import shlex
import signal
import sys
import threading
from pathlib import Path
from queue import SimpleQueue

from agent import resources
from agent.configuration import Configuration
from agent.errors import ConfigError, UsageError, nearest
from agent.surfaces import opening
from agent.surfaces.demo_world import lay_out
from agent.surfaces.terminal import screen
from collectors.sandbox.control import Control
from collectors.sandbox.server import serve
from collectors.sandbox.world import World, load_world


def folder_of(name: str) -> Path:
    """A world's folder. UsageError names those that there are."""
    worlds = {path.parent.name: path.parent for path in (resources.folder("config") / "worlds").glob("*/world.yaml")}
    if name not in worlds:
        raise UsageError(f"there is no world {name!r}. {nearest(name, worlds)}")
    return worlds[name]


def stay(name: str, *, as_json: bool, until_stdin_closes: bool) -> int:
    """Start the world, print its settings, and wait for the end. Exit code 0."""
    world = load_world(folder_of(name))
    stop = SimpleQueue[None]()  # a handler may put into it whatever it interrupts; an event's own lock could be held
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.put(None))
    if until_stdin_closes:
        threading.Thread(target=_stop_at_the_end_of_input, args=(stop,), daemon=True).start()
    _run(world, as_json, stop)
    return 0


def _stop_at_the_end_of_input(stop: SimpleQueue[None]) -> None:
    sys.stdin.read()
    stop.put(None)


def _run(world: World, as_json: bool, stop: SimpleQueue[None]) -> None:
    try:
        from collectors.sandbox.start import start
    except ModuleNotFoundError as error:
        raise ConfigError(f"the sandbox needs {error.name}; install it with: pip install 'clearance[demo]'") from error
    own = overlay_settings(world, opening.read_settings().home)
    with start(world) as running:
        port = serve(Control(running.faults))
        try:
            _print({**running.settings(), **own, "CLEARANCE_SANDBOX_CONTROL": port.url}, as_json)
            stop.get()
        finally:
            port.close()


def overlay_settings(world: World, home: Path) -> dict[str, str]:
    """Lay the world's overlay out in the home; the settings name it and the key of the subject's lead."""
    own = (home / "sandbox" / world.name).absolute()
    overlay = lay_out(world.overlay, own / "overlay", own / "keys")
    lead = Configuration(resources.folder("config"), overlay).card(world.subject).card.people.lead
    return {"CLEARANCE_CONFIG": str(overlay), "CLEARANCE_KEY": str(own / "keys" / f"{lead}.pem")}


def _print(settings: dict[str, str], as_json: bool) -> None:
    """Settings on one line as JSON, or as lines for a shell. None of them opens anything outside the sandbox."""
    if as_json:
        sys.stdout.write(json.dumps(settings) + "\n")
    else:
        sys.stdout.write("".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items()))
    sys.stdout.flush()
    screen().note("The stand-ins run until this command is interrupted (Ctrl-C).")
