"""Runs the page until it is stopped: on loopback with a link that logs in, elsewhere where people log in."""

from __future__ import annotations

import socket
import sys
import threading

import uvicorn
from starlette.applications import Starlette

from agent.deps import Deps
from agent.errors import ConfigError
from agent.service.caller import Caller, caller
from agent.surfaces import embedding
from agent.surfaces.slack import keeping, line
from agent.surfaces.switch_stream import listening
from agent.surfaces.terminal import Screen
from agent.surfaces.web.app import build
from agent.surfaces.web.entering import link_of
from agent.surfaces.web.oidc.provider import provider_of
from agent.surfaces.web.place import Place, place_of
from agent.surfaces.web.postman import at_work
from agent.surfaces.web.visit import Site


def serve(deps: Deps, screen: Screen, port: int, *, as_json: bool, until_stdin_closes: bool) -> int:
    """Bind first, so that the link names the port; refuse a key that is nobody's before anything is served."""
    provider = provider_of(deps.settings)
    place = place_of(deps.settings, by_login=provider is not None)
    who = None if provider else caller(deps)
    listener = _bound(place.listen, port)
    app, site = build(deps, place.address(listener.getsockname()[1]), screen.note, provider, place.proxies)
    server = uvicorn.Server(_config(app, place))
    if until_stdin_closes:
        threading.Thread(target=_stop_at_the_end_of_input, args=(server,), daemon=True).start()
    _say(screen, site, who, as_json)
    with (
        listening(deps, tell=screen.note), at_work(deps), keeping.at_work(deps), embedding.at_work(deps),
        line.held(deps, site.address, screen.note),
    ):  # fmt: skip
        server.run(sockets=[listener])
    return 0


def _config(app: Starlette, place: Place) -> uvicorn.Config:
    """No access log: it would hold the login link, and codes of logins. The rest goes where every other log goes."""
    cert, key = place.tls or (None, None)
    return uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, proxy_headers=False,
        ssl_certfile=cert, ssl_keyfile=key,
    )  # fmt: skip


def _say(screen: Screen, site: Site, who: Caller | None, as_json: bool) -> None:
    """Where the page is and how to log in."""
    login = link_of(site) if who else f"{site.address}/login"
    if as_json:
        sys.stdout.write(_json(site.address, login, who.person if who else ""))
        sys.stdout.flush()
    elif who:
        screen.say(
            f"The page of {who.name} is at {site.address}, on this machine only. Log in once, within ten minutes:"
        )
        screen.command(login)
        screen.note("Whoever has this link acts as you. The page runs until this command is interrupted (Ctrl-C).")
    elif site.by_login:
        screen.say(f"The page is at {site.address}. Whom people.yaml knows logs in at {site.by_login.provider.issuer}:")
        screen.command(login)
        screen.note("The page runs until this command is interrupted (Ctrl-C).")


def _json(address: str, login: str, person: str) -> str:
    import json

    return json.dumps({"address": address, "login": login, "person": person}) + "\n"


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)  # whoever follows the link before the server is up waits, and is not refused
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"--port {port} on {host}: {error.strerror}; name another one, or 0 for any that is free"
        ) from error
    return listener


def _stop_at_the_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True
