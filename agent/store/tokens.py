"""Tokens of the HTTP API, by the digest of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.errors import UsageError
from agent.store.database import stamp, writing
from agent.store.schema import tokens


@dataclass(frozen=True)
class Token:
    """`scopes` with spaces between them; times as the tables hold them, "" for never."""

    id: str
    name: str
    digest: str
    scopes: str
    made_at: str
    made_by: str
    expires_at: str
    revoked_at: str

    def good(self, at: datetime) -> bool:
        return not self.revoked_at and (not self.expires_at or stamp(at) < self.expires_at)


def add(engine: Engine, token: Token) -> None:
    try:
        with writing(engine) as connection:
            connection.execute(insert(tokens).values(**vars(token)))
    except IntegrityError as error:
        raise UsageError(f"there is a token called {token.name!r} already; names are never used twice") from error


def get(engine: Engine, id: str) -> Token | None:
    with engine.connect() as connection:
        row = connection.execute(select(tokens).where(tokens.c.id == id)).first()
    return _row(row) if row is not None else None


def every(engine: Engine) -> list[Token]:
    with engine.connect() as connection:
        return [_row(row) for row in connection.execute(select(tokens).order_by(tokens.c.made_at)).all()]


def revoke(engine: Engine, name: str, at: datetime) -> bool:
    """By its name or id. False where there is none that still counts."""
    named = (tokens.c.name == name) | (tokens.c.id == name)
    with writing(engine) as connection:
        query = update(tokens).where(named, tokens.c.revoked_at == "").values(revoked_at=stamp(at))
        return connection.execute(query).rowcount > 0


def _row(row: Row[tuple[object, ...]]) -> Token:
    return Token(**dict(row._mapping))
