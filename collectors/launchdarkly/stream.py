"""The beginning of an SDK stream: everything up to the first `put`, which holds every flag; then it is closed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx2

from collectors.errors import Malformed, Unreachable, from_status
from collectors.evidence import Call, sha256
from collectors.http import USER_AGENT, Allowed, CallLog, bounded, check_allowed, named_failures, outward
from collectors.launchdarkly.reading import Json, object_at
from collectors.way import Way
from collectors.whole import PATIENCE


def first_put(
    url: str, path: str, allowed: tuple[Allowed, ...], log: CallLog, key: str, timeout: float, what: str, scope: str,
    way: Way,
) -> Json:  # fmt: skip
    """The `data` of the first `put` event within `timeout` seconds. SourceErrors say `what` was asked."""
    check_allowed(allowed, "GET", path)
    headers = {"authorization": key, "accept": "text/event-stream", "user-agent": USER_AGENT}
    with (
        named_failures(what),
        way.turn(what, path),
        httpx2.Client(base_url=url, headers=headers, timeout=timeout, transport=outward(way)) as http,
        http.stream("GET", path) as answered,
    ):
        response = bounded(answered, timeout / PATIENCE)  # a stream has no end: its beginning has `timeout`
        if response.status_code != 200:
            log.add(Call(method="GET", path=path, status=response.status_code))
            way.heard(path, response.status_code, response.headers, 1)
            raise from_status(response.status_code, what, scope=scope)
        sent = _put(response.iter_lines(), time.monotonic() + timeout, what)
    log.add(Call(method="GET", path=path, status=200, body_sha256=sha256(sent.encode())))
    return _data(sent, what)


def _put(lines: Iterator[str], deadline: float, what: str) -> str:
    """The text of the first `put`; heartbeats keep the line open and do not extend the time there is."""
    event, data = "", list[str]()
    for line in lines:
        if time.monotonic() > deadline:
            raise Unreachable(f"{what} sent no flags in time")
        name, _, value = line.partition(":")
        if name == "event":
            event = value.strip()
        elif name == "data":
            data.append(value.removeprefix(" "))
        elif not line:
            if event == "put" and data:
                return "\n".join(data)
            event, data = "", []
    raise Unreachable(f"{what}: the stream ended before it had sent the flags")


def _data(sent: str, what: str) -> Json:
    try:
        body = json.loads(sent)
    except ValueError as error:
        raise Malformed(f"{what} sent flags that are not JSON", status=200) from error
    return object_at(body, "data", "the flags of the environment")
