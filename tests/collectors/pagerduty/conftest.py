"""Starts accounts of the two worlds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.connections import Connections, PagerDutyAccess
from collectors.sandbox.faults import FaultProxy
from collectors.sandbox.pagerduty import PagerDuty
from collectors.sandbox.server import Running, serve
from tests import plain_yaml
from tests.collectors.pagerduty.pagerduty_account import TOKEN, WORLDS, Account, Edit, MakeAccount, world_of


@pytest.fixture
def make_account(tmp_path: Path) -> Iterator[MakeAccount]:
    """Starts an account of a world, with its data changed by `edit`."""
    running: list[Running] = []
    proxies: list[FaultProxy] = []

    def make(name: str = "as-written", edit: Edit | None = None, token: str = TOKEN) -> Account:
        folder = tmp_path / str(len(running))
        folder.mkdir()
        data = plain_yaml.load((WORLDS / name / "pagerduty.yaml").read_text())
        if edit:
            edit(data)
        (folder / "pagerduty.yaml").write_text(plain_yaml.dump(data))
        world = world_of(folder, name)
        behind = serve(PagerDuty(world))
        proxy = FaultProxy(behind.url)
        front = serve(proxy)
        running.extend((front, behind))
        proxies.append(proxy)
        access = PagerDutyAccess(token, front.url)
        return Account(Connections(clock=lambda: world.clock, pagerduty=access), proxy, behind.url)

    yield make
    for proxy in proxies:
        proxy.set()
    for server in running:
        server.close()


@pytest.fixture
def account(make_account: MakeAccount) -> Account:
    return make_account()
