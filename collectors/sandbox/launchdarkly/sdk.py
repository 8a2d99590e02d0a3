"""What server SDKs are given: every flag of one environment, once or as a stream of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event as Signal

from pydantic import JsonValue

from collectors.sandbox.launchdarkly.bodies import Json, fallthrough
from collectors.sandbox.launchdarkly.state import Flags, FlagState

HEARTBEAT = 0.25  # seconds; the real service sends one every few minutes, which would hold a closed reader that long


def payload(flags: Flags, environment: str) -> Json:
    """All flags of "project/environment" as the SDK stores them."""
    project, _, key = environment.partition("/")
    held: Json = {
        state.key: _flag(state, key)
        for state in flags.values()
        if state.project == project and key in state.environments and not state.flag.archived
    }
    return {"flags": held, "segments": {}}


def _flag(state: FlagState, environment: str) -> Json:
    held, values = state.environments[environment], [v.value for v in state.flag.variations]
    off: JsonValue = state.flag.off_variation
    return {
        "key": state.key, "version": held.version, "on": held.on, "offVariation": off, "variations": values,
        "fallthrough": fallthrough(state), "targets": [], "contextTargets": [], "rules": [], "prerequisites": [],
        "salt": state.key, "trackEvents": False, "trackEventsFallthrough": False, "debugEventsUntilDate": None,
        "clientSideAvailability": {"usingMobileKey": False, "usingEnvironmentId": False}, "clientSide": False,
        "deleted": False,
    }  # fmt: skip


def events(data: Json, closed: Signal) -> Iterator[bytes]:
    """One `put` with everything, then heartbeats: the first that cannot be sent tells that the reader is gone."""
    yield b"event: put\ndata: " + json.dumps({"path": "/", "data": data}).encode() + b"\n\n"
    while not closed.wait(HEARTBEAT):
        yield b":\n\n"
