"""A proxy and a certificate authority of one's own are used by every client, on every way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agent import resources, settings
from agent.errors import ConfigError
from agent.service.assembly import assemble
from collectors.connections import Connections
from collectors.datadog.transport import proxied
from collectors.doctor import VENDORS, check_all
from collectors.sandbox.faults import FaultProxy
from collectors.sandbox.server import Asked, Reply, serve
from collectors.sandbox.start import STAND_INS, start
from collectors.sandbox.world import load_world
from collectors.way import Network
from tests.collectors.failures import LONG
from tests.tls import behind_tls

WORLD = resources.folder("config") / "worlds/as-written"


@dataclass
class Forward:
    """A forward proxy on loopback: sends on what names its host, and remembers it."""

    seen: list[tuple[str, str]] = field(default_factory=list)  # host and port asked for, Proxy-Authorization

    def answer(self, asked: Asked) -> Reply:
        parts = urlsplit(asked.target)
        self.seen.append((parts.netloc, asked.headers.get("proxy-authorization", "")))
        target = parts._replace(scheme="", netloc="").geturl()
        return FaultProxy(f"http://{parts.netloc}").answer(replace(asked, target=target))


@pytest.fixture
def serving() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_every_source_is_asked_through_the_proxy(serving: ExitStack, tmp_path: Path):
    """Eight vendors over four client libraries; the proxy wants a name and a password."""
    forward = Forward()
    proxy = serve(forward)
    serving.callback(proxy.close)
    sandbox = serving.enter_context(start(load_world(WORLD)))
    at = proxy.url.replace("http://", "http://gate:s%40fe@")
    env = {**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path), "CLEARANCE_PROXY": at}

    found = check_all(assemble(settings.read(env)).connections)

    assert {(check.vendor, check.state) for check in found} == {(vendor, "ok") for vendor in VENDORS}
    assert {host for host, _ in forward.seen} == {urlsplit(url).netloc for url in sandbox.urls.values()}
    assert {said for _, said in forward.seen} == {"Basic Z2F0ZTpzQGZl"}
    assert sum(len(front.seen) for front in sandbox.faults.values()) == len(forward.seen)


def test_a_proxy_that_is_down_makes_every_source_unreachable(serving: ExitStack, tmp_path: Path):
    """Nothing goes round it, and no sentence holds its password."""
    gone = serve(Forward())
    gone.close()
    sandbox = serving.enter_context(start(load_world(WORLD)))
    at = gone.url.replace("http://", "http://gate:s3cret@")
    env = {**sandbox.settings(), "CLEARANCE_HOME": str(tmp_path), "CLEARANCE_PROXY": at}

    found = check_all(assemble(settings.read(env)).connections)

    assert {check.state for check in found} == {"unreachable"}
    assert not any("s3cret" in check.sentence for check in found)
    assert not any(front.seen for front in sandbox.faults.values())


def test_urllib3_is_given_the_proxys_password_in_a_header():
    assert proxied(None) == (None, None)
    assert proxied("http://proxy.acme:3128") == ("http://proxy.acme:3128", None)
    assert proxied("http://a:b@proxy.acme:3128") == (
        "http://proxy.acme:3128",
        {"proxy-authorization": "Basic YTpi"},
    )


@pytest.mark.parametrize("vendor", VENDORS)
def test_only_the_certificates_of_the_bundle_count(serving: ExitStack, tmp_path: Path, vendor: str):
    """A source whose certificate is our own authority's: reached with the bundle, unreachable without."""
    url, bundle = _over_tls(serving, vendor, tmp_path)
    conn = _connections(tmp_path, vendor, url)

    trusting = check_all(replace(conn, network=Network(ca_bundle=bundle)))
    without = check_all(conn)

    assert {check.state for check in trusting if check.vendor == vendor} == {"ok"}
    assert {check.state for check in without if check.vendor == vendor} == {"unreachable"}


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_a_bundle_that_holds_no_certificates_is_refused_by_name(tmp_path: Path, content: str | None):
    path = tmp_path / "own.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    env = {"CLEARANCE_HOME": str(tmp_path), "CLEARANCE_CA_BUNDLE": str(path)}

    with pytest.raises(ConfigError, match=r"^CLEARANCE_CA_BUNDLE: .*own\.pem is not a file of PEM certificates"):
        assemble(settings.read(env))


@pytest.mark.parametrize("value", ["proxy.acme:3128", "socks5://a:pw@h:1", "http://a:pw@h", "http://:1", "http://h:pw"])
def test_a_proxy_that_is_no_address_is_refused_without_being_quoted(tmp_path: Path, value: str):
    env = {"CLEARANCE_HOME": str(tmp_path), "CLEARANCE_PROXY": value}

    with pytest.raises(ConfigError, match=r"^CLEARANCE_PROXY: must be http") as refused:
        assemble(settings.read(env))
    assert "pw" not in str(refused.value)


def _over_tls(serving: ExitStack, vendor: str, folder: Path) -> tuple[str, Path]:
    """A stand-in behind TLS, and the bundle with which it can be trusted."""
    stand_in = STAND_INS[vendor](load_world(WORLD))
    running = serve(stand_in)
    serving.callback(running.close)
    if hasattr(stand_in, "close"):
        serving.callback(stand_in.close)
    return behind_tls(running, folder)


def _connections(folder: Path, vendor: str, url: str) -> Connections:
    """The way to one vendor at `url`, with the world's credentials."""
    with start(load_world(WORLD)) as sandbox:
        env = {**sandbox.settings(), "CLEARANCE_HOME": str(folder / "home")}
        conn = assemble(settings.read(env)).connections
    access = getattr(conn, vendor)
    changed = {"endpoint_url": url} if vendor == "aws" else {"base_url": url}
    changed |= {"sdk_url": url} if vendor == "launchdarkly" else {}
    nothing = dict.fromkeys(VENDORS)
    return replace(conn, timeout=LONG, **{**nothing, vendor: replace(access, **changed)})
