"""A command answers as soon as it can: what it does not use is not imported, and here is what that is for which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VENDORS = {"boto3", "botocore", "pagerduty", "ldclient", "datadog_api_client", "httpx2", "slack_sdk", "slack_bolt"}
GRAPH = {"langgraph", "langchain_core", "langsmith"}
STORE = {"sqlalchemy", "alembic"}
MODEL = {"anthropic", "jinja2"}
FORMATS = {"icalendar", "in_toto_attestation", "securesystemslib"}  # the last brings boto3 with it
SERVER = {"starlette", "uvicorn", "procrastinate", "mcp"}
HEAVY = VENDORS | GRAPH | STORE | MODEL | FORMATS | SERVER | {"pydantic", "rich", "yaml", "moto"}
TOLD = "; import json, sys; print(json.dumps(sorted(sys.modules)))"


def modules_of(code: str, *words: str, home: Path | None = None) -> set[str]:
    """The packages that a process has imported at its end."""
    env = {**os.environ, "CLEARANCE_HOME": str(home)} if home else None
    command = [sys.executable, "-c", code + TOLD, *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_command_line_imports_no_client_no_store_and_no_model():
    """What `--help` reads is typer, the standard library and our own thin command files."""
    assert modules_of("import agent.surfaces.cli") & HEAVY == set()


@pytest.mark.parametrize(
    ("words", "used"),
    [
        (["status"], {"pydantic"}),
        (["gates", "list"], {"pydantic", "rich", "yaml"}),
        (["verify", "there-is-none"], {"pydantic", "rich", "yaml", "in_toto_attestation"}),
        (["may-deploy", "a@1", "--gate", "pilot-to-prod"], {"pydantic", "rich", "yaml", "sqlalchemy", "alembic"}),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_a_command_imports_what_it_uses(words: list[str], used: set[str], tmp_path: Path):
    """Who only looks loads neither LangGraph nor a vendor; who reads files only, no store. A new home is made here."""
    assert (
        modules_of("import sys; from agent.surfaces.cli import run; run(sys.argv[1:])", *words, home=tmp_path) & HEAVY
        == used
    )


def test_a_store_in_a_file_that_is_up_to_date_needs_no_migrations_and_nothing_of_postgresql(tmp_path: Path):
    code, words = "import sys; from agent.surfaces.cli import run; run(sys.argv[1:])", ("reviews", "list")
    modules_of(code, *words, home=tmp_path)

    found = modules_of(code, *words, home=tmp_path)

    assert found & (STORE | {"sqlalchemy.dialects.postgresql"}) == {"sqlalchemy"}


def test_a_command_is_not_looked_through_for_garbage_while_it_is_imported(tmp_path: Path):
    """By its own thresholds Python does so some two hundred times here, most of it after the command line is there."""
    looked = "sum(one['collections'] for one in gc.get_stats())"
    told = f"import gc; from agent.surfaces.cli import main\nbefore = {looked}\ntry: main()\nexcept SystemExit: pass\n"
    told += f"print({looked} - before)"
    command, env = [sys.executable, "-c", told, "gates", "list"], {**os.environ, "CLEARANCE_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert int(done.stdout.splitlines()[-1]) == 0


def test_what_stays_is_looked_through_so_that_it_does_not_grow(tmp_path: Path):
    told = "import gc; from agent.surfaces.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    command = [sys.executable, "-c", told + "print(gc.get_threshold()[0])", "worker", "--until-idle"]
    env = {**os.environ, "CLEARANCE_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert int(done.stdout.splitlines()[-1]) == 50_000


def test_as_it_ends_python_does_not_look_through_all_that_was_imported(tmp_path: Path):
    """It would, several times, and then give the memory back anyway: a second of an assessment's three."""
    told = "import atexit, gc, sys; atexit.register(lambda: print(len(gc.get_objects())))\n"
    told += "from agent.surfaces.cli import main; main()"
    command, env = [sys.executable, "-c", told, "gates", "list"], {**os.environ, "CLEARANCE_HOME": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert int(done.stdout.splitlines()[-1]) < 1000


def test_as_it_ends_the_stores_log_is_taken_back_into_its_file(tmp_path: Path):
    """What is copied as a backup is whole; without being told, Python would not close what it does not look at."""
    code = "from agent.surfaces.cli import main; main()"
    command = [sys.executable, "-c", code, "may-deploy", "a@1", "--gate", "pilot-to-prod"]
    env = {**os.environ, "CLEARANCE_HOME": str(tmp_path)}
    subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert {path.name for path in tmp_path.glob("*.db*")} == {"clearance.db"}


def test_what_assesses_is_there_before_langgraph_is():
    """So that a process that serves, orders or plans has it only once a review runs in it."""
    found = modules_of("import agent.service.assembly, agent.service.assess, agent.service.sweeps")

    assert found & (VENDORS | GRAPH | MODEL | FORMATS | SERVER) == set()


def test_the_graph_without_its_end_needs_no_format_and_no_model():
    """Most runs wait for people: what a report is written with is imported by the node that writes it."""
    found = modules_of("import agent.workflow.graph")

    assert found & (VENDORS | MODEL | FORMATS | SERVER) == {"httpx2"}  # by langsmith, which LangGraph imports


def test_tracing_is_off_before_anything_could_import_langgraph():
    """With tracing on, evidence would leave the house."""
    told = "import os, agent.surfaces.cli; print(os.environ['LANGSMITH_TRACING'])"
    env = {"LANGSMITH_TRACING": "true", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "false"
