"""Thousands of reviews that wait, kept as a sweep would have left them, made from one that was assessed."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, timedelta

from sqlalchemy import insert

from agent.deps import Deps
from agent.service import summing_up
from agent.store.database import writing
from agent.store.schema import board, reviews
from agent.workflow import frozen


def crowd(deps: Deps, review: str, count: int) -> None:
    """`count` subjects more, agent-00000 and so on, each launching a day after the one before."""
    row = deps.reviews.get(review)
    told = summing_up.summed_up(frozen.document(deps, row))
    with writing(deps.engine) as connection:
        old = connection.execute(reviews.select().where(reviews.c.id == review)).one()._mapping
        rows, sums = [], []
        for number in range(count):
            id, launch = f"rv-crowd{number:05}", date(2026, 7, 1) + timedelta(days=number)
            rows.append({**old, "id": id, "subject": f"agent-{number:05}", "seq": old["seq"] + 1 + number})
            sums.append(asdict(replace(told, review=id, launch=launch.isoformat())))
        connection.execute(insert(reviews), rows)
        connection.execute(insert(board), sums)
