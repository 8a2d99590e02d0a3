"""A bundle in a bucket: every object written once (`If-None-Match: *`), the statement last, safe to repeat.

Without its statement a bundle verifies nowhere, so what a killed process left half uploaded is no report to anybody.
The credentials write here and read no evidence: s3:PutObject and s3:GetObject under the prefix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import eq
from typing import Any

from agent.errors import StoreError
from agent.writing_account import WritingAccount

Same = Callable[[bytes, bytes], bool]
LAST = "statement.dsse.json"
THERE = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict")


@dataclass(frozen=True)
class Bucket:
    """`prefix` without slashes at its ends."""

    name: str
    prefix: str
    account: WritingAccount

    def put(self, folder: str, files: Mapping[str, bytes], same: Same = eq) -> str:
        """Upload a bundle; its address. StoreError where it could not be, or something else is there already.

        `same`: is the statement that is there as good as this one?
        """
        from botocore.exceptions import BotoCoreError, ClientError

        client = self.account.client("s3")
        at = "/".join(part for part in (self.prefix, folder) if part)
        try:
            for name in [*sorted(set(files) - {LAST}), *({LAST} & set(files))]:
                self._put(client, f"{at}/{name}", files[name], same if name == LAST else eq)
        except (BotoCoreError, ClientError) as error:
            why = _code(error) if isinstance(error, ClientError) else type(error).__name__
            raise StoreError(
                f"s3://{self.name}/{at}: the report could not be published ({why}); the signatures are kept, try again"
            ) from error
        return f"s3://{self.name}/{at}"

    def _put(self, client: Any, key: str, body: bytes, same: Same) -> None:
        """Write one object if there is none; the same that is there already is as good."""
        from botocore.exceptions import ClientError

        try:
            client.put_object(Bucket=self.name, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if _code(error) not in THERE:
                raise
            if not same(body, client.get_object(Bucket=self.name, Key=key)["Body"].read()):
                told = f"s3://{self.name}/{key} is there already and is something else; move it away, then try again"
                raise StoreError(told) from error


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", "no code"))
