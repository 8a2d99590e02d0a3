"""An envelope opens only in its one canonical form, and only keys from outside it prove who signed."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.signing import keys
from agent.signing.envelope import LARGEST, BadSignature, NotAnEnvelope, seal, signer_of, unseal

TYPE = "application/vnd.clearance.test+json"
PAYLOAD = b'{"said":"yes"}'


@pytest.fixture
def mine(tmp_path: Path) -> keys.SigningKey:
    return keys.make(tmp_path / "mine.pem")


@pytest.fixture
def other(tmp_path: Path) -> keys.SigningKey:
    return keys.make(tmp_path / "other.pem")


def test_what_was_sealed_opens_with_the_signer_known(mine: keys.SigningKey, other: keys.SigningKey):
    """The payload comes back to the byte, with the public key that signed it."""
    envelope = seal(PAYLOAD, TYPE, mine)

    assert unseal(envelope, TYPE, [other.public, mine.public]) == (PAYLOAD, mine.public)
    assert signer_of(envelope) == mine.fingerprint


def test_sealing_twice_gives_the_same_bytes(mine: keys.SigningKey):
    """Ed25519 is deterministic, so is the form: safe to repeat, addressable by digest."""
    assert seal(PAYLOAD, TYPE, mine) == seal(PAYLOAD, TYPE, mine)
    assert b"\n" not in seal(PAYLOAD, TYPE, mine)


def test_an_unknown_key_proves_nothing(mine: keys.SigningKey, other: keys.SigningKey):
    """The payload can be read, and nobody is said to have signed it."""
    assert unseal(seal(PAYLOAD, TYPE, mine), TYPE, [other.public]) == (PAYLOAD, None)
    assert unseal(seal(PAYLOAD, TYPE, mine), TYPE, []) == (PAYLOAD, None)


def test_a_signature_that_a_known_key_did_not_make_is_an_error(mine: keys.SigningKey, other: keys.SigningKey):
    """Swapped payload, swapped key id and swapped type all fail by name."""
    told = json.loads(seal(PAYLOAD, TYPE, mine))
    swapped = _written({**told, "payload": base64.b64encode(b'{"said":"no"}').decode()})
    borrowed = _written({**told, "signatures": [{**told["signatures"][0], "keyid": other.fingerprint}]})
    retyped = _written({**told, "payloadType": "application/else"})

    for forged, type in ((swapped, TYPE), (borrowed, TYPE), (retyped, "application/else")):
        with pytest.raises(BadSignature, match="does not verify"):
            unseal(forged, type, [mine.public, other.public])


def test_an_envelope_of_another_type_is_refused(mine: keys.SigningKey):
    """A sign-off can never stand in for a statement, nor the other way round."""
    with pytest.raises(NotAnEnvelope, match="was expected"):
        unseal(seal(PAYLOAD, "application/else", mine), TYPE, [mine.public])


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _spare_bits(text: str) -> str:
    """The same bytes in base64 whose unused last bits are not zero."""
    assert text.endswith("==")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-3] + letters[letters.index(text[-3]) + 1] + "=="


def _with_signature(told: dict[str, Any], **more: str) -> dict[str, Any]:
    return {**told, "signatures": [{**told["signatures"][0], **more}]}


CHANGES: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "a trailing newline": lambda told: _written(told) + b"\n",
    "a space": lambda told: json.dumps(told, sort_keys=True).encode(),
    "another order of keys": lambda told: json.dumps(dict(reversed(told.items())), separators=(",", ":")).encode(),
    "an added field": lambda told: _written({**told, "note": "x"}),
    "an added field in the signature": lambda told: _written(_with_signature(told, cert="x")),
    "a key twice": lambda told: _written(told)[:-1] + b',"payloadType":"' + TYPE.encode() + b'"}',
    "spare bits in the payload": lambda told: _written({**told, "payload": _spare_bits(told["payload"])}),
    "spare bits in the signature": lambda told: _written(
        _with_signature(told, sig=_spare_bits(told["signatures"][0]["sig"]))
    ),
    "url-safe base64": lambda told: _written({**told, "payload": "__79"}),
    "missing padding": lambda told: _written({**told, "payload": told["payload"].rstrip("=")}),
    "two signatures by one key": lambda told: _written({**told, "signatures": told["signatures"] * 2}),
    "no signature": lambda told: _written({**told, "signatures": []}),
    "a missing field": lambda told: _written({k: v for k, v in told.items() if k != "payloadType"}),
    "an escaped letter": lambda told: _written(told).replace(b'payload"', b'p\\u0061yload"', 1),
    "a list": lambda told: b"[]",
    "no JSON": lambda told: b"yes",
    "no UTF-8": lambda told: b"\xff\xfe",
    "a nest of lists": lambda told: b"[" * 100_000,
    "half of it": lambda told: _written(told)[:40],
    "too much": lambda told: b" " * (LARGEST + 1),
    "a lone surrogate": lambda told: _written({**told, "payloadType": "\ud800"}),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_an_envelope_that_is_written_otherwise_is_refused(mine: keys.SigningKey, change: str):
    """However good its signature: writing it again would give other bytes."""
    told = json.loads(seal(b'{"said":"no"}', TYPE, mine))
    assert unseal(_written(told), TYPE, [mine.public])

    with pytest.raises(NotAnEnvelope):
        unseal(CHANGES[change](told), TYPE, [mine.public])
