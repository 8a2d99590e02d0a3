"""Keys: an Ed25519 key in a file that only its owner can read, and public parts of any that signs for us.

A public part is base64 of its raw bytes: 32 of Ed25519, or the 65 of a point on P-256, as a KMS signs with.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from agent.errors import ConfigError
from collectors.evidence import sha256

ED25519, P256 = 32, 65  # bytes of a raw public key
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group of P-256 (SEC 2)


@dataclass(frozen=True)
class SigningKey:
    """A private key that was loaded. `public` is base64 of its public part's 32 bytes."""

    private: Ed25519PrivateKey = field(repr=False)
    public: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.public)

    def sign(self, data: bytes) -> bytes:
        return self.private.sign(data)


def make(path: Path) -> SigningKey:
    """Make a key file (PEM, PKCS #8, mode 0600). ConfigError if one is there already: a key is never overwritten."""
    private = Ed25519PrivateKey.generate()
    if not write_once(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), private=True):
        raise ConfigError(f"{path}: a key is there already and is never overwritten; name another file")
    return _key(private)


def make_or_load(path: Path) -> SigningKey:
    """The key of a file, made where there is none; of several that make it at once, all get the same."""
    try:
        return make(path)
    except ConfigError:
        return load(path)


def write_once(path: Path, body: bytes, *, private: bool = False) -> bool:
    """Write a file whole or not at all; False when there is one already. `private`: for its owner alone."""
    path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


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
    """The raw bytes of a public key. ValueError if it is not their base64, spare bits zero."""
    raw = base64.b64decode(public, validate=True)
    if len(raw) not in (ED25519, P256) or base64.b64encode(raw).decode() != public:
        raise ValueError("is not the base64 of a public key (32 bytes of Ed25519, or 65 of P-256)")
    return raw


@lru_cache(maxsize=1024)  # the keys of everybody in people.yaml are asked for at each signature
def public_key(public: str) -> Ed25519PublicKey | EllipticCurvePublicKey:
    raw = public_bytes(public)
    if len(raw) == ED25519:
        return Ed25519PublicKey.from_public_bytes(raw)
    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)


def public_pem(public: str) -> bytes:
    """The public key as plain tools read it (PEM, SubjectPublicKeyInfo)."""
    return public_key(public).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_public(path: Path) -> str:
    """A public key from a PEM file, in base64. ConfigError if it is missing, or of a sort that nothing of ours has."""
    try:
        return _public(load_pem_public_key(path.read_bytes()[:16_384]))
    except OSError as error:
        raise ConfigError(f"{path}: the public key could not be read ({error.strerror})") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"{path}: is not a public key in PEM") from error
    except TypeError as error:
        raise ConfigError(f"{path}: {error}") from error


def public_of_der(der: bytes) -> str:
    """A public key of SubjectPublicKeyInfo, in base64. ConfigError if it is neither Ed25519 nor on P-256."""
    try:
        return _public(load_der_public_key(der))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError("the KMS gave a public key that is neither Ed25519 nor on P-256") from error


def _public(found: object) -> str:
    if isinstance(found, Ed25519PublicKey):
        return base64.b64encode(found.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    if isinstance(found, EllipticCurvePublicKey) and isinstance(found.curve, SECP256R1):
        point = found.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.b64encode(point).decode()
    raise TypeError("is not an Ed25519 public key, nor one on P-256")


def verifies(public: str, signature: bytes, data: bytes) -> bool:
    """Did this key sign these bytes? Of the two forms that an ECDSA signature has only the lower is one."""
    key = public_key(public)
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
            return True
        key.verify(signature, data, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return lower(signature) == signature


def lower(signature: bytes) -> bytes:
    """The one form of an ECDSA signature (DER) that counts: with (r, s) anybody can write (r, n - s) as well."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, _ORDER - s))


@lru_cache(maxsize=1024)
def fingerprint(public: str) -> str:
    """The name of a public key: "sha256:" and the digest of its raw bytes in hex."""
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
