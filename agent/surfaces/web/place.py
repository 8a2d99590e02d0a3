"""Where the page is served: the address that browsers use, what is listened on, and who holds the certificate."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent.errors import ConfigError
from agent.settings import Settings
from collectors.connections import is_loopback

LOOPBACK = "127.0.0.1"
LISTEN, URL, TRUSTS = "CLEARANCE_PAGE_LISTEN", "CLEARANCE_PAGE_URL", "CLEARANCE_PAGE_TRUSTS"
CERT, KEY = "CLEARANCE_PAGE_TLS_CERT", "CLEARANCE_PAGE_TLS_KEY"


@dataclass(frozen=True)
class Place:
    """`url` "": loopback, at the port that is listened on. `proxies`: the only ones that may ask, where there are any;
    they hold the certificate, or `tls` (certificate and key) is ours.
    """

    listen: str = LOOPBACK
    url: str = ""
    tls: tuple[Path, Path] | None = None
    proxies: frozenset[str] = frozenset()

    def address(self, port: int) -> str:
        return self.url or f"http://{self.listen}:{port}"


def place_of(own: Settings, by_login: bool) -> Place:
    """From the settings; ConfigError where several people could reach a page that is not safe for several."""
    place = Place(own.get(LISTEN) or LOOPBACK, (own.get(URL) or "").rstrip("/"), _tls(own), _proxies(own))
    _check_listen(place, by_login)
    _check_url(place)
    return place


def _check_listen(place: Place, by_login: bool) -> None:
    try:
        address = ipaddress.ip_address(place.listen)
    except ValueError as error:
        raise ConfigError(f"{LISTEN}: {place.listen!r} is not an address; for example 0.0.0.0 or 127.0.0.1") from error
    if not by_login and (place != Place() or not address.is_loopback):
        raise ConfigError(
            f"{LISTEN}, {URL}, {TRUSTS}, {CERT}: the one-time link is for one person on this machine; a page that "
            "others reach needs CLEARANCE_OIDC_ISSUER, where they log in"
        )
    if not address.is_loopback and not place.url:
        raise ConfigError(f"{URL}: must be the https:// address at which browsers reach this page")


def _check_url(place: Place) -> None:
    if not place.url:
        return
    parts = urlsplit(place.url)
    plain = parts.scheme == "http" and is_loopback(place.url) and ipaddress.ip_address(place.listen).is_loopback
    if not parts.hostname or (parts.scheme != "https" and not plain) or parts.path or parts.query or parts.fragment:
        raise ConfigError(f"{URL}: {place.url!r} must be https://, a host and perhaps a port, and nothing behind it")
    if parts.scheme == "https" and place.tls is None and not place.proxies:
        raise ConfigError(
            f"{URL}: nobody holds a certificate for it; set {CERT} and {KEY}, or {TRUSTS} to the address of the proxy "
            "that does"
        )


def _tls(own: Settings) -> tuple[Path, Path] | None:
    cert, key = own.get(CERT), own.get(KEY)
    if bool(cert) != bool(key):
        raise ConfigError(f"{CERT if not cert else KEY}: certificate and key are needed together")
    for name, path in ((CERT, cert), (KEY, key)):
        if path and not Path(path).is_file():
            raise ConfigError(f"{name}: {path} is not there")
    return (Path(cert), Path(key)) if cert and key else None


def _proxies(own: Settings) -> frozenset[str]:
    found = [one.strip() for one in (own.get(TRUSTS) or "").split(",") if one.strip()]
    try:
        return frozenset(str(ipaddress.ip_address(one)) for one in found)
    except ValueError as error:
        raise ConfigError(
            f"{TRUSTS}: must be the addresses of your own proxies, such as 10.0.0.7, not names"
        ) from error
