"""`clearance --help` answers at once: nothing heavy is imported before a command needs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAVY = (
    "anthropic", "langgraph", "langchain_core", "boto3", "botocore", "pagerduty", "ldclient", "datadog_api_client",
    "sqlalchemy", "alembic", "pydantic", "httpx2", "moto", "yaml", "starlette", "uvicorn", "jinja2",
)  # fmt: skip
IMPORTED = "import json, sys, agent.surfaces.cli; print(json.dumps(sorted(sys.modules)))"


def test_the_command_line_imports_no_client_no_store_and_no_model():
    """What `--help` reads is typer, the standard library and our own thin command files."""
    done = subprocess.run([sys.executable, "-c", IMPORTED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert sorted(set(json.loads(done.stdout)) & set(HEAVY)) == []


def test_tracing_is_off_before_anything_could_import_langgraph():
    """With tracing on, evidence would leave the house."""
    told = "import os, agent.surfaces.cli; print(os.environ['LANGSMITH_TRACING'])"
    env = {"LANGSMITH_TRACING": "true", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, env=env, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "false"
