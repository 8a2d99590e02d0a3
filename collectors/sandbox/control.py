"""The control port of a sandbox: sets faults and tells what was asked. Loopback only, like everything here."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue, ValidationError

from collectors.evidence import Model
from collectors.sandbox.faults import Fault, FaultProxy
from collectors.sandbox.server import Asked, Reply, reply_json


class Wanted(Model):
    """POST /faults: replaces the faults of one vendor; none clears them."""

    vendor: str
    faults: tuple[Fault, ...] = ()


class Control:
    """POST /faults {"vendor": …, "faults": […]} and GET /seen?vendor=…"""

    def __init__(self, proxies: Mapping[str, FaultProxy]) -> None:
        self.proxies = proxies

    def answer(self, asked: Asked) -> Reply:
        if (asked.method, asked.path) == ("POST", "/faults"):
            return self._set(asked)
        if (asked.method, asked.path) == ("GET", "/seen"):
            return self._seen(asked.one("vendor") or "")
        return _refused(404, "there is POST /faults and GET /seen?vendor=…")

    def _set(self, asked: Asked) -> Reply:
        try:
            wanted = Wanted.model_validate_json(asked.body or b"{}")
        except ValidationError as error:
            return _refused(400, str(error))
        if wanted.vendor not in self.proxies:
            return self._unknown(wanted.vendor)
        self.proxies[wanted.vendor].set(*wanted.faults)
        return reply_json({"vendor": wanted.vendor, "faults": len(wanted.faults)})

    def _seen(self, vendor: str) -> Reply:
        if vendor not in self.proxies:
            return self._unknown(vendor)
        return reply_json([_told(one) for one in list(self.proxies[vendor].seen)])

    def _unknown(self, vendor: str) -> Reply:
        return _refused(404, f"there is no vendor {vendor!r}; there is {', '.join(sorted(self.proxies))}")


def _told(one: Asked) -> JsonValue:
    """A request as it arrived, credentials and all: they open nothing outside this sandbox."""
    return {
        "method": one.method, "path": one.path, "query": [list(pair) for pair in one.query],
        "headers": dict(one.headers), "body": one.body.decode("utf-8", "replace"),
    }  # fmt: skip


def _refused(status: int, why: str) -> Reply:
    return reply_json({"error": why}, status)
