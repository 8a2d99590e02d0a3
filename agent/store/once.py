"""Rows that are put once or replaced, however many do it at the same time: in words that both databases have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_once(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless one of its unique keys is there already. False where it is."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    query = dialect.insert(table).values(row).on_conflict_do_nothing().returning(next(iter(table.primary_key)))
    return connection.execute(query).first() is not None


def replace_by(connection: Connection, table: Table, key: Sequence[str], row: Mapping[str, object]) -> None:
    """Insert a row, or let it take the place of the one with the same `key` columns."""
    rest = {name: value for name, value in row.items() if name not in key}
    if connection.dialect.name == "postgresql":
        query = postgresql.insert(table).values(row)
        connection.execute(query.on_conflict_do_update(index_elements=list(key), set_=rest))
    else:
        other = sqlite.insert(table).values(row)
        connection.execute(other.on_conflict_do_update(index_elements=list(key), set_=rest))
