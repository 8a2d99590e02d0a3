"""Rows that are put once or replaced, however many do it at the same time: in words that both databases have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Executable, Table

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless one of its unique keys is there already. False where it is."""
    return connection.execute(_once(connection.dialect.name, table, telling=True), row).first() is not None


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert those whose unique keys are not there, all in one go."""
    if rows:
        connection.execute(_once(connection.dialect.name, table, telling=False), rows)


@cache
def _once(dialect: str, table: Table, *, telling: bool) -> Executable:
    """Made once: to put a statement together takes longer than to run it."""
    made = _insert(dialect, table).on_conflict_do_nothing()
    return made.returning(next(iter(table.primary_key))) if telling else made


def replace_by(connection: Connection, table: Table, key: Sequence[str], row: Mapping[str, object]) -> None:
    """Insert a row, or let it take the place of the one with the same `key` columns."""
    connection.execute(_replacing(connection.dialect.name, table, tuple(key), tuple(row)), row)


@cache
def _replacing(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Executable:
    made = _insert(dialect, table)
    rest = {name: made.excluded[name] for name in names if name not in key}
    return made.on_conflict_do_update(index_elements=list(key), set_=rest)


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Of the two, the one that is used is imported: who has a file needs nothing of PostgreSQL."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)
