"""Personal Ed25519 keys: a file that only its owner can read, and the public part that people.yaml names."""

from __future__ import annotations

import base64
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from agent.errors import ConfigError
from collectors.evidence import sha256


@dataclass(frozen=True)
class SigningKey:
    """A private key that was loaded. `public` is base64 of its public part's 32 bytes."""

    private: Ed25519PrivateKey = field(repr=False)
    public: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public)


def make(path: Path) -> SigningKey:
    """Make a key file (PEM, PKCS #8, mode 0600). ConfigError if one is there already: a key is never overwritten."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise ConfigError(f"{path}: a key is there already and is never overwritten; name another file") from error
    with os.fdopen(handle, "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return _key(private)


def load(path: Path) -> SigningKey:
    """Read a key file. ConfigError if it is missing, if others can read it, or if it is no Ed25519 key."""
    pem = _read_private(path)
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{path}: is not an unencrypted private key in PEM (PKCS #8)") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise ConfigError(f"{path}: is not an Ed25519 key; make one with `clearance keys new`")
    return _key(private)


def public_bytes(public: str) -> bytes:
    """The 32 bytes of a public key. ValueError if it is not their base64, spare bits zero."""
    raw = base64.b64decode(public, validate=True)
    if len(raw) != 32 or base64.b64encode(raw).decode() != public:
        raise ValueError("is not the base64 of an Ed25519 public key (32 bytes, 44 characters)")
    return raw


def public_key(public: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_bytes(public))


def public_pem(public: str) -> bytes:
    """The public key as plain tools read it (PEM, SubjectPublicKeyInfo)."""
    return public_key(public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(path: Path) -> str:
    """A public key from a PEM file, in base64. ConfigError if it is missing or no Ed25519 key."""
    try:
        found = load_pem_public_key(path.read_bytes()[:16_384])
    except OSError as error:
        raise ConfigError(f"{path}: the public key could not be read ({error.strerror})") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{path}: is not a public key in PEM") from error
    if not isinstance(found, Ed25519PublicKey):
        raise ConfigError(f"{path}: is not an Ed25519 public key")
    return base64.b64encode(found.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def fingerprint(public: str) -> str:
    """The name of a public key: "sha256:" and the digest of its 32 bytes in hex."""
    return "sha256:" + sha256(public_bytes(public))


def _key(private: Ed25519PrivateKey) -> SigningKey:
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SigningKey(private, base64.b64encode(raw).decode())


def _read_private(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode, held = stat.S_IMODE(os.fstat(file.fileno()).st_mode), file.read(16_384)
            if b"PRIVATE KEY" not in held:
                raise ConfigError(f"{path}: is not a private key in PEM; set CLEARANCE_KEY to yours")
            if mode & 0o077:
                raise ConfigError(f"{path}: others can read this key (mode {mode:04o}); run: chmod 600 {path}")
            return held
    except OSError as error:
        raise ConfigError(f"{path}: the key could not be read ({error.strerror}); set CLEARANCE_KEY") from error
