"""A personal key is a file that nobody else can read, and it is never replaced by accident."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from agent.errors import ConfigError
from agent.signing import keys


def test_a_key_that_was_made_can_be_loaded_again(tmp_path: Path):
    """Same public part, same fingerprint; the file and its new folder are the owner's alone."""
    path = tmp_path / "mine" / "key.pem"

    made = keys.make(path)

    assert keys.load(path).public == made.public
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "private" not in repr(made)


def test_a_fingerprint_is_the_digest_of_the_raw_public_key(tmp_path: Path):
    """So that anybody can work it out with plain tools."""
    made = keys.make(tmp_path / "key.pem")

    assert made.fingerprint == "sha256:" + hashlib.sha256(base64.b64decode(made.public)).hexdigest()


def test_a_key_is_never_overwritten(tmp_path: Path):
    """Making one where one is leaves the old one alone."""
    path = tmp_path / "key.pem"
    first = keys.make(path)

    with pytest.raises(ConfigError, match="never overwritten"):
        keys.make(path)
    assert keys.load(path).public == first.public


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o610])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int):
    """The advice is the command that mends it."""
    path = tmp_path / "key.pem"
    keys.make(path)
    path.chmod(mode)

    with pytest.raises(ConfigError, match=f"chmod 600 {path}"):
        keys.load(path)


def _elliptic() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(("content", "why"), [(b"hello", "PEM"), (b"", "PEM"), (_elliptic(), "not an Ed25519 key")])
def test_a_file_that_is_no_ed25519_key_is_refused(tmp_path: Path, content: bytes, why: str):
    """It names the file and never shows what is in it."""
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(ConfigError, match=why) as refused:
        keys.load(path)
    assert "hello" not in str(refused.value)


def test_a_missing_key_says_which_setting_names_it(tmp_path: Path):
    with pytest.raises(ConfigError, match="CLEARANCE_KEY"):
        keys.load(tmp_path / "none.pem")


@pytest.mark.parametrize("public", ["", "AAAA", "not base64", "A" * 44, "A" * 42 + "B=", "ä" * 44])
def test_a_public_key_is_canonical_base64_of_32_bytes(public: str):
    """Spare bits, other lengths and other letters would give one key several names."""
    with pytest.raises(ValueError, match=r".+"):
        keys.public_bytes(public)
