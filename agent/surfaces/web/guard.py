"""Around every answer: only our own host and origin are heard, and the browser is told to be strict."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # no-referrer would turn the Origin of our own forms into null
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


APART = ("/slack/", "/api/")  # no browser with a session asks there: a signature or a token says who does


class Guard:
    """`hosts` are the names with port under which this page is served; a name that was rebound to us is not one.

    `proxies`: the addresses from which alone it is asked, where a proxy holds its certificate; empty: from anywhere.
    """

    def __init__(self, app: App, hosts: frozenset[str], scheme: str, proxies: frozenset[str]) -> None:
        self.app, self.hosts, self.scheme, self.proxies = app, hosts, scheme, proxies
        self.headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if scheme == "https" else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = self._past_the_proxy(scope) or self._refused(scope, Headers(scope=scope))
        if refused:
            await PlainTextResponse(refused + "\n", 403)(scope, receive, strict)
        else:
            await self.app(scope, receive, strict)

    def _past_the_proxy(self, scope: Scope) -> str:
        """Who does not come through our proxy, or came to it without TLS, is not heard."""
        if not self.proxies:
            return ""
        peer = (scope.get("client") or ("", 0))[0].removeprefix("::ffff:")  # who comes by IPv4 to a socket of IPv6
        over_tls = Headers(scope=scope).getlist("x-forwarded-proto") == ["https"]
        return "" if peer in self.proxies and over_tls else "This page is reached through its proxy only, over https."

    def _refused(self, scope: Scope, headers: Headers) -> str:
        """Why this request is not heard, or ""."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or host not in self.hosts:
            return f"This page is served as {' or '.join(sorted(self.hosts))} only; the request named another host."
        if scope["method"] in ("GET", "HEAD") or str(scope["path"]).startswith(APART):
            return ""
        if origin != f"{self.scheme}://{host}":
            return "The form did not come from this page, so nothing was done."
        return ""
