"""A key in AWS KMS that seals: ECDSA over P-256 with SHA-256, whose signatures plain tools check offline.

KMS signs messages of at most 4096 bytes whole, and Ed25519 of longer ones only in a variant that few can verify; with
ECDSA it takes the digest. https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from agent.errors import ConfigError, StoreError
from agent.signing import keys
from agent.writing_account import WritingAccount

URI = re.compile(r"awskms://(?P<host>[^/]*)/(?P<key>(arn:[^:]+:kms:(?P<region>[^:]+):\d*:)?[A-Za-z0-9:/_-]+)")
ALGORITHM = "ECDSA_SHA_256"


@dataclass(frozen=True)
class Kms:
    """`id`: key id, alias (alias/…) or ARN. The account needs kms:GetPublicKey and kms:Sign."""

    id: str
    account: WritingAccount

    def key(self) -> KmsKey:
        """The key, its public part asked for once. ConfigError where it is of another sort, StoreError if refused."""
        client = self.account.client("kms")
        told = self.ask(lambda: client.get_public_key(KeyId=self.id))
        if told["KeyUsage"] != "SIGN_VERIFY" or ALGORITHM not in told.get("SigningAlgorithms", ()):
            sort = f"{told.get('KeySpec')} for {told['KeyUsage']}"
            raise ConfigError(f"CLEARANCE_SEAL: {self.id} is {sort}; it must be ECC_NIST_P256 for SIGN_VERIFY")
        return KmsKey(keys.public_of_der(told["PublicKey"]), self, client)

    def ask(self, call: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return call()
        except (BotoCoreError, ClientError) as error:
            code = error.response.get("Error", {}).get("Code") if isinstance(error, ClientError) else None
            where = f"{self.id} ({self.account.region})"
            raise StoreError(
                f"the KMS key {where} could not be used ({code or type(error).__name__}); it needs "
                "kms:GetPublicKey and kms:Sign; what was signed is kept, try again"
            ) from error


@dataclass(frozen=True)
class KmsKey:
    """The private half never leaves the KMS."""

    public: str
    kms: Kms
    client: Any = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return keys.fingerprint(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature (DER, in its lower form), checked here: an alias may have been turned to another key since."""
        digest = hashlib.sha256(data).digest()
        request = {"KeyId": self.kms.id, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": ALGORITHM}
        made = keys.lower(self.kms.ask(lambda: self.client.sign(**request))["Signature"])
        if not keys.verifies(self.public, made, data):
            raise StoreError(f"the KMS key {self.kms.id} signed with another than it showed before; try again")
        return made


def named(uri: str) -> tuple[str, str, str]:
    """Endpoint host ("" = the vendor's), key and region ("" = it does not say) of awskms://[host]/KEY."""
    found = URI.fullmatch(uri)
    if not found:
        raise ConfigError("CLEARANCE_SEAL: write awskms:///ARN, awskms:///alias/NAME or awskms:///KEY-ID")
    return found["host"], found["key"], found["region"] or ""
