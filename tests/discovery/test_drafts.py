"""A draft is YAML that holds its guesses as texts and nothing else, and no draft is ever taken for a card."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from agent import drafts, yaml_lines
from agent.configuration import load_card
from agent.errors import ConfigError
from agent.service.draft_card import draft, scalar
from agent.service.guesses import Listings
from collectors.discovery import Listing, Named, unseen
from collectors.errors import Denied

CARD = Path(__file__).parents[2] / "config/worlds/put-right/overlay/cards/finance-invoice-recon/card.yaml"
NOW = datetime(2026, 6, 17, tzinfo=UTC)
SUBJECT = "orders-recon"


def drafted(*listings: Listing) -> str:
    return draft(Listings(SUBJECT, listings), SUBJECT, NOW, ()).text


def services(*names: str, said: str = "") -> Listing:
    found = tuple(Named(kind="service", id=f"P{i}", name=name, said=said) for i, name in enumerate(names))
    return Listing(vendor="pagerduty", kind="service", names=found)


def mistakes(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_card(path)
    return str(refused.value).splitlines()


def test_the_one_that_looks_most_alike_is_guessed_and_the_others_are_told():
    text = drafted(services("orders-recon-shadow", "orders-recon", "ledger"))
    assert "service: P1  # ? orders-recon; 1 other looked alike: P0 (orders-recon-shadow)" in text


def test_what_could_not_be_seen_stands_in_the_draft_with_why():
    text = drafted(unseen("pagerduty", "service", Denied("PagerDuty GET /services answered 403")))
    assert "# NOT SEEN: pagerduty, service: denied: PagerDuty GET /services answered 403." in text
    assert "# on_call: to fill in, pagerduty services could not be seen (denied)" in text


def test_nothing_alike_is_told_as_such_and_never_guessed():
    text = drafted(services("ledger"))
    assert "# on_call: to fill in, of 1 services at pagerduty none looks like it" in text
    assert drafts.MARK not in text


@given(st.text())
def test_any_text_is_read_back_as_that_text_and_no_more(text: str):
    assert yaml.load(f"k: {scalar(text)}\n", Loader=yaml_lines.Loader) == {"k": text}


@given(st.text(), st.text())
def test_whatever_a_vendor_calls_things_the_draft_stays_a_draft(name: str, said: str):
    """No name ends a line, a text or a comment early: the keys are ours, and `draft` is true."""
    flag = Named(kind="flag", id=f"{SUBJECT}{name}", name=f"orders-recon {said}", said=said, parent=name)
    flags = Listing(vendor="launchdarkly", kind="flag", names=(flag,))
    text = drafted(services(f"orders-recon {name}", said=said), flags)
    data = yaml.load(text, Loader=yaml_lines.Loader)
    assert data["draft"] is True
    assert set(data) <= {"draft", "subject", "on_call", "kill_switch"}
    if "kill_switch" in data:
        assert (data["kill_switch"]["flag"], data["kill_switch"]["project"]) == (f"{SUBJECT}{name}", name)


@pytest.mark.parametrize(
    "name", ["x\ndraft: false", 'x"\ndraft: false', "x # y", "x: y", "true", "null", "\u2028draft: no", "# ? y", "1.0"]
)
def test_a_hostile_name_is_a_text(name: str):
    assert yaml.load(f"k: {scalar(name)}\n", Loader=yaml_lines.Loader) == {"k": name}


def test_a_card_that_says_draft_is_refused_whatever_it_says(tmp_path: Path):
    for value in ("true", "false", "", "no"):
        (told,) = mistakes(tmp_path / "d.yaml", f"draft: {value}\n{CARD.read_text(encoding='utf-8')}")
        assert ":1: draft: this is a draft; confirm what is marked `# ?`" in told


def test_a_mark_that_is_left_is_refused_with_its_key(tmp_path: Path):
    text = CARD.read_text(encoding="utf-8").replace('version: "1.0"', 'version: "1.0"  # ? as of today')
    (told,) = mistakes(tmp_path / "d.yaml", text)
    assert told.endswith("d.yaml:3: version: is a guess that nobody confirmed; look at it, then take its `# ?` away")


def test_a_mark_in_a_text_is_no_mark(tmp_path: Path):
    """A title may hold the two characters; only a comment marks a guess."""
    text = CARD.read_text(encoding="utf-8").replace("name: AP Accountant", 'name: "AP # ? Accountant"\n#')
    path = tmp_path / "d.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_card(path).card.name == "AP # ? Accountant"


def test_all_that_is_left_to_do_is_told_at_once(tmp_path: Path):
    told = "\n".join(mistakes(tmp_path / "d.yaml", drafted(services("orders-recon"))))
    parts = ("draft: this is a draft", "on_call.service: is a guess", "on_call.primary: is missing", "tier: is missing")
    assert [part for part in parts if part not in told] == []
