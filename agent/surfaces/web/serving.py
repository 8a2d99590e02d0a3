"""Runs the page on loopback until it is stopped, and prints the link that logs in."""

from __future__ import annotations

import socket
import sys
import threading

import uvicorn

from agent.deps import Deps
from agent.errors import ConfigError
from agent.service.signing import caller
from agent.surfaces.terminal import Screen
from agent.surfaces.web.app import build
from agent.surfaces.web.entering import link_of

HOST = "127.0.0.1"


def serve(deps: Deps, screen: Screen, port: int, *, as_json: bool, until_stdin_closes: bool) -> int:
    """Bind first, so that the link names the port; refuse a key that is nobody's before anything is served."""
    who = caller(deps)
    listener = _bound(port)
    address = f"http://{HOST}:{listener.getsockname()[1]}"
    app, site = build(deps, address, screen.note)
    # No access log: it would hold the login link. The rest goes where every other log goes.
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False))
    if until_stdin_closes:
        threading.Thread(target=_stop_at_the_end_of_input, args=(server,), daemon=True).start()
    if as_json:
        sys.stdout.write(_json(address, link_of(site), who.person))
        sys.stdout.flush()
    else:
        screen.say(f"The page of {who.name} is at {address}, on this machine only. Log in once, within ten minutes:")
        screen.command(link_of(site))
        screen.note("Whoever has this link acts as you. The page runs until this command is interrupted (Ctrl-C).")
    server.run(sockets=[listener])
    return 0


def _json(address: str, login: str, person: str) -> str:
    import json

    return json.dumps({"address": address, "login": login, "person": person}) + "\n"


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)  # whoever follows the link before the server is up waits, and is not refused
    except OSError as error:
        listener.close()
        raise ConfigError(f"--port {port}: {error.strerror}; name another one, or 0 for any that is free") from error
    return listener


def _stop_at_the_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True
