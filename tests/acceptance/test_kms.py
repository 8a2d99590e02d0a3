"""Reports sealed by a key in AWS KMS, named by a URI: made through boto3, checked offline, also by hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from agent.domain import SignOffDecision
from agent.errors import ConfigError, NotVerified, StoreError
from agent.outward import seal
from agent.service import signing
from agent.service.finishing import finish
from agent.service.permission import may_deploy
from agent.service.verification import verify
from agent.settings import read
from agent.signing import keys
from agent.signing.kms import Kms
from collectors.sandbox.server import serve
from tests.acceptance.bundles import SHELLS, by_hand
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Prepared, as_person
from tests.acceptance.vault import Vault

HERE = {"CLEARANCE_SEAL_KEY_ID": "AKSEAL", "CLEARANCE_SEAL_SECRET": "secret"}


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    found = Vault()
    server = serve(found)
    found.host = server.url.removeprefix("http://")
    try:
        yield found
    finally:
        server.close()


def named(vault: Vault, key: str) -> dict[str, str]:
    return {**HERE, "CLEARANCE_SEAL": f"awskms://{vault.host}/{key}"}


def kms(given: dict[str, str]) -> Kms:
    found = seal(read(given))
    assert found
    return found


def sign_all(desk: Desk, review: str, own: dict[str, str]) -> signing.Signed:
    for person, role in SIGNERS:
        deps, who = as_person(desk, person, **own)
        open_all(deps, who, review)
        signed = signing.sign(deps, who, review, role, SignOffDecision.CLEARED, notes=NOTES)
    return signed


@pytest.fixture(scope="module")
def sealed(vault: Vault, prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    desk = prepared.copy(tmp_path_factory.mktemp("kms"))
    return desk, Path(sign_all(desk, prepared.review, named(vault, vault.key())).bundle)


def test_a_bundle_sealed_in_the_kms_holds_offline_by_its_public_key(sealed: tuple[Desk, Path]):
    """No key of ours is made at all; whoever checks reaches no KMS."""
    desk, bundle = sealed
    (key,) = (desk.home / "trust").glob("*.pem")

    assert not (desk.home / "keys/clearance.pem").exists()
    assert verify(bundle, Path("/nowhere"), [key]).key == keys.fingerprint(keys.read_public(key))
    for shell in SHELLS:
        done = by_hand(bundle, key, shell)
        assert (done.returncode, "the bundle holds" in done.stdout) == (0, True), done.stderr
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0


def test_another_form_of_the_same_signature_is_refused(sealed: tuple[Desk, Path], tmp_path: Path):
    """With (r, s) everybody can write (r, n - s) too: it verifies as ECDSA, and is not what was written."""
    desk, bundle = sealed
    path = bundle / "statement.dsse.json"
    whole = path.read_bytes()
    said = json.loads(whole)
    r, s = decode_dss_signature(base64.b64decode(said["signatures"][0]["sig"]))
    other = encode_dss_signature(r, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551 - s)
    said["signatures"][0]["sig"] = base64.b64encode(other).decode()
    path.write_text(json.dumps(said, separators=(",", ":"), sort_keys=True))

    with pytest.raises(NotVerified, match="does not verify"):
        verify(bundle, desk.home)
    path.write_bytes(whole)
    assert verify(bundle, desk.home).predicate.decision == "cleared"


def test_while_the_kms_refuses_nothing_is_reported_and_the_next_command_goes_on(
    vault: Vault, prepared: Prepared, tmp_path: Path
):
    desk, own = prepared.copy(tmp_path), named(vault, vault.key())
    vault.refuses.add("Sign")
    said = sign_all(desk, prepared.review, own).said
    vault.refuses.clear()

    assert "could not be used (AccessDeniedException); it needs kms:GetPublicKey and kms:Sign" in " ".join(said)
    assert not list((desk.home / "reports").glob("*/statement.dsse.json"))
    finish(desk.deps(**own))
    assert desk.deps().reviews.get(prepared.review).state == "reported"


def test_an_alias_that_was_turned_to_another_key_signs_nothing(vault: Vault):
    """The signature is checked against the key that was shown before it goes anywhere."""
    first, other = vault.key(), vault.key()
    vault.aliases["alias/turned"] = first
    key = kms(named(vault, "alias/turned")).key()
    assert keys.verifies(key.public, key.sign(b"text"), b"text")

    vault.aliases["alias/turned"] = other

    with pytest.raises(StoreError, match="signed with another than it showed before"):
        key.sign(b"text")


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P384"])
def test_a_key_of_another_sort_is_refused_by_name(vault: Vault, spec: str):
    with pytest.raises(ConfigError, match=f"is {spec} for SIGN_VERIFY; it must be ECC_NIST_P256"):
        kms(named(vault, vault.key(spec))).key()


def test_a_key_that_is_not_there_is_said_with_what_it_needs(vault: Vault):
    with pytest.raises(StoreError, match=r"\(eu-west-1\) could not be used \(NotFoundException\)"):
        kms(named(vault, "arn:aws:kms:eu-west-1:123456789012:key/none")).key()
    key = kms(named(vault, "alias/x"))
    gone = replace(key, account=replace(key.account, endpoint="http://127.0.0.1:9", timeout=0.2))
    with pytest.raises(StoreError, match=r"could not be used \(EndpointConnectionError\)"):
        gone.key()


ARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("uri", "region", "endpoint"),
    [
        (f"awskms:///{ARN}", "eu-central-1", None),
        ("awskms:///alias/launch", "us-east-1", None),
        (
            f"awskms://vpce-1.kms.eu-central-1.vpce.amazonaws.com/{ARN}",
            "eu-central-1",
            "https://vpce-1.kms.eu-central-1",
        ),
    ],
)
def test_a_uri_names_key_region_and_endpoint(uri: str, region: str, endpoint: str | None):
    found = kms({**HERE, "CLEARANCE_SEAL": uri})

    assert (found.id, found.account.region) == (uri.split("/", 3)[3], region)
    assert (found.account.endpoint or "").startswith(endpoint or "") and bool(found.account.endpoint) == bool(endpoint)  # noqa: PT018


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({**HERE, "CLEARANCE_SEAL": "gcpkms://projects/x"}, "write awskms:///ARN"),
        ({**HERE, "CLEARANCE_SEAL": "awskms:///"}, "write awskms:///ARN"),
        ({"CLEARANCE_SEAL": f"awskms:///{ARN}"}, "needs CLEARANCE_SEAL_KEY_ID"),
        ({**HERE, "CLEARANCE_SEAL": f"awskms:///{ARN}", "AWS_ACCESS_KEY_ID": "AKSEAL"}, "are those that read evidence"),
        ({**HERE, "CLEARANCE_SEAL": f"awskms:///{ARN}", "CLEARANCE_CLOCK": "2026-06-17T10:00:00Z"}, "is a real source"),
    ],
)
def test_settings_that_do_not_hold_are_said(given: dict[str, str], told: str):
    with pytest.raises(ConfigError, match=told):
        (seal(read(given)), read(given).clock())


def test_keys_show_tells_the_fingerprint_of_the_kms_key(sealed: tuple[Desk, Path], vault: Vault):
    desk, key = sealed[0], vault.key()
    shown = desk.cli("keys", "show", CLEARANCE_KEY=str(desk.keys / "dana.ortiz.pem"), **named(vault, key))

    assert f"(KMS key {key})" in " ".join(shown.stdout.split()), shown.stderr
    assert kms(named(vault, key)).key().fingerprint in shown.stdout
