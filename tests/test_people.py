"""people.yaml says who is who; a mistake in it is named with file, line and key before anybody signs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.people import load_people
from agent.signing import keys

ANN, BO = "A" * 43 + "=", "A" * 42 + "E="


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "people.yaml"
    path.write_text(text, encoding="utf-8")
    return path


WHOLE = f"""\
people:
  ann.lee:
    name: Ann Lee
    roles: [builder]
    accounts: {{pagerduty: PANN}}
    keys:
      - public: {ANN}
        revoked: 2026-06-01T00:00:00Z
      - {{public: {BO}, valid_from: 2026-06-01T00:00:00Z}}
  bo.kim:
    name: Bo Kim
"""


def test_people_are_found_by_account_and_by_a_key_that_is_valid(tmp_path: Path):
    """A key counts from when it begins until it is revoked."""
    people = load_people(write(tmp_path, WHOLE))
    may, july = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)

    assert people.by_account("pagerduty", "PANN") == "ann.lee"
    assert people.by_account("datadog", "PANN") is None
    assert (people.by_key(ANN, may), people.by_key(ANN, july)) == ("ann.lee", None)
    assert (people.by_key(BO, may), people.by_key(BO, july)) == (None, "ann.lee")
    assert (people.name_of("bo.kim"), people.name_of("cy.diaz")) == ("Bo Kim", "cy.diaz")


MISTAKES = {
    "one name for two people": (
        WHOLE.replace("Bo Kim", "ann  LEE"),
        ":11: people.bo.kim.name: is the name of ann.lee already; give two people names that tell them apart",
    ),
    "an unknown key": (
        WHOLE.replace("roles:", "rolls:"),
        ":4: people.ann.lee.rolls: is not a key that is known here; "
        "allowed: accounts, deputies, keys, logins, name, roles",
    ),
    "an unknown key of a key": (WHOLE.replace("revoked:", "ended:"), ":8: people.ann.lee.keys[0].ended: is not a key"),
    "an unknown key at the top": (
        WHOLE + "groups: {}\n",
        ":12: groups: is not a key that is known here; allowed: people",
    ),
    "a wrong type": (WHOLE.replace("[builder]", "builder"), ":4: people.ann.lee.roles: Input should be a valid tuple"),
    "a missing name": (WHOLE.replace("    name: Ann Lee\n", ""), ":2: people.ann.lee.name: is missing"),
    "a time without a zone": (WHOLE.replace("01T00:00:00Z\n", "01T00:00:00\n"), ":8: people.ann.lee.keys[0].revoked: "),
    "one public key twice": (
        WHOLE + f"    keys: [{{public: {ANN}}}]\n",
        ":12: people.bo.kim.keys[0].public: is the key of ann.lee already",
    ),
    "a public key that is none": (WHOLE.replace(ANN, "AAAA"), ":7: people.ann.lee.keys[0].public: is not the base64"),
    "a key that was never valid": (
        WHOLE.replace(
            "valid_from: 2026-06-01T00:00:00Z", "valid_from: 2026-06-01T00:00:00Z, revoked: 2026-05-01T00:00:00Z"
        ),
        ":9: people.ann.lee.keys[1].revoked: is not after valid_from",
    ),
    "one account twice": (
        WHOLE + "    accounts: {pagerduty: PANN}\n",
        ":12: people.bo.kim.accounts.pagerduty: is the account of ann.lee already",
    ),
    "one person twice": (WHOLE + "  ann.lee: {name: Ann}\n", ":12: people.ann.lee: stands here twice"),
    "no YAML": ("people: [", ": is not valid YAML"),
    "a day that is none": (WHOLE.replace("2026-06-01T00:00:00Z\n", "2026-06-31T00:00:00Z\n"), ": is not valid YAML"),
    "something that holds itself": ("people: &p {ann: *p}", ": something in it holds itself"),
    "an empty file": ("", ":1: the file: Input should be"),
}


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, name: str):
    """And with what is allowed, where a list of that exists."""
    text, told = MISTAKES[name]
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as refused:
        load_people(path)
    assert str(path) in str(refused.value)
    assert told in str(refused.value)


def test_every_mistake_is_named_at_once(tmp_path: Path):
    """One line each, so that one look mends the file."""
    text = WHOLE.replace("roles:", "rolls:").replace("    name: Bo Kim", "    nome: Bo Kim")

    with pytest.raises(ConfigError) as refused:
        load_people(write(tmp_path, text))
    assert len(str(refused.value).splitlines()) == 3


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"people\.yaml: could not be read"):
        load_people(tmp_path / "people.yaml")


def test_a_key_that_was_made_is_one_that_people_yaml_takes(tmp_path: Path):
    made = keys.make(tmp_path / "key.pem")

    people = load_people(write(tmp_path, f"people: {{ann.lee: {{name: Ann, keys: [{{public: {made.public}}}]}}}}"))

    assert people.by_key(made.public, datetime.now(UTC)) == "ann.lee"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{person: nobody, since: 2026-06-01T00:00:00Z, until: 2026-06-02T00:00:00Z}", "must be somebody else"),
        ("{person: ann.lee, since: 2026-06-01T00:00:00Z, until: 2026-06-02T00:00:00Z}", "must be somebody else"),
        ("{person: bob, since: 2026-06-02T00:00:00Z, until: 2026-06-01T00:00:00Z}", "nobody ever stands in"),
        (
            "{person: bob, roles: [lead], since: 2026-06-01T00:00:00Z, until: 2026-06-02T00:00:00Z}",
            "lead is no role of",
        ),
    ],
)
def test_a_deputy_who_can_stand_in_for_nobody_is_a_mistake(tmp_path: Path, entry: str, told: str):
    path = tmp_path / "people.yaml"
    path.write_text(f"people:\n  ann.lee: {{name: Ann, roles: [builder], deputies: [{entry}]}}\n  bob: {{name: Bob}}\n")

    with pytest.raises(ConfigError, match=told):
        load_people(path)


LOGINS: dict[str, tuple[str, str]] = {
    "neither": ("- {issuer: https://login.acme.example}", "needs either subject"),
    "both": ("- {issuer: https://login.acme.example, subject: s, email: a@b.example}", "needs either subject"),
    "not an issuer": (
        "- {issuer: https://login.acme.example/.well-known/openid-configuration, subject: s}",
        "the issuer is what stands before it",
    ),
    "no workspace": ("- {issuer: 'slack:acme', subject: U1}", "such as slack:T0123ABCD"),
    "a member by email": ("- {issuer: 'slack:T0ACME', email: a@b.example}", "is known by subject"),
    "twice": (
        "- {issuer: https://login.acme.example, subject: s}\n  bob.ray:\n    name: Bob Ray\n    logins:\n"
        "      - {issuer: https://login.acme.example, subject: s}",
        "is the login of ann.lee already",
    ),
}


@pytest.mark.parametrize("name", sorted(LOGINS))
def test_a_login_that_would_leave_open_whose_it_is_is_refused(tmp_path: Path, name: str):
    rows, sentence = LOGINS[name]
    path = tmp_path / "people.yaml"
    path.write_text(f"people:\n  ann.lee:\n    name: Ann Lee\n    logins:\n      {rows}\n")

    with pytest.raises(ConfigError, match=sentence):
        load_people(path)
