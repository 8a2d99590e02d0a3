"""Holders and their deputies: who stands in signs inside their dates, in their own name, and never for both sides."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from agent.domain import Assurance, SignOffDecision
from agent.errors import Refused
from agent.service import signing
from agent.service.permission import may_deploy
from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Prepared, as_person

JUNE = {"since": "2026-06-15T00:00:00Z", "until": "2026-06-20T00:00:00Z"}
MAY = {"since": "2026-05-15T00:00:00Z", "until": "2026-05-20T00:00:00Z"}


def deputise(desk: Desk, holder: str, person: str, **dates: object) -> None:
    path = desk.overlay / "people.yaml"
    people = yaml.load(path.read_text(), Loader=FastLoader)
    people["people"][holder]["deputies"] = [{"person": person, **dates}]
    path.write_text(plain_yaml.dump(people))


def give(desk: Desk, person: str, role: str, review: str) -> signing.Signed:
    deps, who = as_person(desk, person)
    open_all(deps, who, review)
    return signing.sign(deps, who, review, role, SignOffDecision.CLEARED, notes=NOTES)


def test_a_deputy_signs_inside_their_dates_and_the_report_says_for_whom(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    deputise(desk, "dana.ortiz", "lena.fischer", **JUNE)
    for person, role in SIGNERS[:2]:
        give(desk, person, role, prepared.review)

    signed = give(desk, "lena.fischer", "second_approver", prepared.review)

    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    assert "| Lena Fischer for Dana Ortiz |" in (Path(signed.bundle) / "report.md").read_text(encoding="utf-8")
    done = desk.cli("verify", signed.bundle)
    assert done.returncode == 0, done.stderr


def test_outside_their_dates_a_deputy_is_told_when_they_may(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    deputise(desk, "dana.ortiz", "lena.fischer", **MAY)

    with pytest.raises(Refused, match=r"stands in for Dana Ortiz as second_approver between 2026-05-15.* only"):
        give(desk, "lena.fischer", "second_approver", prepared.review)


def test_a_deputy_for_one_role_is_none_for_another(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    deputise(desk, "morteza.moradi", "lena.fischer", roles=["builder"], **JUNE)

    with pytest.raises(Refused, match="does not hold the role lead"):
        give(desk, "lena.fischer", "lead", prepared.review)


def test_a_builder_cannot_stand_in_for_the_second_approver(prepared: Prepared, tmp_path: Path):
    """Who looks at the builders' work a second time is none of them, whoever appoints them."""
    desk = prepared.copy(tmp_path)
    deputise(desk, "dana.ortiz", "mike.chen", **JUNE)

    with pytest.raises(Refused, match="does not hold the role second_approver"):
        give(desk, "mike.chen", "second_approver", prepared.review)


def test_nobody_signs_a_second_time_through_a_deputy(prepared: Prepared, tmp_path: Path):
    """Lena has signed as lead for Morteza; neither she nor he signs as builder."""
    desk = prepared.copy(tmp_path)
    deputise(desk, "morteza.moradi", "lena.fischer", **JUNE)
    give(desk, "lena.fischer", "lead", prepared.review)

    for person in ("lena.fischer", "morteza.moradi"):
        with pytest.raises(Refused, match="somebody else has to sign"):
            give(desk, person, "builder", prepared.review)


def test_an_entry_that_is_taken_out_takes_its_signature_with_it(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    deputise(desk, "dana.ortiz", "lena.fischer", **JUNE)
    for person, role in (*SIGNERS[:2], ("lena.fischer", "second_approver")):
        give(desk, person, role, prepared.review)

    deputise(desk, "dana.ortiz", "lena.fischer", **MAY)

    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 20


def test_who_is_known_less_surely_than_the_gate_asks_is_refused(prepared: Prepared, tmp_path: Path):
    """This gate accepts keys, and logins that people.yaml names, Slack's among them, and nothing less."""
    desk = prepared.copy(tmp_path)
    deps, who = as_person(desk, "mike.chen")
    less = signing.Caller(who.person, who.name, who.roles, who.key, Assurance.TERMINAL)

    with pytest.raises(Refused, match="known by slack at least, and this is terminal only"):
        signing.sign(deps, less, prepared.review, "builder", SignOffDecision.CLEARED, notes=NOTES)
