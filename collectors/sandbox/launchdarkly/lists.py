"""LaunchDarkly's lists by limit and offset: projects, and a project's environments with their SDK keys, as it does."""

from __future__ import annotations

from collections.abc import Sequence

from collectors.sandbox.launchdarkly.bodies import Json, link
from collectors.sandbox.launchdarkly.state import LaunchDarklyWorld
from collectors.sandbox.server import Asked, Reply, reply_json

DEFAULT = 20


def page(asked: Asked, items: Sequence[Json]) -> Reply:
    start, size = int(asked.one("offset") or 0), int(asked.one("limit") or DEFAULT)
    shown = list(items[start : start + size])
    return reply_json({"items": [*shown], "totalCount": len(items), "_links": {"self": link(asked.target)}})


def projects(world: LaunchDarklyWorld) -> list[Json]:
    return [
        {"_id": f"6650a0000000000000{n:06d}", "key": key, "name": key.title()} for n, key in enumerate(world.projects)
    ]


def environments(world: LaunchDarklyWorld, project: str) -> list[Json]:
    return [
        {
            "_id": f"6650b0000000000000{n:06d}", "key": key, "name": name, "color": "417505",
            "apiKey": f"sdk-not-to-be-kept-{key}", "mobileKey": f"mob-not-to-be-kept-{key}",
        }
        for n, (key, name) in enumerate(world.projects[project].environments.items())
    ]  # fmt: skip
