"""What stands at the door: it checks who asks, answers what moto cannot hold, and forwards the rest to moto."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import unquote

from collectors.sandbox.aws import backup, budgets, iam, s3, secrets, signature, trail
from collectors.sandbox.aws.data import Estate
from collectors.sandbox.aws.wire import json_error, query_error, s3_error
from collectors.sandbox.server import Asked, Reply
from collectors.sandbox.world import World

if TYPE_CHECKING:
    from collectors.sandbox.aws.seed import Moto

_BAD_KEY = {"s3": (403, "InvalidAccessKeyId"), "json": (400, "UnrecognizedClientException"),
            "query": (403, "InvalidClientTokenId"), "rest": (403, "UnrecognizedClientException")}  # fmt: skip
_BAD_SECRET = {"s3": (403, "SignatureDoesNotMatch"), "json": (400, "InvalidSignatureException"),
               "query": (403, "SignatureDoesNotMatch"), "rest": (403, "InvalidSignatureException")}  # fmt: skip
_UNSIGNED = {"s3": (403, "AccessDenied"), "json": (400, "MissingAuthenticationToken"),
             "query": (403, "MissingAuthenticationToken"), "rest": (403, "MissingAuthenticationToken")}  # fmt: skip
_ERRORS = {"s3": s3_error, "json": json_error, "query": query_error, "rest": backup.error}


class Aws:
    """AWS as one world has it. Close it: a moto server runs behind it once somebody asked what only moto answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._estate = Estate.model_validate(world.vendor("aws"))
        self._moto: Moto | None = None
        self._starting = threading.Lock()

    def answer(self, asked: Asked) -> Reply:
        signed = signature.signed_by(asked)
        keys = self._world.credentials
        if signed is None:
            return _refused(asked, _UNSIGNED, "The request is not signed.")
        if signed.key != keys.aws_access_key:
            return _refused(asked, _BAD_KEY, "The access key ID or security token included is invalid.")
        if not signature.is_genuine(asked, signed, keys.aws_secret_key):
            return _refused(asked, _BAD_SECRET, "The signature does not match the one that was calculated.")
        return self._own(asked, signed.service) or self._behind().forward(asked)

    def _own(self, asked: Asked, service: str) -> Reply | None:
        if service == "s3":
            return s3.answer(asked, self._estate)
        if service == "secretsmanager":
            return secrets.answer(asked, self._estate)
        if service == "cloudtrail":
            return trail.answer(asked, self._estate, self._world.clock)
        if service == "budgets":
            return budgets.answer(asked, self._estate)
        if service == "backup":
            return backup.answer(asked, self._estate, self._world.clock)
        return iam.answer(asked, self._estate) if service in ("iam", "sts") else None

    def _behind(self) -> Moto:
        from collectors.sandbox.aws.seed import Moto

        with self._starting:
            if self._moto is None:
                self._moto = Moto(self._estate)
            return self._moto

    def close(self) -> None:
        if self._moto is not None:
            self._moto.close()


def _refused(asked: Asked, codes: dict[str, tuple[int, str]], message: str) -> Reply:
    kind = _notation(asked)
    status, code = codes[kind]
    return _ERRORS[kind](status, code, message)


def _notation(asked: Asked) -> str:
    """How the answer must be written, which the request gives away."""
    if "x-amz-target" in asked.headers:
        return "json"
    if backup.PLACE.fullmatch(unquote(asked.path)):
        return "rest"
    return "query" if asked.method == "POST" and b"Action=" in asked.body else "s3"
