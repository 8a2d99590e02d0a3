"""A card or gate that is written wrongly is refused with file, line, key and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent import resources
from agent.configuration import Configuration
from agent.errors import ConfigError, UsageError
from tests.gates.seeds import WRITTEN_OUT as GATE

OWN = resources.folder("config")
CARD = OWN / "worlds/as-written/overlay/cards/finance-invoice-recon/card.yaml"


def card_with(tmp_path: Path, old: str, new: str) -> Configuration:
    text = CARD.read_text(encoding="utf-8")
    assert old in text
    folder = tmp_path / "cards" / "finance-invoice-recon"
    folder.mkdir(parents=True)
    (folder / "card.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return Configuration(OWN, tmp_path)


def gate_with(tmp_path: Path, old: str, new: str) -> Configuration:
    text = GATE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "gates").mkdir()
    mine = text.replace(old, new, 1).replace("id: pilot-to-prod", "id: mine", 1)
    (tmp_path / "gates" / "mine.yaml").write_text(mine, encoding="utf-8")
    return Configuration(OWN, tmp_path)


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("tier: high", "teir: high", r"card.yaml:\d+: teir: is not a key that is known here; allowed: activity, answering"),
        ("tier: high\n", "", r"card.yaml:\d+: tier: is missing"),
        ("tier: high", "tier: enormous", r"card.yaml:4: tier: Input should be 'low', 'medium' or 'high'"),
        ("zone: America/New_York", "zone: Nowhere/Town", r"card.yaml:\d+: pilot.zone: 'Nowhere/Town' is not a time zone"),
        ("at_least: 7 years", "at_least: seven", r"card.yaml:\d+: retention\[0\].at_least: 'seven' is not a span"),
        ("subject: finance-invoice-recon\n", "subject: other\n", r"card.yaml:1: subject: is 'other'; the card's folder"),
        ("aggregator: percentile", "agregator: percentile", r"targets\[2\].source: 'agregator' is no key of datadog.metric here"),
        ("tier: high", "tier: high\ntier: low", r"card.yaml:5: tier: stands here twice"),
        ("tier: high", "tier: [high", r"card.yaml: is not valid YAML"),
    ],
)  # fmt: skip
def test_a_wrong_card_names_file_line_and_key(tmp_path: Path, old: str, new: str, told: str):
    """The line is the key's own, or that of what should hold it."""
    import re

    configuration = card_with(tmp_path, old, new)

    assert re.search(told, complaint(lambda: configuration.card("finance-invoice-recon")))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("probe: guardrail_fired", "probe: guardrail_fried", "there is no probe 'guardrail_fried'. Did you mean guardrail_fired?"),
        ("          datadog.logs: {", "          datadog.log: {", "there is no request 'datadog.log'. Did you mean datadog.logs"),
        ("with: {id: $each.id, recent: $window.recent}", "with: {id: $each.id, window: $window.recent}", "datadog.dashboard has no parameter 'window'; allowed: id, recent"),
        ("facts: {fired: fired}", "facts: {fired: logs}", "this item has no request 'logs'"),
        ("within_minutes: 10", "within_minuets: 10", "statement_matches_the_flag has no parameter 'within_minuets'"),
        ("window: $window.drill", "window: $window.dril", "there is no window 'dril'. Did you mean drill?"),
        ("moment: latest_turn_off", "moment: latest_turn", "there is no moment 'latest_turn'. Did you mean latest_turn_off?"),
        ("waivable: false\n    note", "waivabel: false\n    note", "waivabel: is not a key that is known here; allowed: asks, category, control, critical, guidance"),
        ("number: 5", "number: 4", "4 stands here twice"),
    ],
)  # fmt: skip
def test_a_wrong_gate_names_line_and_what_there_is(tmp_path: Path, old: str, new: str, told: str):
    """Probes, requests, parameters and windows are checked when the gate is loaded, not when it is judged."""
    configuration = gate_with(tmp_path, old, new)

    said = complaint(lambda: configuration.gate("mine"))

    assert told in said
    assert f"{tmp_path / 'gates' / 'mine.yaml'}:" in said


def test_somebody_on_the_card_whom_people_yaml_does_not_know_is_told_with_the_nearest_name():
    """`cards check` reads both files."""
    from agent.configuration import load_card, refuse_strangers
    from agent.people import People, load_people

    loaded, people = load_card(CARD), load_people(CARD.parents[2] / "people.yaml")
    refuse_strangers(loaded, people)

    without = People(people={id: one for id, one in people.people.items() if id != "mike.chen"})
    told = complaint(lambda: refuse_strangers(loaded, without))
    assert "card.yaml:6: people.builders[1]: 'mike.chen' is nobody in people.yaml" in told


def test_a_pattern_is_told_in_words(tmp_path: Path):
    """A regular expression is no next step for whoever writes a card."""
    configuration = card_with(tmp_path, "subject: finance-invoice-recon", "subject: Finance Recon")

    told = complaint(lambda: configuration.card("finance-invoice-recon"))
    assert "subject: must be small letters, digits and dashes" in told


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31mred", "\u202eback", "zero\u200bwidth"])
def test_a_name_that_could_forge_a_line_is_refused(tmp_path: Path, name: str):
    """Control, bidirectional and zero-width characters stand in no name of card or people."""
    import json

    configuration = card_with(tmp_path, "name: AP Accountant invoice reconciliation", f"name: {json.dumps(name)}")

    assert "name: must be one line, without line breaks, control characters" in complaint(
        lambda: configuration.card("finance-invoice-recon")
    )


def test_an_unknown_subject_or_gate_names_the_nearest():
    configuration = Configuration(OWN, OWN / "worlds/as-written/overlay")

    with pytest.raises(UsageError, match="Did you mean finance-invoice-recon"):
        configuration.card("finance-invoice-recom")
    with pytest.raises(UsageError, match="Did you mean pilot-to-prod"):
        configuration.gate("pilot-to-prd")


def test_the_items_that_take_no_waiver_take_no_shortfall_either(tmp_path: Path):
    """Items 4, 9 and 10 cannot be softened by configuration."""
    configuration = gate_with(tmp_path, "{probe: guardrail_fired,", "{shortfall: warn, probe: guardrail_fired,")

    assert "takes no `shortfall: warn` either" in complaint(lambda: configuration.gate("mine"))


def test_the_design_s_complete_card_is_a_card(tmp_path: Path):
    """Whoever starts from the card that the design prints is not refused."""
    import re

    design = OWN.parent.parent / "shared" / "DESIGN.md"
    if not design.exists():
        pytest.skip(f"{design} is not there: the design's own card was not tried")
    text = re.search(r"```yaml\n(subject: .*?)```", design.read_text(encoding="utf-8"), re.DOTALL)
    assert text
    folder = tmp_path / "cards" / "finance-invoice-recon"
    folder.mkdir(parents=True)
    (folder / "card.yaml").write_text(text[1], encoding="utf-8")

    assert Configuration(OWN, tmp_path).card("finance-invoice-recon").card.version == "1.0"


def test_an_overlay_cannot_put_a_laxer_gate_in_the_place_of_the_products(tmp_path: Path):
    """Whoever reads `pilot-to-prod` on a report may rely on its being the product's own."""
    (tmp_path / "gates").mkdir()
    (tmp_path / "gates" / "pilot-to-prod.yaml").write_text(GATE.read_text(encoding="utf-8"), encoding="utf-8")

    told = complaint(lambda: Configuration(OWN, tmp_path).gate("pilot-to-prod"))

    assert "is the product's own gate; give yours an id of its own" in told


def test_a_gate_that_cannot_be_read_costs_the_others_nothing(tmp_path: Path):
    """One of the product's own id, and one with a mistake: each is told, and refused by its name alone."""
    (tmp_path / "gates").mkdir()
    text = GATE.read_text(encoding="utf-8")
    (tmp_path / "gates" / "pilot-to-prod.yaml").write_text(text, encoding="utf-8")
    wrong = text.replace("id: pilot-to-prod", "id: our-own\nitmes: []", 1)
    (tmp_path / "gates" / "our-own.yaml").write_text(wrong, encoding="utf-8")
    own = Configuration(OWN, tmp_path)

    found = own.gates()

    assert set(found.right) == {*Configuration(OWN, None).gate_paths()} - {"pilot-to-prod"}
    assert set(found.wrong) == {"pilot-to-prod", "our-own"}
    assert "itmes" in found.wrong["our-own"]
    assert all(f"gate {id} cannot be read" in told for id, told in zip(found.wrong, found.told, strict=True))
    assert own.gate("readiness-scorecard").id == "readiness-scorecard"
