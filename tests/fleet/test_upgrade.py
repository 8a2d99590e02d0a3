"""The tables of PostgreSQL: brought up to date by one command, once, and never by the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from langgraph.checkpoint.postgres import PostgresSaver
from sqlalchemy import text

from agent.errors import ConfigError, StoreError
from agent.store import chat, upgrading
from agent.store.database import HEAD, open_engine

ROOT = Path(__file__).resolve().parents[2]


def command(url: str, home: Path, *arguments: str) -> subprocess.Popen[str]:
    env = {**os.environ, "CLEARANCE_DATABASE_URL": url, "CLEARANCE_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "agent", *arguments], cwd=ROOT, env=env, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_four_upgrades_at_once_are_one(new_database: Callable[[], str], tmp_path: Path):
    """Each ends well, and the tables are there: ours, the checkpoints' and the queue's."""
    url = new_database()
    running = [command(url, tmp_path, "db", "upgrade") for _ in range(4)]
    told = [(one.communicate(timeout=120), one.returncode) for one in running]

    assert [code for _, code in told] == [0] * 4, told
    assert all(f"is at revision {HEAD}" in out for (out, _), _ in told)
    with psycopg.connect(url) as connection:
        newest = connection.execute("select max(v) from checkpoint_migrations").fetchone()
        assert newest == (len(PostgresSaver.MIGRATIONS) - 1,)
        assert connection.execute("select count(*) from procrastinate_jobs").fetchone() == (0,)
        assert connection.execute("select version_num from alembic_version").fetchall() == [(HEAD,)]


def test_a_database_without_tables_is_said_with_the_command(new_database: Callable[[], str], tmp_path: Path):
    asked = command(new_database(), tmp_path, "reviews", "list")
    out, told = asked.communicate(timeout=60)

    assert (out, asked.returncode) == ("", 2)
    assert "has no tables of Clearance" in told
    assert "run `clearance db upgrade` once" in told


def test_a_database_of_an_earlier_version_is_said_with_the_command(postgres: str):
    with psycopg.connect(postgres) as connection:
        connection.execute("update alembic_version set version_num = '0003'")

    with pytest.raises(ConfigError, match="is at revision 0003, and this version of Clearance needs"):
        open_engine(postgres)


@pytest.mark.parametrize("upgrading", [False, True])
def test_a_store_of_a_later_version_is_left_alone(url: str, upgrading: bool):
    engine = open_engine(url, upgrading=True)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()

    with pytest.raises(ConfigError, match="is at revision 9999, and this version of Clearance knows"):
        open_engine(url, upgrading=upgrading)


def test_an_upgrade_does_not_wait_for_ever(postgres: str):
    engine = open_engine(postgres)
    with psycopg.connect(postgres, autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", (upgrading.LOCK,))

        with pytest.raises(StoreError, match="another process has been upgrading the store"):
            upgrading.upgrade(engine, patience=0.1)
    engine.dispose()


def test_the_queues_later_migrations_follow(postgres: str):
    """As when its package was installed anew: what came after the version noted is run, and nothing else."""
    trigger = "procrastinate_trigger_status_events_update_v1"
    with psycopg.connect(postgres) as connection:
        connection.execute("update parts set version = '03.04.00_01_pre_add_retry_failed_job_procedure.sql'")
        connection.execute(f"drop trigger {trigger} on procrastinate_jobs")

    open_engine(postgres, upgrading=True).dispose()

    with psycopg.connect(postgres) as connection:
        assert connection.execute("select 1 from pg_trigger where tgname = %s", (trigger,)).fetchone()


def test_a_server_that_is_away_is_told_without_its_password(tmp_path: Path):
    with pytest.raises(StoreError, match="cannot be opened") as told:
        open_engine(f"postgresql://clearance:hunter2@/db?host={tmp_path}")

    assert "hunter2" not in str(told.value)


def test_threads_that_waited_twice_for_a_job_wait_once_after_the_upgrade(tmp_path: Path):
    """As a store of before revision 0009 may hold them."""
    url = f"sqlite:///{tmp_path}/clearance.db"
    engine = open_engine(url)
    row = "insert into chat_threads (channel, thread, person, subject, gate, job, asked_at) values "
    with engine.begin() as connection:
        for index in ("one_waits_in_a_thread", "chat_seen_by_age", "reviews_by_state"):
            connection.exec_driver_sql(f"drop index {index}")
        connection.exec_driver_sql("update alembic_version set version_num = '0008'")
        for thread in ("1.0", "1.0", "2.0", "", ""):
            connection.exec_driver_sql(f"{row} ('C1', '{thread}', 'mike.chen', 'a', 'g', 1, '2026-06-12')")
    engine.dispose()

    assert [row.thread for row in chat.waiting(open_engine(url))] == ["1.0", "2.0", "", ""]
