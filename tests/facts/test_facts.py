"""Every row of the tables names something that is there."""

from __future__ import annotations

import ast
from pathlib import Path
from types import ModuleType

import pytest

from tests.facts import aws, datadog, general, launchdarkly, others, pagerduty
from tests.facts.fact import Nothing, OutOfScope, Said, Shown
from tests.facts.sheet import SHEET, blocks

_ROOT = Path(__file__).parents[2]
_TABLES = (general, pagerduty, launchdarkly, datadog, aws, others)
_DONE = [table for table in _TABLES if table.SECTIONS]
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


@pytest.mark.parametrize("table", _DONE, ids=[table.__name__ for table in _DONE])
def test_a_table_speaks_of_every_block_that_it_answers_for_and_of_no_other(table: ModuleType) -> None:
    wanted = [place for place in _sheet() if _answers(table, place)]
    assert sorted(table.FACTS) == sorted(wanted)


def test_every_block_of_the_sheet_is_answered_for() -> None:
    assert [place for place in _sheet() if not any(_answers(table, place) for table in _TABLES)] == []


def test_no_block_is_answered_for_twice_and_every_section_is_one_of_the_sheet() -> None:
    places = _sheet()
    twice = [place for place in places if sum(_answers(table, place) for table in _DONE) > 1]
    sections = {place.partition(".")[0] for place in places}
    known = {*places, *sections, *(section.rstrip("abcdef") for section in sections)}  # 6 holds nothing but 6a, 6b, …
    unknown = [section for table in _DONE for section in table.SECTIONS if section not in known]
    assert (twice, unknown) == ([], [])


def _sheet() -> dict[str, str]:
    if not SHEET.exists():
        pytest.skip(f"the vendors' facts are not beside this repository ({SHEET})")
    return blocks(SHEET.read_text(encoding="utf-8"))


def _answers(table: ModuleType, place: str) -> bool:
    return place in table.SECTIONS or place.partition(".")[0] in table.SECTIONS


def _is_there(named: str) -> bool:
    path, _, name = named.partition("::")
    tree = ast.parse((_ROOT / path).read_text())
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assigned = {target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets}
    return name in functions | {target.id for target in assigned if isinstance(target, ast.Name)}


def _docstring(path: Path) -> str:
    return " ".join((ast.get_docstring(ast.parse(path.read_text())) or "").split())
