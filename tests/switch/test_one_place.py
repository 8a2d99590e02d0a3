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


def who_imports(module: str, name: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "agent").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == module and name in {alias.name for alias in node.names}
    }


def test_a_review_is_started_in_one_file():
    assert who_uses("reviews.start") == {"agent/service/assess.py"}


def test_the_graph_is_run_from_its_beginning_in_one_file():
    assert who_imports("agent.service.running", "run") == {"agent/service/assess.py"}


def test_the_switch_is_asked_before_anything_starts():
    """In `assess_frozen` the question comes before the start; a killed review is taken up only by way of it."""
    functions = {n.name: n for n in ast.parse(ASSESS.read_text()).body if isinstance(n, ast.FunctionDef)}
    lines = dict(sorted(calls(functions["assess_frozen"]), key=lambda one: -one[1]))

    assert lines["_begins"] < lines["_start"] < lines["_run"]
    assert "_goes_on" in {name for name, _ in calls(functions["_join"])}
    assert {n for n, f in functions.items() if "_run" in {c for c, _ in calls(f)}} == {"assess_frozen", "_join"}
    for name in ("_begins", "_goes_on"):
        assert "begin" in {called for called, _ in calls(functions[name])}


def test_a_sweep_asks_it_before_it_fetches_anything():
    """Evidence of many is collected outside of any review: by one file, which asks the switch for every wave."""
    assert who_imports("agent.workflow.collect", "gather") == {"agent/service/sweeps/prefetching.py"}
    assert asked_first("prefetching", "_done", "gather")
    assert asked_first("wave", "run_wave", "_fetched")
    assert asked_first("wave", "run_wave", "review_each")


def asked_first(file: str, function: str, then: str) -> bool:
    """Is `then` called by this function alone, and the switch asked before it?"""
    tree = ast.parse((ROOT / "agent" / "service" / "sweeps" / f"{file}.py").read_text())
    functions = {n.name: n for n in ast.parse(ast.unparse(tree)).body if isinstance(n, ast.FunctionDef)}
    lines = dict(sorted(calls(functions[function]), key=lambda one: -one[1]))
    alone = {name for name, body in functions.items() if then in {called for called, _ in calls(body)}}
    return alone == {function} and lines["begin"] < lines[then]


def test_every_listing_of_a_source_asks_it_too():
    assert who_uses("discover_all") == {"agent/service/discovery.py"}
    text = (ROOT / "agent" / "service" / "discovery.py").read_text()
    assert text.index("own_switch.refuse(") < text.index("discover_all(deps")
