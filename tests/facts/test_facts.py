"""Every row of the tables names something that is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.facts import aws, datadog, general, launchdarkly, others, pagerduty
from tests.facts.fact import Nothing, OutOfScope, Said, Shown

_ROOT = Path(__file__).parents[2]
_TABLES = (general, pagerduty, launchdarkly, datadog, aws, others)
_ROWS = [(place, said) for table in _TABLES for place, said in table.FACTS.items()]


def test_no_fact_stands_in_two_tables() -> None:
    places = [place for place, _ in _ROWS]
    assert sorted(places) == sorted(set(places))


@pytest.mark.parametrize(("place", "said"), _ROWS, ids=[place for place, _ in _ROWS])
def test_what_a_row_names_is_there(place: str, said: Said) -> None:
    match said:
        case Shown(tests):
            assert tests
            assert [named for named in tests if not _is_there(named)] == []
        case OutOfScope(module, says):
            assert says in _docstring(_ROOT / module)
        case Nothing(why):
            assert why


def _is_there(named: str) -> bool:
    path, _, name = named.partition("::")
    tree = ast.parse((_ROOT / path).read_text())
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assigned = {target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    return name in functions | {target.id for target in assigned if isinstance(target, ast.Name)}


def _docstring(path: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
