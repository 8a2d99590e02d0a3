"""A KMS on loopback that speaks AWS's JSON over HTTP: keys, aliases, GetPublicKey and Sign as its reference has them.

moto's hashes a digest once more, so what it signs verifies nowhere. https://docs.aws.amazon.com/kms/latest/APIReference/
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from collectors.sandbox.server import Asked, Reply

PLACE = "arn:aws:kms:eu-west-1:123456789012:"
LONGEST = 4096  # bytes of a message that is not a digest
ALGORITHMS = {"ECC_NIST_P256": "ECDSA_SHA_256", "ECC_NIST_P384": "ECDSA_SHA_384", "RSA_2048": "RSASSA_PSS_SHA_256"}


@dataclass
class Vault:
    """`refuses`: operations that the caller has no permission for; `seen`: what was asked, in order."""

    keys: dict[str, tuple[str, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    host: str = ""

    def key(self, spec: str = "ECC_NIST_P256") -> str:
        """A new key's ARN."""
        curve = ec.SECP256R1() if spec == "ECC_NIST_P256" else ec.SECP384R1()
        made = rsa.generate_private_key(65537, 2048) if spec == "RSA_2048" else ec.generate_private_key(curve)
        arn = f"{PLACE}key/{secrets.token_hex(8)}"
        self.keys[arn] = (spec, made)
        return arn

    def answer(self, asked: Asked) -> Reply:
        operation = asked.headers["x-amz-target"].removeprefix("TrentService.")
        self.seen.append(operation)
        body = json.loads(asked.body)
        arn = self.aliases.get(body["KeyId"], body["KeyId"])
        if operation in self.refuses:
            return _error("AccessDeniedException")
        if arn not in self.keys:
            return _error("NotFoundException")
        return self._sign(arn, body) if operation == "Sign" else self._public(arn)

    def _public(self, arn: str) -> Reply:
        spec, key = self.keys[arn]
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        told = {"KeyId": arn, "KeySpec": spec, "KeyUsage": "SIGN_VERIFY", "SigningAlgorithms": [ALGORITHMS[spec]]}
        return _json({**told, "PublicKey": base64.b64encode(der).decode()})

    def _sign(self, arn: str, body: dict[str, str]) -> Reply:
        spec, key = self.keys[arn]
        message, is_digest = base64.b64decode(body["Message"]), body.get("MessageType", "RAW") == "DIGEST"
        if body["SigningAlgorithm"] != ALGORITHMS[spec] or not isinstance(key, ec.EllipticCurvePrivateKey):
            return _error("InvalidKeyUsageException")
        if len(message) > LONGEST or (is_digest and len(message) != 32):
            return _error("ValidationException")
        made = key.sign(message, ec.ECDSA(Prehashed(SHA256()) if is_digest else SHA256()))
        return _json({"KeyId": arn, "Signature": base64.b64encode(made).decode(), "SigningAlgorithm": ALGORITHMS[spec]})


def _json(told: dict[str, object], status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"content-type": "application/x-amz-json-1.1"})


def _error(code: str) -> Reply:
    return _json({"__type": code, "message": "no"}, 400)
