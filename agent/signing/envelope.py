"""A signed envelope (DSSE): sealed by one key, opened only if it is written in the one canonical way."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import rfc8785
from pydantic import Field, ValidationError

from agent.errors import NotVerified
from agent.signing.house import Seal
from agent.signing.keys import fingerprint, verifies
from collectors.evidence import Model, canonical

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope as Dsse

LARGEST = 4_000_000  # bytes; longer input is refused before it is parsed


class NotAnEnvelope(NotVerified, ValueError):
    """Not an envelope as `seal` writes it: another type, an added field, spare bits, a second signature."""


class BadSignature(NotVerified, ValueError):
    """It names a key that we know, and that key did not sign these bytes."""


class _Signature(Model):
    keyid: str = Field(max_length=200)
    sig: str


class _Envelope(Model):
    payload: str
    payloadType: str
    signatures: tuple[_Signature]


def seal(payload: bytes, payload_type: str, key: Seal) -> bytes:
    """The signed envelope as one canonical JSON line (RFC 8785) without a newline."""
    from securesystemslib.signer import Signature  # type: ignore[attr-defined]

    dsse = _dsse(payload, payload_type)
    dsse.signatures[key.fingerprint] = Signature(key.fingerprint, key.sign(dsse.pae()).hex())
    return rfc8785.dumps(dsse.to_dict())


def unseal(envelope: bytes, payload_type: str, keys: Iterable[str]) -> tuple[bytes, str | None]:
    """The payload, and which of `keys` (public, base64) signed it; None if the key it names is not among them.

    NotAnEnvelope if writing it again would give other bytes; BadSignature if a key of ours did not sign this.
    """
    read = _read(envelope)
    if read.payloadType != payload_type:
        raise NotAnEnvelope(f"the envelope holds {read.payloadType!r}, and {payload_type!r} was expected")
    payload, signature = _plain(read.payload), read.signatures[0]
    public = {fingerprint(key): key for key in keys}.get(signature.keyid)
    if public is None:
        return payload, None
    if not verifies(public, _plain(signature.sig), _dsse(payload, payload_type).pae()):
        raise BadSignature(f"the signature does not verify with the key {signature.keyid} that it names")
    return payload, public


def signer_of(envelope: bytes) -> str:
    """The fingerprint that the envelope names, proven or not: for telling people which key is not known."""
    return _read(envelope).signatures[0].keyid


def _dsse(payload: bytes, payload_type: str) -> Dsse:
    """Imported here: with it come the signers that it knows, AWS's whole SDK among them."""
    from securesystemslib.dsse import Envelope as Dsse

    return Dsse(payload, payload_type, {})


def _read(envelope: bytes) -> _Envelope:
    if len(envelope) > LARGEST:
        raise NotAnEnvelope(f"the envelope is larger than {LARGEST} bytes")
    try:
        read = _Envelope.model_validate(json.loads(envelope))
        again = canonical(read.model_dump())  # there is text alone in it, which RFC 8785 writes in the same way
    except ValidationError as error:
        raise NotAnEnvelope(f"not a signed envelope: {_first(error)}") from error
    except (ValueError, RecursionError) as error:
        raise NotAnEnvelope("not a signed envelope: it is not JSON") from error
    if again != envelope or not (_is_plain(read.payload) and _is_plain(read.signatures[0].sig)):
        raise NotAnEnvelope("the envelope is not in its canonical form, so it is not the one that was signed")
    return read


def _first(error: ValidationError) -> str:
    mistake = error.errors(include_url=False)[0]
    where = ".".join(map(str, mistake["loc"])) or "the whole"
    return f"{where}: {mistake['msg']}"


def _plain(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _is_plain(text: str) -> bool:
    """Is this the one canonical base64 of its bytes (padded, no other letters, spare bits zero)?"""
    try:
        return base64.b64encode(_plain(text)).decode() == text
    except ValueError:
        return False
