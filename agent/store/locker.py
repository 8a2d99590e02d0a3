"""Write-once bytes by digest, and which answer a question had."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, bindparam, exists, func, insert, select, update

from agent.errors import OtherVersion, StoreError
from agent.store.database import stamp, writing
from agent.store.once import insert_new, insert_once
from agent.store.packing import packed, plain
from agent.store.schema import answers, blobs, statements
from collectors.evidence import Answer, Evidence, Facts, Gap, pointed, sha256
from collectors.registry import REQUESTS

AT_ONCE = 500  # questions or digests in one query
YOUNG = timedelta(days=1)  # how old bytes are at least before that they are put again is written down


@dataclass(frozen=True, slots=True)
class Sealed:
    """Bytes as they are stored: `body` packed, `digest` that of the plain ones; `collected_at` of evidence alone."""

    digest: str
    kind: str
    body: bytes
    collected_at: datetime | None = None


def seal(answer: Answer) -> Sealed:
    """An answer ready to be kept, in a fifth of the memory. ValueError where no JSON can hold it."""
    plain = answer.to_bytes()
    if isinstance(answer, Evidence):
        return Sealed(sha256(plain), "evidence", packed(plain), answer.collected_at)
    return Sealed(sha256(plain), "gap", packed(plain))


@dataclass(frozen=True)
class Locker:
    engine: Engine

    def put(self, body: bytes, kind: str, at: datetime) -> str:
        """Store bytes once; the digest is their name."""
        with writing(self.engine) as connection:
            return put_in(connection, body, kind, at)

    def put_all(self, bodies: Sequence[tuple[bytes, str]], at: datetime) -> list[str]:
        """Store several, (bytes, kind) each, all or none of them, in one transaction; their digests in that order."""
        digests = [sha256(body) for body, _ in bodies]
        with writing(self.engine) as connection:
            for digest, (body, kind) in sorted(zip(digests, bodies, strict=True)):
                _put_likely_new(connection, digest, body, kind, at)
        return digests

    def get(self, digest: str) -> bytes:
        """The bytes of that name, checked against it."""
        with self.engine.connect() as connection:
            return _checked(connection.execute(BODY, {"digest": digest}).scalar(), digest)

    def keep(self, key: str, identity: str, answer: Answer, review: str, at: datetime) -> str:
        """Store an answer to the question `key` asked as `identity`. A gap is one too: it ends what came before it."""
        return self.keep_many(identity, {key: seal(answer)}, review, at)[key]

    def keep_many(self, identity: str, found: Mapping[str, Sealed], review: str, at: datetime) -> dict[str, str]:
        """Store answers by question key, all or none of them, in one transaction; their digests."""
        rows = [_row(key, identity, answer, review, at) for key, answer in found.items()]
        with writing(self.engine) as connection:
            _put_all(connection, {one.digest: one for one in found.values()}, at)
            if rows:
                connection.execute(insert(answers), rows)
        return {key: answer.digest for key, answer in found.items()}

    def fresh_many(self, since: Mapping[str, datetime], identity: str, until: datetime) -> dict[str, str]:
        """By question key, the last answer, put to exactly this source with this credential, not before its `since`.

        Not where that answer is a gap, nor where a gap was collected later than it, though kept before: what was seen
        before does not outlive it. `until` keeps out what a clock that was wrong dated ahead.
        """
        found: dict[str, str] = {}
        keys = sorted(since)
        with self.engine.connect() as connection:
            for start in range(0, len(keys), AT_ONCE):
                some = keys[start : start + AT_ONCE]
                for row in connection.execute(LAST, {"keys": some, "who": identity}):
                    if stamp(since[row.request_key]) <= row.collected_at <= stamp(until):
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
        with self.engine.connect() as connection:
            digests = connection.execute(STATED, {"subject": subject}).scalars().all()
        return [self.get(digest) for digest in digests]


STATED = select(statements.c.digest).where(statements.c.subject == bindparam("subject")).order_by(statements.c.made_at)
BODY = select(blobs.c.body).where(blobs.c.digest == bindparam("digest"))
BODIES = select(blobs.c.digest, blobs.c.body).where(blobs.c.digest.in_(bindparam("digests", expanding=True)))
gaps = answers.alias("gaps")
LAST = select(answers).where(
    answers.c.id.in_(
        select(func.max(answers.c.id))
        .where(answers.c.request_key.in_(bindparam("keys", expanding=True)), answers.c.source_key == bindparam("who"))
        .group_by(answers.c.request_key)
    ),
    answers.c.kind == "evidence",
    ~exists().where(
        gaps.c.request_key == answers.c.request_key, gaps.c.source_key == answers.c.source_key,
        gaps.c.kind == "gap", gaps.c.collected_at > answers.c.collected_at,
    ),
)  # fmt: skip
STORED_AT = select(blobs.c.stored_at).where(blobs.c.digest == bindparam("digest"))
ALL_STORED_AT = select(blobs.c.digest, blobs.c.stored_at).where(
    blobs.c.digest.in_(bindparam("digests", expanding=True))
)
AGAIN = update(blobs).where(blobs.c.digest == bindparam("there")).values(stored_at=bindparam("now"))


def _checked(stored: bytes | None, digest: str) -> bytes:
    if stored is None:
        raise StoreError(f"the locker has nothing of digest {digest}; was its database replaced?")
    body = plain(bytes(stored), digest)
    if body is None:
        raise StoreError(f"what the locker holds as {digest} was changed; restore the database from its backup")
    return body


def _answer(body: bytes, digest: str) -> Answer:
    data = json.loads(body)
    try:
        return _read(data, digest)
    except (ValidationError, KeyError) as error:
        told = f"an answer to {data.get('request_type', 'a question')} ({digest[:12]}) was written by another version"
        raise OtherVersion(f"{told} of Clearance; assess again once it is older than five minutes") from error


def _read(data: dict[str, Any], digest: str) -> Answer:
    if data["format"] == "clearance-gap/1":
        return Gap.model_validate(data)
    facts: type[Facts] = REQUESTS[data["request_type"]].facts
    typed, body = facts.model_validate(pointed(data.pop("facts"), digest)), data.pop("body")
    if not isinstance(body, dict):
        raise KeyError("body")
    # What was read as JSON is JSON: to have pydantic look at every value in it again takes as long as all the rest.
    return Evidence.model_validate({**data, "body": {}, "facts": typed}).model_copy(update={"body": body})


def _row(key: str, identity: str, answer: Sealed, review: str, at: datetime) -> dict[str, str]:
    return {
        "request_key": key, "source_key": identity, "collected_at": stamp(answer.collected_at or at),
        "kind": answer.kind, "review": review, "digest": answer.digest,
    }  # fmt: skip


def put_in(connection: Connection, body: bytes, kind: str, at: datetime) -> str:
    """Store bytes inside a transaction of the caller's. Put again, they are young again: nobody prunes them now."""
    digest = sha256(body)
    _put(connection, digest, body, kind, at)
    return digest


def _put(connection: Connection, digest: str, body: bytes, kind: str, at: datetime) -> None:
    there = connection.execute(STORED_AT, {"digest": digest}).scalar()
    if there is None or not _stays(connection, digest, there, at):
        insert_new(connection, blobs, [_blob(Sealed(digest, kind, packed(body)), at)])


def _put_likely_new(connection: Connection, digest: str, body: bytes, kind: str, at: datetime) -> None:
    """The same where it is most likely not there: only if it is, anything is looked up."""
    if not insert_once(connection, blobs, _blob(Sealed(digest, kind, packed(body)), at)):
        _put(connection, digest, body, kind, at)


def _stays(connection: Connection, digest: str, there: str, at: datetime) -> bool:
    """Bytes that lie there are young, or made so. False where they were pruned between the two looks."""
    if there >= stamp(at - YOUNG):
        return True
    return bool(connection.execute(AGAIN, {"there": digest, "now": stamp(at)}).rowcount)


def _put_all(connection: Connection, found: Mapping[str, Sealed], at: datetime) -> None:
    """The same for many, by digest and in the digests' order: two who put the same ones do not wait for each other."""
    digests = sorted(found)
    for start in range(0, len(digests), AT_ONCE):
        some = digests[start : start + AT_ONCE]
        there = {row.digest: row.stored_at for row in connection.execute(ALL_STORED_AT, {"digests": some})}
        stay = {digest for digest, stored in there.items() if _stays(connection, digest, stored, at)}
        insert_new(connection, blobs, [_blob(found[digest], at) for digest in some if digest not in stay])


def _blob(one: Sealed, at: datetime) -> dict[str, object]:
    return {"digest": one.digest, "kind": one.kind, "body": one.body, "stored_at": stamp(at)}
