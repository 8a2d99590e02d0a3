"""Where new work begins there is one door, and the switch stands in it: a new surface cannot forget it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ASSESS = ROOT / "agent" / "service" / "assess.py"


def calls(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What is called by its last name, and in which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func).rsplit(".", 1)[-1], node.lineno


def who_uses(*names: str) -> set[str]:
    """Files of ours that import or call one of these."""
    found = set()
    for path in (ROOT / "agent").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if any(one == name or one.endswith("." + name) for one in used for name in names):
            found.add(path.relative_to(ROOT).as_posix())
    return found


def test_a_review_is_started_in_one_file():
    assert who_uses("reviews.start") == {"agent/service/assess.py"}


def test_the_graph_is_run_from_its_beginning_in_one_file():
    assert who_uses("running.run", "run_graph") == set()
    importing = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "agent").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module == "agent.service.running"
        and any(alias.name == "run" for alias in node.names)
    }
    assert importing == {"agent/service/assess.py"}


def test_the_switch_is_asked_before_anything_starts():
    """In `assess` the question comes before the start; a killed review is taken up only by way of it."""
    functions = {n.name: n for n in ast.parse(ASSESS.read_text()).body if isinstance(n, ast.FunctionDef)}
    lines = dict(sorted(calls(functions["assess"]), key=lambda one: -one[1]))

    assert lines["_begins"] < lines["_start"] < lines["_run"]
    assert "_goes_on" in {name for name, _ in calls(functions["_join"])}
    assert {n for n, f in functions.items() if "_run" in {c for c, _ in calls(f)}} == {"assess", "_join"}
    for name in ("_begins", "_goes_on"):
        assert "begin" in {called for called, _ in calls(functions[name])}
