"""Write-once bytes by digest, and which answer a question had."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, func, insert, select, update

from agent.errors import StoreError
from agent.store.database import stamp, writing
from agent.store.once import insert_once
from agent.store.packing import packed, plain
from agent.store.schema import answers, blobs, statements
from collectors.evidence import Answer, Evidence, Facts, Gap, pointed, sha256
from collectors.registry import REQUESTS

AT_ONCE = 500  # questions in one query


YOUNG = timedelta(days=1)  # how old bytes are at least before that they are put again is written down


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
            return _checked(connection.execute(BODY, {"digest": digest}).scalar(), digest)

    def keep(self, key: str, identity: str, answer: Answer, review: str, at: datetime) -> str:
        """Store an answer to the question `key` asked as `identity`. A gap is one too: it ends what came before it."""
        row = _row(key, identity, answer, review, at)
        with writing(self.engine) as connection:
            digest = put_in(connection, answer.to_bytes(), row["kind"], at)
            connection.execute(insert(answers).values({**row, "digest": digest}))
        return digest

    def keep_many(self, identity: str, found: Mapping[str, Answer], review: str, at: datetime) -> dict[str, str]:
        """Store answers by question key, all or none of them, in one transaction; their digests."""
        digests: dict[str, str] = {}
        rows = []
        with writing(self.engine) as connection:
            for key, answer in found.items():
                digests[key] = put_in(connection, answer.to_bytes(), _kind(answer), at)
                rows.append({**_row(key, identity, answer, review, at), "digest": digests[key]})
            if rows:
                connection.execute(insert(answers), rows)
        return digests

    def put_many(self, bodies: Sequence[bytes], kind: str, at: datetime) -> list[str]:
        """Store bytes once each, in one transaction; their digests in the same order."""
        with writing(self.engine) as connection:
            return [put_in(connection, body, kind, at) for body in bodies]

    def fresh_many(self, since: Mapping[str, datetime], identity: str, until: datetime) -> dict[str, str]:
        """By question key, the last answer, put to exactly this source with this credential, not before its `since`.

        Not where that answer is a gap: what was seen before does not outlive it. `until` keeps out what a clock that
        was wrong dated ahead.
        """
        found: dict[str, str] = {}
        keys = sorted(since)
        with self.engine.connect() as connection:
            for start in range(0, len(keys), AT_ONCE):
                some = keys[start : start + AT_ONCE]
                asked = (answers.c.request_key.in_(some), answers.c.source_key == identity)
                last = select(func.max(answers.c.id)).where(*asked).group_by(answers.c.request_key)
                for row in connection.execute(select(answers).where(answers.c.id.in_(last))):
                    young = stamp(since[row.request_key]) <= row.collected_at <= stamp(until)
                    if row.kind == "evidence" and young:
                        found[row.request_key] = row.digest
        return found

    def answer(self, digest: str) -> Answer:
        """The evidence or gap of that digest, its facts pointing into it."""
        return _answer(self.get(digest), digest)

    def all_answers(self, digests: Collection[str]) -> dict[str, Answer]:
        """Several at once, by digest."""
        with self.engine.connect() as connection:
            rows = connection.execute(BODIES, {"digests": sorted(set(digests))}).all()
        held = {row.digest: row.body for row in rows}
        return {digest: _answer(_checked(held.get(digest), digest), digest) for digest in digests}

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


BODY = select(blobs.c.body).where(blobs.c.digest == bindparam("digest"))
BODIES = select(blobs.c.digest, blobs.c.body).where(blobs.c.digest.in_(bindparam("digests", expanding=True)))
STORED_AT = select(blobs.c.stored_at).where(blobs.c.digest == bindparam("digest"))


def _checked(stored: bytes | None, digest: str) -> bytes:
    if stored is None:
        raise StoreError(f"the locker has nothing of digest {digest}; was its database replaced?")
    body = plain(bytes(stored), digest)
    if body is None:
        raise StoreError(f"what the locker holds as {digest} was changed; restore the database from its backup")
    return body


def _answer(body: bytes, digest: str) -> Answer:
    data = json.loads(body)
    if data["format"] == "clearance-gap/1":
        return Gap.model_validate(data)
    facts: type[Facts] = REQUESTS[data["request_type"]].facts
    typed = facts.model_validate(pointed(data.pop("facts"), digest))
    return Evidence.model_validate({**data, "facts": typed})


def _kind(answer: Answer) -> str:
    return "evidence" if isinstance(answer, Evidence) else "gap"


def _row(key: str, identity: str, answer: Answer, review: str, at: datetime) -> dict[str, str]:
    collected = answer.collected_at if isinstance(answer, Evidence) else at
    return {
        "request_key": key, "source_key": identity, "collected_at": stamp(collected), "kind": _kind(answer),
        "review": review,
    }  # fmt: skip


def put_in(connection: Connection, body: bytes, kind: str, at: datetime) -> str:
    """Store bytes inside a transaction of the caller's. Put again, they are young again: nobody prunes them now."""
    digest = sha256(body)
    there = connection.execute(STORED_AT, {"digest": digest}).scalar()
    again = update(blobs).where(blobs.c.digest == digest).values(stored_at=stamp(at))
    if there is not None and there < stamp(at - YOUNG) and not connection.execute(again).rowcount:
        there = None  # it was pruned between the two looks
    if there is None:
        row = {"digest": digest, "kind": kind, "body": packed(body), "stored_at": stamp(at)}
        insert_once(connection, blobs, row)
    return digest
