"""Every probe is registered, documented, and takes what the gate gives it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.configuration import Configuration
from agent.domain import Outcome
from agent.probes.all import MOMENTS, PROBES, TOPICS
from agent.probes.findings import passed
from agent.probes.moments import latest_turn_off
from tests.builders import DRILLED, ROOT, at, history

CONFIG = Configuration(ROOT / "config", None)
GATES = [CONFIG.gate(id) for id in CONFIG.gate_paths()]
RULES = [
    rule.model_dump(mode="json", by_alias=True)
    for gate in GATES
    for rule in (*(rule for item in gate.items for rule in item.rules), *gate.checks)
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["probe"]))
def test_the_gates_rules_fit_the_probes_they_name(rule: dict[str, object]):
    """Each rule names a probe, binds exactly its facts, and gives the parameters that it needs."""
    found = PROBES[str(rule["probe"])]
    given = set(rule.get("with", {}))

    assert set(rule.get("facts", {})) == set(found.facts)
    assert found.required <= given <= set(found.params)


def test_every_probe_says_in_one_line_what_it_states():
    """The docstring's first line stands in the catalogue."""
    assert [name for name, one in PROBES.items() if not one.about.endswith(".")] == []
    assert {rule["probe"] for rule in RULES} == set(PROBES)


def test_no_sentence_types_a_value():
    """Digits and signs of comparison never stand outside a slot in a probe's source."""
    source = [line for topic in TOPICS for line in Path(str(topic.__file__)).read_text().splitlines()]
    sentences = [text for line in source for text in re.findall(r'f?"([A-Z{][^"]*\{[^"]*)"', line)]

    assert len(sentences) > 60
    assert [text for text in sentences if re.search(r"[0-9<>=]", re.sub(r"\{[^{}]*\}", "", text))] == []


def test_the_latest_complete_pair_is_found_whatever_the_order():
    """A turn-off that still waits for its turn-on is passed over, and the entries need not come sorted."""
    mixed = history(
        ("on", "2026-06-08T15:00"), ("off", "2026-06-01T09:00"), ("off", "2026-06-08T14:00"),
        ("on", "2026-06-01T09:30"),
        ("off", "2026-06-09T08:00"),
    )  # fmt: skip

    assert latest_turn_off(mixed) == at("2026-06-08T14:00")
    assert MOMENTS["latest_turn_off"](DRILLED) == at("2026-06-08T14:00")
    assert latest_turn_off(history(("off", "2026-06-08T14:00"))) is None


def test_parameters_come_as_plain_yaml_and_are_checked():
    """A card's dates and names become typed; a key that the probe does not know is refused."""
    probe = PROBES["launch_is_business_day"]
    found = probe({}, {"launch": {"date": "2026-06-13", "holidays": ["2026-06-19"]}})

    assert (found.probe, found.outcome) == ("launch_is_business_day", Outcome.FAIL)
    with pytest.raises(ValidationError):
        probe({}, {"launch": {"date": "2026-06-13", "colour": "red"}})


def test_a_sentence_cannot_name_a_fact_that_was_not_given():
    """A slot without a fact would be a hole in the report."""
    with pytest.raises(ValueError, match=r"names \['missing'\]"):
        passed("{missing} is not there")
