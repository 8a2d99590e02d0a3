"""While `serve` or `worker` runs: LaunchDarkly's stream is listened to, and what the flag says stands in the store.

The SDK opens one connection, the stream, and sends nothing; `tests/switch/test_stream.py` records every request.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent import outward
from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outward import SwitchAccess
from agent.service import own_switch as service
from agent.service.own_switch import FLAG_KEY
from agent.store import own_switch
from agent.store.database import SQLAlchemyError
from agent.store.own_switch import OFF, ON

if TYPE_CHECKING:
    from ldclient import LDClient

EVERY = 20.0  # seconds between confirmations; several in own_switch.STALE
LOOK = 2.0  # seconds between looks at how the switch stands, whoever has a hand on it
Tell = Callable[[str], None]


@contextmanager
def listening(deps: Deps, every: float = EVERY, tell: Tell = lambda sentence: None) -> Iterator[None]:
    """For as long as work is taken or the page is served: the flag is listened to, where a key is configured, and
    `tell` hears how the switch stands whenever that changes, whoever changed it.
    """
    access = outward.switch(deps.settings)
    ear = Ear(deps, access, every) if access else None
    done = threading.Event()
    threads = [threading.Thread(target=_watch, args=(deps, done, tell), name="switch-watch", daemon=True)]
    if ear:
        threads.append(threading.Thread(target=ear.listen, name="switch", daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if ear:
            ear.stop()
        for thread in threads:
            thread.join(timeout=5)  # a network that hangs does not keep the process from ending


def _watch(deps: Deps, done: threading.Event, tell: Tell) -> None:
    """On at the beginning, as most are, is not worth a sentence."""
    last = (True, False)
    while not done.is_set():
        try:
            now = service.of(deps)
        except (ClearanceError, SQLAlchemyError, OSError):  # the store may be back in the next round
            now = None
        if now and (now.on, now.aloud) != last:
            last = (now.on, now.aloud)
            tell(f"{'new work begins' if now.on else 'new work is queued from here on'}: Clearance is {now.told}")
        done.wait(LOOK)


@dataclass
class Ear:
    """`told`: what of it is in the store; None = nothing yet, or the store did not take it."""

    deps: Deps
    access: SwitchAccess
    every: float
    told: tuple[str, str] | None = None
    _done: threading.Event = field(default_factory=threading.Event)
    _wake: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        self._done.set()
        self._wake.set()

    def listen(self) -> None:
        """At each change of the flag or of the connection, and every so often besides."""
        client = _client(self.access)
        client.flag_tracker.add_listener(lambda change: self._wake.set() if change.key == FLAG_KEY else None)
        client.data_source_status_provider.add_listener(lambda status: self._wake.set())
        try:
            while not self._done.is_set():
                self._wake.clear()  # before looking: what changes while we look is looked at again
                self._note(client)
                self._wake.wait(self.every)
        finally:
            client.close()  # type: ignore[no-untyped-call]

    def _note(self, client: LDClient) -> None:
        log = logging.getLogger("clearance")
        try:
            self._write(client)
        except ClearanceError as error:
            log.warning("%s", error)
        except (SQLAlchemyError, OSError) as error:  # the store may be back in the next round
            log.warning("what the flag says could not be stored (%s); it is tried again", type(error).__name__)

    def _write(self, client: LDClient) -> None:
        trouble = _trouble(client)
        if trouble:
            own_switch.not_heard(self.deps.engine, trouble, self.deps.clock())
            return
        said = _served(client)
        fresh, self.told = said != self.told, None
        own_switch.heard(self.deps.engine, *said, self.deps.clock(), fresh=fresh)
        self.told = said


def _client(access: SwitchAccess) -> LDClient:
    """Without waiting: until it is ready, it says that it cannot hear the flag."""
    from ldclient import Config, LDClient
    from ldclient.config import HTTPConfig

    network = access.network
    http = HTTPConfig(
        connect_timeout=access.timeout, read_timeout=access.timeout, http_proxy=network.proxy,
        ca_certs=str(network.ca_bundle) if network.ca_bundle else None,
    )  # fmt: skip
    config = Config(
        access.key, base_uri=access.url, stream_uri=access.url, events_uri=access.url, send_events=False,
        diagnostic_opt_out=True, http=http,
    )  # fmt: skip
    return LDClient(config, start_wait=0)


def _trouble(client: LDClient) -> str:
    """Why the flag cannot be heard now; "" where the stream stands. Without the stream the SDK still gives values."""
    from ldclient.interfaces import DataSourceState

    status = client.data_source_status_provider.status
    if client.is_initialized() and status.state is DataSourceState.VALID:
        return ""
    error = status.error
    if error is None:
        return "LaunchDarkly has not answered yet"
    if error.status_code in (401, 403):
        return f"LaunchDarkly refuses CLEARANCE_SWITCH_SDK_KEY (status {error.status_code})"
    why = f"status {error.status_code}" if error.status_code else error.kind.value.replace("_", " ")
    return f"LaunchDarkly cannot be reached ({why})"


def _served(client: LDClient) -> tuple[str, str]:
    """Only a flag that is there and serves `true` is on."""
    from ldclient import Context

    detail = client.variation_detail(FLAG_KEY, Context.builder("clearance").kind("service").build(), None)
    kind = str(detail.reason.get("errorKind") or detail.reason.get("kind"))
    if kind == "FLAG_NOT_FOUND":
        return OFF, "there is no such flag in that environment"
    if not isinstance(detail.value, bool):
        return OFF, f"it serves no true and no false: {kind}"
    return (ON if detail.value else OFF), f"it serves {str(detail.value).lower()}: {kind}"
