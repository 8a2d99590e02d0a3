"""A PagerDuty account of a world behind a fault proxy, reached over real HTTP by the vendor's own client."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from collectors.connections import Connections
from collectors.evidence import Gap, Request, Window
from collectors.pagerduty.facts import IncidentsAsk, OnCallAsk
from collectors.pagerduty.incidents import incidents
from collectors.pagerduty.on_call import on_call
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.world import World
from tests import plain_yaml

WORLDS = Path(__file__).parents[3] / "config" / "worlds"
CLOCKS = {"as-written": "2026-06-12T16:00:00-04:00", "put-right": "2026-06-17T10:00:00-04:00"}
NEW_YORK = ZoneInfo("America/New_York")
TOKEN = "sandbox-pagerduty-token"


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, tzinfo=NEW_YORK)


PILOT = Window(start=day(5, 13), end=day(6, 12))
AFTER_LAUNCH = {
    "as-written": Window(start=day(6, 13), end=day(6, 27)),
    "put-right": Window(start=day(6, 22), end=day(7, 6)),
}


def rota_of(service: str = "PINVREC", window: Window = AFTER_LAUNCH["as-written"]) -> OnCallAsk:
    return OnCallAsk(service=service, primary="finance-ai-primary", backup="finance-ai-backup", window=window)


def incidents_of(service: str = "PINVREC", window: Window = PILOT) -> IncidentsAsk:
    return IncidentsAsk(service=service, window=window)


@dataclass(frozen=True)
class Account:
    """One account that is up; `calls` are the request lines that reached it."""

    conn: Connections
    proxy: FaultProxy
    upstream: str

    @property
    def calls(self) -> list[str]:
        return [asked.path for asked in self.proxy.seen]

    def ask(self, *asks: Request) -> Any:
        """The answers to one batch; the answer itself when one question is asked."""
        collect: Any = on_call if isinstance(asks[0], OnCallAsk) else incidents
        answers = collect(self.conn, asks)
        return answers[0] if len(asks) == 1 else answers

    def gap(self, ask: Request, *faults: Fault) -> Gap:
        self.proxy.set(*faults)
        answer = self.ask(ask)
        assert isinstance(answer, Gap), f"expected a gap, got {type(answer).__name__}"
        return answer

    def patient(self, seconds: float) -> Account:
        return replace(self, conn=replace(self.conn, timeout=seconds))

    def get(self, target: str) -> Any:
        """What the account itself answers, past the proxy."""
        asking = urllib.request.Request(self.upstream + target, headers={"authorization": f"Token token={TOKEN}"})
        with urllib.request.urlopen(asking, timeout=10) as response:
            return json.load(response)

    def says(self, path: str, body: object) -> None:
        """From now on the account answers this at `path`."""
        self.proxy.set(Fault(kind="status", status=200, path=path, body=json.dumps(body)))


Edit = Callable[[dict[str, Any]], None]
MakeAccount = Callable[..., Account]


def world_of(folder: Path, name: str) -> World:
    credentials = plain_yaml.load((WORLDS / "as-written" / "world.yaml").read_text())["credentials"]
    return World.model_validate(
        {"name": name, "title": name, "clock": CLOCKS[name], "subject": "s", "gate": "g", "credentials": credentials}
        | {"folder": folder}
    )  # fmt: skip
