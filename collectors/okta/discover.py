"""Which applications Okta has, the inactive ones too."""

from __future__ import annotations

from collections.abc import Iterator

from collectors import wire
from collectors.asking import Asking, conversation
from collectors.connections import Connections
from collectors.discovery import Listing, Named, listed, unseen
from collectors.errors import NotConfigured
from collectors.okta.client import SETTING, VENDOR, access_of
from collectors.okta.identity import PATH, applications
from collectors.wire import Wire


class _App(Wire):
    id: str
    label: str


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Every application that the token may see."""
    if conn.okta is None:
        return [unseen(VENDOR, "application", NotConfigured(f"Okta was not asked: {SETTING} is not set"))]
    with conversation(conn, access_of(conn.okta)) as asking:
        return [listed(VENDOR, "application", lambda: _applications(asking))]


def _applications(asking: Asking) -> Iterator[Named]:
    told = asking.told("its applications", "GET", PATH)
    for one in applications(asking, {}, "its applications").apps:
        app = wire.read(_App, one, told)
        yield Named(kind="application", id=app.id, name=app.label)
