"""`gates check` tells everything that is wrong with a file in one go, once each, in the order of its lines.

Each wrong line of `wrong/` says so itself: what stands after `#!` is part of what is told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest
import yaml

from agent import yaml_lines
from agent.configuration import Configuration
from agent.errors import ConfigError
from agent.reading_on import STAND_IN
from tests import plain_yaml
from tests.builders import ROOT
from tests.gates.seeds import OWN

WRONG = Path(__file__).parent / "wrong"
GATE = (WRONG / "gate.yaml").read_text(encoding="utf-8")
CONTROL = (WRONG / "control.yaml").read_text(encoding="utf-8")


def told(path: Path, text: str) -> list[tuple[int, str]]:
    path.parent.mkdir(parents=True)
    path.write_text(re.sub(r" *#!.*$", "", text, flags=re.MULTILINE), encoding="utf-8")
    own = Configuration(ROOT / "config", path.parents[1])
    with pytest.raises(ConfigError) as caught:
        own.load_gate(path) if path.parent.name == "gates" else own.load_control(path)
    rows = [line.removeprefix(f"{path}:").split(": ", 1) for line in str(caught.value).splitlines()]
    return [(int(number), text) for number, text in rows]


def unsaid(found: list[tuple[int, str]], wanted: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(n, part) for n, part in wanted if not any(n == line and part.strip() in text for line, text in found)]


@pytest.mark.parametrize(("folder", "name", "text"), [("gates", "mine", GATE), ("controls", "our-control", CONTROL)])
def test_everything_is_told_once_and_by_line(folder: str, name: str, text: str, tmp_path: Path):
    """Also behind a key that no model knows, a part of the wrong shape, and a control that there is not."""
    found = told(tmp_path / folder / f"{name}.yaml", text)
    wanted = [(n, part) for n, line in enumerate(text.splitlines(), 1) for part in line.split("#! ")[1:]]

    assert unsaid(found, wanted) == []
    assert [(n, said) for n, said in found if not any(n == m and part.strip() in said for m, part in wanted)] == []
    assert len(found) == len(wanted) >= 7
    assert [n for n, _ in found] == sorted(n for n, _ in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [("items: [", "is not valid YAML"), ("- a\n- b\n", "Input should be a valid dictionary"), ("", "valid dictionary"),
     ("id: mine\nitems: 3\n", "items: Input should be a valid tuple"),
     ("id: mine\nitems: [1, {number: 2}]\npolicy: {name: nosuch}\n", "policy: Input tag 'nosuch'")],
)  # fmt: skip
def test_a_file_of_another_shape_is_told_and_crashes_nothing(text: str, said: str, tmp_path: Path):
    path = tmp_path / "gates" / "mine.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=said):
        Configuration(ROOT / "config", tmp_path).load_gate(path)


def test_a_control_that_is_wrong_itself_is_told_where_it_stands(tmp_path: Path):
    """The gate's other mistakes are told all the same."""
    (tmp_path / "controls").mkdir()
    (tmp_path / "controls" / "our-control.yaml").write_text(CONTROL, encoding="utf-8")
    gate = (
        (ROOT / "config/gates/pilot-to-prod.yaml").read_text(encoding="utf-8").replace("id: pilot-to-prod", "id: mine")
    )
    gate = gate.replace("control: targets-reached", "control: our-control").replace("number: 10", "number: 9")
    found = told(tmp_path / "gates" / "mine.yaml", gate)

    assert any(
        f"the control 'our-control' is wrong itself: clearance gates check {tmp_path}" in said for _, said in found
    )
    assert any("9 stands here twice" in said for _, said in found)


@pytest.mark.parametrize("gate", sorted(OWN.gate_paths()))
@pytest.mark.parametrize(
    "key", ["id", "number", "title", "methods", "control", "asks", "policy", "signers", "from_stage"]
)
def test_any_key_that_is_lost_is_told_at_its_place(gate: str, key: str, tmp_path: Path):
    """Each gate of ours with the last line of this key misspelt: never accepted, never a crash."""
    lines = OWN.gate_paths()[gate].read_text(encoding="utf-8").splitlines()
    at = max((i for i, line in enumerate(lines) if re.match(rf"(?:  - |    )?{key}:", line)), default=None)
    if at is None:
        pytest.skip(f"{gate} has no {key}")
    lines[at] = lines[at].replace(f"{key}:", f"{key}x:", 1)
    found = told(tmp_path / "gates" / f"{gate}.yaml", "\n".join(lines))

    assert any(n == at + 1 and f"{key}x: is not a key that is known here" in said for n, said in found)


JUNK: tuple[object, ...] = (
    None,
    1,
    -3,
    "x",
    "$card.nope",
    [],
    {},
    [1, "a"],
    {"a": 1},
    True,
    3.5,
    "$each",
    {"name": "matrix"},
)


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in rows:
        yield from places(inner, (*path, key))


@pytest.mark.parametrize("turn", range(25))
def test_whatever_is_spoiled_is_told_by_line_and_nothing_is_said_of_what_stands_in_for_it(turn: int, tmp_path: Path):
    """Up to six parts of a gate become junk, are misspelt, or are lost."""
    random = Random(turn)
    gate = yaml.load(OWN.gate_paths()["pilot-to-prod"].read_text(encoding="utf-8"), Loader=yaml_lines.FastLoader)
    for _ in range(random.randint(1, 6)):
        *way, last = random.choice(list(places(gate)))
        holder = gate
        for key in way:
            holder = holder[key]
        if isinstance(holder, list) or random.random() < 0.5:
            holder[last] = deepcopy(random.choice(JUNK))
        else:
            holder[f"{last}q"] = holder.pop(last)
    found = told(tmp_path / "gates" / "mine.yaml", plain_yaml.dump(gate, sort_keys=False))

    assert found
    assert [said for _, said in found if STAND_IN in said] == []
