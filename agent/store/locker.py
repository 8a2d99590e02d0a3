"""Write-once bytes by digest, and which answer a question had."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, insert, select

from agent.errors import StoreError
from agent.store.database import instant, stamp, writing
from agent.store.once import insert_once
from agent.store.schema import answers, blobs, statements
from collectors.evidence import Answer, Evidence, Facts, Gap, pointed, sha256
from collectors.registry import REQUESTS


@dataclass(frozen=True)
class Found:
    """An answer in the locker."""

    digest: str
    collected_at: datetime


@dataclass(frozen=True)
class Locker:
    engine: Engine

    def put(self, body: bytes, kind: str, at: datetime) -> str:
        """Store bytes once; the digest is their name."""
        with writing(self.engine) as connection:
            return put_in(connection, body, kind, at)

    def get(self, digest: str) -> bytes:
        """The bytes of that name, checked against it."""
        with self.engine.connect() as connection:
            body = connection.execute(select(blobs.c.body).where(blobs.c.digest == digest)).scalar()
        if body is None:
            raise StoreError(f"the locker has nothing of digest {digest}; was its database replaced?")
        if sha256(bytes(body)) != digest:
            raise StoreError(f"what the locker holds as {digest} was changed; restore the database from its backup")
        return bytes(body)

    def keep(self, key: str, identity: str, answer: Answer, review: str, at: datetime) -> str:
        """Store an answer to the question `key` asked as `identity`. A gap is one too: it ends what came before it."""
        kind = "evidence" if isinstance(answer, Evidence) else "gap"
        collected = answer.collected_at if isinstance(answer, Evidence) else at
        row = {"request_key": key, "source_key": identity, "collected_at": stamp(collected), "kind": kind}
        with writing(self.engine) as connection:
            digest = put_in(connection, answer.to_bytes(), kind, at)
            connection.execute(insert(answers).values({**row, "digest": digest, "review": review}))
        return digest

    def fresh(self, key: str, identity: str, since: datetime, until: datetime) -> Found | None:
        """The last answer to a question, put to exactly this source with this credential, between two instants.

        None where that answer is a gap: what was seen before does not outlive it. `until` keeps out what a clock that
        was wrong dated ahead.
        """
        query = (
            select(answers.c.digest, answers.c.collected_at, answers.c.kind)
            .where(answers.c.request_key == key, answers.c.source_key == identity)
            .order_by(answers.c.id.desc())
            .limit(1)
        )
        with self.engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None or row.kind != "evidence" or not stamp(since) <= row.collected_at <= stamp(until):
            return None
        return Found(row.digest, instant(row.collected_at))

    def answer(self, digest: str) -> Answer:
        """The evidence or gap of that digest, its facts pointing into it."""
        data = json.loads(self.get(digest))
        if data["format"] == "clearance-gap/1":
            return Gap.model_validate(data)
        facts: type[Facts] = REQUESTS[data["request_type"]].facts
        typed = facts.model_validate(pointed(data.pop("facts"), digest))
        return Evidence.model_validate({**data, "facts": typed})

    def add_statement(self, subject: str, author: str, envelope: bytes, made_at: datetime, at: datetime) -> str:
        """Keep a signed statement made by `attest`."""
        with writing(self.engine) as connection:
            digest = put_in(connection, envelope, "statement", at)
            row = {"digest": digest, "subject": subject, "made_at": stamp(made_at), "author": author}
            insert_once(connection, statements, row)
        return digest

    def statements(self, subject: str) -> list[bytes]:
        query = select(statements.c.digest).where(statements.c.subject == subject).order_by(statements.c.made_at)
        with self.engine.connect() as connection:
            digests = connection.execute(query).scalars().all()
        return [self.get(digest) for digest in digests]


def put_in(connection: Connection, body: bytes, kind: str, at: datetime) -> str:
    """Store bytes inside a transaction of the caller's."""
    digest = sha256(body)
    if connection.execute(select(blobs.c.digest).where(blobs.c.digest == digest)).first() is None:
        insert_once(connection, blobs, {"digest": digest, "kind": kind, "body": body, "stored_at": stamp(at)})
    return digest
