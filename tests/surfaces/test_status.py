"""`clearance status`: where every subject stands, by a look at the store that loads next to nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import insert

from agent.errors import ClearanceError, StoreError
from agent.store import glance, summaries
from agent.store.database import open_engine, writing
from agent.store.schema import registry, reviews

ROOT = Path(__file__).resolve().parents[2]
AT = "2026-06-12T20:00:00.000000+00:00"
ROW = {
    "version": "1.0", "gate": "pilot-to-prod", "as_of": AT, "started_at": AT, "rehearsal": 0, "graph_version": "2",
    "state": "signing", "proposal": "blocked",
}  # fmt: skip
HEAVY = "import sys, agent.surfaces.cli as c; c.run(['status']); print([m for m in sys.modules if m in {}])"
NOT_NEEDED = ("sqlalchemy", "langgraph", "boto3", "httpx2", "rich", "yaml", "jinja2", "collectors.evidence")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two subjects; one was reviewed twice and rehearsed since, and may go to Production."""
    engine = open_engine(f"sqlite:///{tmp_path}/clearance.db")
    with writing(engine) as connection:
        for seq, (id, more) in enumerate(
            (
                ("rv-old", {"subject": "invoices", "state": "superseded", "ended_by": "rv-new"}),
                ("rv-new", {"subject": "invoices", "state": "reported", "decision": "cleared"}),
                ("rv-try", {"subject": "invoices", "state": "rehearsal", "rehearsal": 1}),
                ("rv-one", {"subject": "claims\x1b[31m"}),
            )
        ):
            connection.execute(insert(reviews).values({**ROW, "id": id, "seq": seq, **more}))
        standing = {"status": "approved for 2026-06-22", "decision": "cleared", "launch": "", "review": "rv-new"}
        where = {"subject": "invoices", "version": "1.0", "gate": "pilot-to-prod", "updated_at": AT}
        connection.execute(insert(registry).values({**where, **standing}))
    engine.dispose()
    return tmp_path


def status(home: Path, *words: str) -> str:
    env = {**os.environ, "CLEARANCE_HOME": str(home)}
    command = [sys.executable, "-m", "agent", "status", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout


def test_the_latest_review_of_each_subject_is_told_and_no_rehearsal(home: Path):
    claims, invoices = status(home).splitlines()[1:]

    told = "claims 1.0 pilot-to-prod blocked waits for signatures none Pilot 2026-06-12 20:00 UTC rv-one (sandbox)"
    assert claims.split() == told.split()
    assert "is signed" in invoices
    assert "approved for 2026-06-22" in invoices
    assert "rv-new" in invoices


def test_one_subject_can_be_asked_for_and_as_json(home: Path):
    (row,) = json.loads(status(home, "invoices", "--json"))

    assert (row["review"], row["state"], row["registry"]) == ("rv-new", "reported", "approved for 2026-06-22")


def test_it_says_what_the_board_says(home: Path):
    """The driver's own query and that of the board are two sentences about one thing."""
    url = f"sqlite:///{home}/clearance.db"
    board = sorted(
        (one.subject, one.id, one.state, one.proposal, one.standing) for one in summaries.latest(open_engine(url))
    )

    assert sorted((o.subject, o.review, o.state, o.proposal, o.registry) for o in glance.latest(url)) == board
    assert asdict(glance.latest(url)[0])["sandbox"] is True


def test_an_empty_home_is_no_error_and_stays_empty(tmp_path: Path):
    assert "no review yet" in status(tmp_path)
    assert not (tmp_path / "clearance.db").exists()


def test_it_loads_neither_the_store_nor_a_client_nor_what_draws_tables(home: Path):
    env = {**os.environ, "CLEARANCE_HOME": str(home)}
    told = HEAVY.format(repr(NOT_NEEDED))
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("url", "told"), [("mysql://db/x", "use sqlite:///… or postgresql://…"), ("postgresql://x@127.0.0.1:1/x", "opened")]
)
def test_a_store_that_cannot_be_read_is_told_as_by_every_other_command(url: str, told: str):
    """A server that does not answer is not one whose tables are old."""
    with pytest.raises(ClearanceError, match=told) as caught:
        glance.latest(url)

    assert "db upgrade" not in str(caught.value)


def test_a_home_that_is_a_file_is_told(tmp_path: Path):
    (tmp_path / "home").write_text("")

    with pytest.raises(StoreError, match=r"is no folder and cannot be made one .*; name another one in CLEARANCE_HOME"):
        open_engine(f"sqlite:///{tmp_path}/home/clearance.db")
