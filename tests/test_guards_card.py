"""The lists of the card that more gates read: without one a person's word counts, with one the system is asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.configuration import LoadedCard, load_card
from agent.errors import ConfigError
from agent.service.card_lacks import lacks
from agent.workflow.binding import Scope
from agent.workflow.planning import plan, windowed
from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.builders import AS_OF, ROOT
from tests.gates.seeds import OWN

CARD = ROOT / "config/worlds/put-right/overlay/cards/finance-invoice-recon/card.yaml"
GATES = ("production-readiness", "production-canvas", "readiness-scorecard", "deployment-readiness")
ASKED = {  # list on the card → the request
    "budgets": "aws.budget", "stores": "s3.encryption", "backups": "aws.backups", "trails": "aws.trail",
    "pipelines": "github.workflow_runs", "scans": "github.vulnerabilities", "answering": "pagerduty.responses",
    "rollouts": "launchdarkly.rollout", "branches": "github.branch_rules",
    "synthetics": "datadog.synthetics",
}  # fmt: skip


def card(folder: Path, **changes: Any) -> LoadedCard:
    """The worked example's card; a value of None leaves the list out."""
    place = folder / "finance-invoice-recon" / "card.yaml"
    place.parent.mkdir(exist_ok=True)
    shutil.copy(CARD, place)
    held = yaml.load(place.read_text(encoding="utf-8"), Loader=FastLoader) | changes
    place.write_text(plain_yaml.dump({k: v for k, v in held.items() if v is not None}), encoding="utf-8")
    return load_card(place)


def asked(loaded: LoadedCard, gate: str) -> set[str]:
    """The types that the gate asks for with this card, and `missing` where one cannot be asked."""
    rules = OWN.gate(gate)
    scope = Scope(
        card=loaded.raw, defaults=loaded.card.model_dump(mode="json", by_alias=True), as_of=AS_OF,
        zone=loaded.card.pilot.zone, people={},
    )  # fmt: skip
    return {row.type if row.state != "missing" else "missing" for row in plan(rules, windowed(rules, scope)).bound}


@pytest.mark.parametrize("list_", ASKED)
def test_a_list_is_asked_where_the_card_has_it_and_rests_on_a_person_where_not(list_: str, tmp_path: Path):
    named, silent = ({gate: asked(card(tmp_path, **with_), gate) for gate in GATES} for with_ in ({}, {list_: None}))

    assert any(ASKED[list_] in types for types in named.values())
    assert not any(ASKED[list_] in types for types in silent.values())
    assert all("attestation.answers" in types for types in silent.values())


@pytest.mark.parametrize("list_", ASKED)
def test_a_row_that_names_a_system_and_not_what_is_lacking_is_told(list_: str, tmp_path: Path):
    """It leaves the item undetermined; nobody's word stands in."""
    row = {"source": ASKED[list_]} | ({"proves": "tests"} if list_ == "pipelines" else {})
    loaded = card(tmp_path, **{list_: [row]})

    told = [one.key for gate in GATES for one in lacks(OWN.gate(gate), loaded, AS_OF)]
    assert [key for key in told if key.startswith(f"{list_}[0].")]


@pytest.mark.parametrize("rows", [[], [{"source": "aws.nothing"}], [{"source": "attestation", "colour": "red"}]])
@pytest.mark.parametrize("list_", ASKED)
def test_an_empty_list_or_a_mistyped_row_is_refused(list_: str, rows: list[Any], tmp_path: Path):
    """An empty list would leave nothing to be asked, and nothing to fail."""
    with pytest.raises(ConfigError, match=list_):
        card(tmp_path, **{list_: rows})


def test_a_workflow_of_which_the_card_does_not_say_what_it_proves_is_refused(tmp_path: Path):
    """No control would ask it, and the items would rest on people's words as though none were named."""
    row = {"source": "github.workflow_runs", "repository": "acme/finance-agents", "workflow": "tests.yml"}
    with pytest.raises(ConfigError, match="proves"):
        card(tmp_path, pipelines=[row])
