"""A look at where every subject stands, by the database's own driver: the layer that writes takes longer to load."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import ConfigError, StoreError

KNOWN = "use sqlite:///… or postgresql://…"
LATEST = """
select r.subject, r.version, r.gate, r.id, r.state, r.proposal, r.decision, r.as_of, r.ended_by, r.sandbox,
       coalesce(g.status, '')
from reviews r left join registry g on g.subject = r.subject and g.version = r.version and g.gate = r.gate
where r.seq in (select max(seq) from reviews where rehearsal = 0 group by subject, version, gate)
order by r.subject, r.version, r.gate
"""


@dataclass(frozen=True)
class Glance:
    """The latest review of a subject's version at a gate. `registry` is the registry's word, "" for none."""

    subject: str
    version: str
    gate: str
    review: str
    state: str
    proposal: str
    decision: str
    as_of: str
    ended_by: str
    sandbox: bool
    registry: str


def latest(url: str) -> list[Glance]:
    """One row for each subject, version and gate; rehearsals are left out. Nothing is written, not even a table.

    StoreError where the store cannot be read, ConfigError where the URL names none that is known.
    """
    if url.startswith("sqlite:///"):
        path = Path(url.removeprefix("sqlite:///"))
        return [_glance(row) for row in _sqlite(path)] if path.exists() else []
    if not url.startswith("postgresql"):
        raise ConfigError(f"CLEARANCE_DATABASE_URL: {url.partition(':')[0]} is not known; {KNOWN}")
    return [_glance(row) for row in _postgres(url)]


def _glance(row: Sequence[object]) -> Glance:
    subject, version, gate, review, state, proposal, decision, as_of, ended_by, sandbox, registry = map(str, row)
    return Glance(
        subject, version, gate, review, state, proposal, decision, as_of, ended_by, sandbox == "1", registry
    )  # fmt: skip


def _sqlite(path: Path) -> Sequence[Sequence[object]]:
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    except sqlite3.Error as error:
        raise _unread(error) from error
    try:
        return connection.execute(LATEST).fetchall()
    except sqlite3.Error as error:
        raise _unread(error) from error
    finally:
        connection.close()


def _postgres(url: str) -> Sequence[Sequence[object]]:
    import psycopg

    try:
        with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:", 1)) as connection:
            return connection.execute(LATEST).fetchall()
    except psycopg.OperationalError as error:
        told = " ".join(str(error).split())
        raise StoreError(f"the store cannot be opened: {told}; `clearance doctor` looks at it") from error
    except psycopg.Error as error:
        raise _unread(error) from error


def _unread(error: Exception) -> StoreError:
    told = " ".join(str(error).split())
    advice = "`clearance doctor` looks at it, `clearance db upgrade` brings an older one up to date"
    return StoreError(f"the store cannot be read: {told}; {advice}")
