"""Which public channels Slack has. This, and nothing else that is asked of Slack, takes the scope channels:read."""

from __future__ import annotations

from collections.abc import Iterator

from collectors import wire
from collectors.asking import Asking, conversation
from collectors.connections import Connections
from collectors.discovery import Listing, Named, endless, listed, unseen
from collectors.errors import NotConfigured
from collectors.slack.client import SETTING, VENDOR, access_of, body_of
from collectors.wire import Wire

PATH = "/api/conversations.list"
PAGE, MOST_PAGES = 200, 50


class _Text(Wire):
    value: str = ""


class _Channel(Wire):
    id: str
    name: str
    purpose: _Text | None = None


def discover(conn: Connections, subject: str) -> list[Listing]:
    """Every public channel that is not archived."""
    if conn.slack is None:
        return [unseen(VENDOR, "channel", NotConfigured(f"Slack was not asked: {SETTING} is not set"))]
    with conversation(conn, access_of(conn.slack)) as asking:
        return [listed(VENDOR, "channel", lambda: _channels(asking))]


def _channels(asking: Asking) -> Iterator[Named]:
    told = asking.told("its channels", "GET", PATH)
    params: dict[str, str | int] = {"types": "public_channel", "exclude_archived": "true", "limit": PAGE}
    for _ in range(MOST_PAGES):
        body = body_of(asking.get(PATH, "its channels", params), told)
        for one in (wire.read(_Channel, held, told) for held in wire.objects(body.get("channels"), told)):
            said = one.purpose.value if one.purpose else ""
            yield Named(kind="channel", id=one.id, name=one.name, said=said)
        held = body.get("response_metadata")
        cursor = held.get("next_cursor") if isinstance(held, dict) else None
        if not cursor or not isinstance(cursor, str):
            return
        params = {**params, "cursor": cursor}
    raise endless(told, MOST_PAGES)
