"""Where the page may be served: for one person on loopback, for several behind a login and TLS, and nowhere else."""

from __future__ import annotations

import datetime
import http.client
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from agent import settings
from agent.errors import ConfigError
from agent.surfaces.web.oidc.provider import provider_of
from agent.surfaces.web.place import Place, place_of
from tests.acceptance.conftest import Desk, RunningWorld, desk_over
from tests.processes import LONGEST
from tests.web.conftest import Serve
from tests.web.provider import Idp, provider
from tests.web.test_login import LOGINS, bind
from tests.web.test_login import settings as login_settings

PAGE = "https://clearance.acme.example"


def place(tmp_path: Path, by_login: bool = True, **own: str) -> Place:
    named = {f"CLEARANCE_PAGE_{name}": value for name, value in own.items()}
    return place_of(settings.read({"CLEARANCE_HOME": str(tmp_path), **named}), by_login)


def test_without_any_setting_it_is_loopback(tmp_path: Path):
    assert place(tmp_path, by_login=False).address(8321) == "http://127.0.0.1:8321"


REFUSED: dict[str, dict[str, str]] = {
    "must be the https:// address": {"LISTEN": "0.0.0.0"},
    "nobody holds a certificate": {"LISTEN": "0.0.0.0", "URL": PAGE},
    "is not an address": {"LISTEN": "everywhere"},
    "must be https://, a host": {"URL": "http://clearance.acme.example", "TRUSTS": "10.0.0.7"},
    "and nothing behind it": {"URL": PAGE + "/page", "TRUSTS": "10.0.0.7"},
    "not names": {"URL": PAGE, "TRUSTS": "proxy.acme.example"},
    "are needed together": {"URL": PAGE, "TLS_CERT": "cert.pem"},
    "is not there": {"URL": PAGE, "TLS_CERT": "/nowhere/cert.pem", "TLS_KEY": "/nowhere/key.pem"},
    "in PEM, without a passphrase": {"URL": PAGE, "TLS_CERT": __file__, "TLS_KEY": __file__},
    "must be the https:// address that the certificate": {"TRUSTS": "10.0.0.7"},
}


@pytest.mark.parametrize("sentence", sorted(REFUSED))
def test_what_is_not_safe_for_several_is_refused(tmp_path: Path, sentence: str):
    with pytest.raises(ConfigError, match=sentence):
        place(tmp_path, **REFUSED[sentence])


@pytest.mark.parametrize(
    "url",
    [PAGE + ":99999", PAGE + ":page", "https://mike:secret@acme.example", "https://[::1", "https://a b", "https://"],
)
def test_what_no_browser_could_ask_for_is_no_address(tmp_path: Path, url: str):
    with pytest.raises(ConfigError, match=r"must be https://, a host and perhaps a port"):
        place(tmp_path, URL=url, TRUSTS="10.0.0.7")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://Clearance.Acme.example:443/", PAGE),
        ("https://clearance.acme.example:8443", PAGE + ":8443"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_address_is_what_browsers_send_as_their_host(tmp_path: Path, url: str, address: str):
    """Else every request would be one for another host, and no form of this page's origin."""
    assert place(tmp_path, URL=url, TRUSTS="10.0.0.7").address(1) == address


def test_the_other_loopback_address_has_brackets(tmp_path: Path):
    assert place(tmp_path, LISTEN="::1").address(8321) == "http://[::1]:8321"


@pytest.mark.parametrize("own", [{"LISTEN": "0.0.0.0"}, {"URL": PAGE}, {"TRUSTS": "10.0.0.7"}])
def test_the_one_time_link_is_for_this_machine_only(tmp_path: Path, own: dict[str, str]):
    with pytest.raises(ConfigError, match="needs CLEARANCE_OIDC_ISSUER"):
        place(tmp_path, by_login=False, **own)


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"CLIENT_ID": "page"}, "CLEARANCE_OIDC_ISSUER is not"),
        ({"ISSUER": "https://login.acme.example"}, "CLEARANCE_OIDC_CLIENT_ID: must name"),
        ({"ISSUER": "http://login.acme.example", "CLIENT_ID": "page"}, "must be https://"),
    ],
)
def test_half_a_login_is_refused(tmp_path: Path, own: dict[str, str], sentence: str):
    named = {f"CLEARANCE_OIDC_{name}": value for name, value in own.items()}

    with pytest.raises(ConfigError, match=sentence):
        provider_of(settings.read({"CLEARANCE_HOME": str(tmp_path), **named}))


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    with provider() as found:
        yield found


@pytest.fixture(scope="module")
def desk(put_right_world: RunningWorld, idp: Idp, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = desk_over(put_right_world, tmp_path_factory.mktemp("place"))
    bind(made, idp.issuer, LOGINS)
    return made


def ask(connection: http.client.HTTPConnection, path: str, **headers: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_behind_a_proxy_only_the_proxy_is_heard_and_only_over_tls(desk: Desk, serve: Serve, idp: Idp):
    own = {"CLEARANCE_PAGE_URL": PAGE, "CLEARANCE_PAGE_TRUSTS": "127.0.0.2", **login_settings(idp.issuer)}
    port = serve_port(serve(desk, "behind a proxy", **own).process.pid)
    host = urlsplit(PAGE).netloc

    def through(address: str, **headers: str) -> http.client.HTTPResponse:
        return ask(http.client.HTTPConnection("127.0.0.1", port, 20, source_address=(address, 0)), "/login", **headers)

    assert through("127.0.0.1", Host=host, X_Forwarded_Proto="https").status == 403
    assert through("127.0.0.2", Host=host).status == 403
    assert through("127.0.0.2", Host=host, X_Forwarded_Proto="http").status == 403
    assert through("127.0.0.2", Host="evil.example", X_Forwarded_Proto="https").status == 403
    good = through("127.0.0.2", Host=host, X_Forwarded_Proto="https")
    assert good.status == 303
    assert good.headers["set-cookie"].startswith("__Host-clearance_login=")
    assert "Secure" in good.headers["set-cookie"].split("; ")
    assert good.headers["strict-transport-security"].startswith("max-age=")
    assert f"redirect_uri={PAGE.replace(':', '%3A').replace('/', '%2F')}%2Flogin%2Fback" in good.headers["location"]


def serve_port(pid: int) -> int:
    """The port that this process listens on: behind a proxy its own address is not what it tells."""
    inodes = {os_link.split("[")[1][:-1] for os_link in _links(pid) if os_link.startswith("socket:")}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[3] == "0A" and cells[9] in inodes:
            return int(cells[1].split(":")[1], 16)
    raise AssertionError("it listens on nothing")


def _links(pid: int) -> list[str]:
    return [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]


def test_with_a_certificate_of_its_own_it_speaks_tls(desk: Desk, serve: Serve, idp: Idp, tmp_path: Path):
    cert, key = certificate(tmp_path)
    own = {
        "CLEARANCE_PAGE_URL": "https://localhost:8443", "CLEARANCE_PAGE_TLS_CERT": str(cert),
        "CLEARANCE_PAGE_TLS_KEY": str(key), **login_settings(idp.issuer),
    }  # fmt: skip
    port = serve_port(serve(desk, "with TLS", **own).process.pid)
    context = ssl.create_default_context(cafile=str(cert))

    answer = ask(
        http.client.HTTPSConnection("localhost", port, timeout=LONGEST, context=context), "/", Host="localhost:8443"
    )

    assert answer.status == 401


def certificate(folder: Path) -> tuple[Path, Path]:
    """For localhost, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, held = folder / "cert.pem", folder / "tls.pem"
    cert.write_bytes(made.public_bytes(Encoding.PEM))
    held.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return cert, held
