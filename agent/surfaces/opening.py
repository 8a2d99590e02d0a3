"""Opens what a command needs: settings, configuration, the store; and finishes what a killed process left.

The store and what works over it are imported by the functions that open it: some commands only read files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from agent import resources, settings
from agent.configuration import Configuration
from agent.errors import ClearanceError
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.deps import Deps
    from agent.service.switching import Hand
    from agent.surfaces.terminal import Screen


def read_settings() -> Settings:
    return settings.read(os.environ)


def configuration(own: Settings | None = None) -> Configuration:
    """Gates, cards and people, without opening the store."""
    return Configuration(resources.folder("config"), (own or read_settings()).overlay)


def store_if_any(screen: Screen) -> Deps | None:
    """The dependencies of this process where there is a store already; None makes none. Nothing in it is finished."""
    from sqlalchemy.engine import make_url

    from agent.service.assembly import assemble

    own = read_settings()
    file = make_url(own.database_url).database if own.database_url.startswith("sqlite") else None
    if file is not None and not Path(file).exists():
        return None
    try:
        return assemble(own)
    except ClearanceError as error:
        screen.note(f"what was used before could not be looked at: {error}")
        return None


def open_store(screen: Screen, *, later: bool = False) -> Deps:
    """The dependencies of this process. Reports that were due are written first, and said on stderr.

    `later`: by what is run over them, which says so itself.
    """
    from agent.service.assembly import assemble
    from agent.service.finishing import finish

    if later:
        return assemble(read_settings())
    deps = assemble(read_settings(), screen.progress())
    for sentence in finish(deps):
        screen.note(sentence)
    return deps


def open_switch() -> Hand:
    """For Clearance's own switch: the store, and whose key is at hand where that is asked. No source, no overlay."""
    from agent.service.caller import by_key
    from agent.service.switching import Hand
    from agent.store.database import open_engine

    own = read_settings()
    clock = own.clock()
    return Hand(
        open_engine(own.database_url), own, clock,
        lambda: by_key(own.key_file, configuration(own).people(), clock()).name,
    )  # fmt: skip


def tell(screen: Screen, deps: Deps) -> None:
    """Deliver what is due, at the end of a command: bounded in time, and no failure of the command's own.

    A pipe hears only of failures: what is for the console stays, and `clearance outbox` says it.
    """
    from agent.service.outbox import deliver

    try:
        done = deliver(deps, seen=screen.live)
    except ClearanceError as error:
        screen.note(f"messages wait in the outbox: {error}")
        return
    for sentence in done.console:
        screen.note(f"to be told, {sentence}")
    for sentence in done.failed:
        screen.note(f"not delivered yet: {sentence}")


def the_only_gate(deps: Deps, subject: str, asked: str | None) -> str:
    """The gate that was named, the one that the subject was reviewed at, or before any review the first there was.

    UsageError where it was reviewed at several.
    """
    from agent.errors import UsageError
    from agent.workflow.acceptances import UNNAMED

    if asked:
        return asked
    gates = sorted(deps.configuration.gate_paths())
    seen = {row.gate for row in deps.reviews.all() if row.subject == subject} & set(gates)
    if len(seen) == 1:
        return seen.pop()
    if not seen and UNNAMED in gates:
        return UNNAMED  # as before there were others; what is said names the gate
    if len(gates) != 1:
        raise UsageError(f"say with --gate which gate; there is {', '.join(gates)}")
    return gates[0]
