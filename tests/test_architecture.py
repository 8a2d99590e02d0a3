"""Dependencies point one way, and the rules of the house that a machine can check."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = sorted([*(ROOT / "agent").rglob("*.py"), *(ROOT / "collectors").rglob("*.py")])
VENDOR_CLIENTS = {"pagerduty", "ldclient", "datadog_api_client", "boto3", "botocore", "anthropic", "httpx2", "moto"}
VENDOR_CLIENTS |= {"slack_sdk", "slack_bolt", "mcp", "mcp_types"}


def imported(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, at its top or inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offenders(folder: str, forbidden: tuple[str, ...]) -> list[str]:
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        for name in imported(path):
            if any(name == bad or name.startswith(bad + ".") for bad in forbidden):
                found.append(f"{path.relative_to(ROOT)} imports {name}")
    return found


def test_collectors_never_import_the_agent():
    assert offenders("collectors", ("agent",)) == []


def test_probes_have_no_client_no_store_and_no_model_in_scope():
    """Rules are pure: facts in, finding out."""
    forbidden = ("agent.store", "agent.workflow", "agent.service", "agent.surfaces", "agent.drafting", "agent.outputs")
    assert offenders("agent/probes", (*forbidden, *VENDOR_CLIENTS, "sqlalchemy", "collectors.http")) == []


def test_drafting_sees_neither_evidence_store_nor_sources():
    """The writing model's side of the house cannot reach a value that is not in a finding."""
    assert (
        offenders("agent/drafting", ("agent.store", "agent.workflow", "agent.service", "collectors.connections")) == []
    )


@pytest.mark.parametrize(
    ("folder", "above"),
    [
        ("agent/store", ("agent.workflow", "agent.service", "agent.surfaces", "agent.drafting", "agent.probes")),
        ("agent/signing", ("agent.workflow", "agent.service", "agent.surfaces", "agent.store")),
        ("agent/outputs", ("agent.workflow", "agent.service", "agent.surfaces")),
        ("agent/workflow", ("agent.service", "agent.surfaces")),
        ("agent/service", ("agent.surfaces",)),
    ],
)
def test_nothing_imports_what_stands_above_it(folder: str, above: tuple[str, ...]):
    """surfaces → service → workflow → probes, drafting, store, outputs, signing → domain → collectors.evidence."""
    assert offenders(folder, above) == []


def test_vendors_clients_are_imported_by_their_collectors_only():
    inside = {
        "collectors/pagerduty",
        "collectors/launchdarkly",
        "collectors/datadog",
        "collectors/aws",
        "collectors/sandbox",
    }
    found = []
    for path in CODE:
        where = path.relative_to(ROOT).as_posix()
        if any(where.startswith(folder) for folder in inside) or where in (
            "collectors/http.py",
            "collectors/patient_stream.py",
            "agent/drafting/model.py",
            "agent/drafting/batches.py",
            "agent/drafting/clouds.py",
            "agent/outputs/telling/slack.py",
            "agent/outputs/telling/chat.py",
            "agent/surfaces/slack/app.py",
            "agent/surfaces/slack/hearing.py",
            "agent/surfaces/slack/line.py",
            "agent/surfaces/slack/endpoint.py",
            "agent/surfaces/mcp/arguments.py",
            "agent/surfaces/mcp/server.py",
            "agent/outputs/publish_s3.py",
            "agent/signing/kms.py",
            "agent/writing_account.py",
            "agent/surfaces/web/oidc/provider.py",
            "agent/surfaces/switch_stream.py",
        ):
            continue
        found += [f"{where} imports {n}" for n in imported(path) if n.split(".")[0] in VENDOR_CLIENTS]
    assert found == []


def test_everything_is_caught_only_at_the_two_boundaries():
    """`except Exception` stands in collect and judge, where it becomes a gap and an unknown finding."""
    allowed = {"agent/workflow/collect.py", "agent/workflow/judge.py"}
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ExceptHandler):
                continue
            names = {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {"Exception"}
            if names & {"Exception", "BaseException"}:
                found.add(path.relative_to(ROOT).as_posix())
    assert found - allowed - {"agent/surfaces/cli.py"} == set()


def test_the_waiting_node_holds_the_interrupt_and_nothing_else():
    """What stands before an interrupt runs again at every resume; what catches around it swallows the pause."""
    source = (ROOT / "agent/workflow/sign.py").read_text(encoding="utf-8")
    (function,) = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    statements = [n for n in function.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    assert len(statements) == 2
    assert "interrupt(" in ast.unparse(statements[0])
    assert isinstance(statements[1], ast.Return)


def test_the_newest_migration_is_the_one_the_code_expects():
    from agent.store.database import HEAD

    newest = max(p.name for p in (ROOT / "agent/store/migrations/versions").glob("0*.py"))
    assert newest.startswith(HEAD)
