"""Files of the home that nothing rests on: damaged or unwritable, they cost no decision and no answer."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.domain import SignOffDecision
from agent.errors import StoreAway, StoreError
from agent.outputs.publish import replace_file
from agent.service import signing
from agent.service.permission import may_deploy
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all
from tests.acceptance.prepared import Prepared, as_person


@pytest.fixture(params=["garbage", "a folder"])
def spoilt(prepared: Prepared, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """Two of three have signed, and then the checkpoints cannot be used."""
    desk = prepared.copy(tmp_path)
    for person, role in SIGNERS[:2]:
        desk.sign(person, role, prepared.review)
    for path in desk.home.glob("checkpoints.db*"):
        path.unlink()
    path = desk.home / "checkpoints.db"
    path.write_bytes(b"garbage" * 1000) if request.param == "garbage" else path.mkdir()
    return desk


def test_the_last_signature_is_kept_and_its_report_written(spoilt: Desk, prepared: Prepared):
    signed = spoilt.sign(*SIGNERS[2], prepared.review)

    assert Path(signed.bundle, "report.md").is_file()
    assert may_deploy(spoilt.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0


def test_a_report_that_is_due_stops_no_other_command(spoilt: Desk, prepared: Prepared):
    """Its set is complete and nobody has written it yet: the command that meets it does, and answers."""
    deps, who = as_person(spoilt, SIGNERS[2][0])
    open_all(deps, who, prepared.review)
    signing.insert(deps, who, prepared.review, SIGNERS[2][1], SignOffDecision.CLEARED, notes=NOTES)

    done = spoilt.cli("killswitch", SUBJECT)

    assert done.returncode == 0, done.stderr
    assert "its report was missing; it is written now" in done.stderr


def test_an_assessment_says_what_is_damaged_and_what_to_do(spoilt: Desk):
    told = r"checkpoints\.db cannot be used \(.+\); .* move checkpoints\.db\* away while no review runs"
    with pytest.raises(StoreAway, match=told):
        spoilt.assess(new=True)

    path = spoilt.home / "checkpoints.db"
    path.rename(spoilt.home / "aside")
    assert spoilt.assess(new=True).review


def test_a_registry_that_cannot_be_written_is_said_and_stops_nothing(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    (desk.home / "registry.json").unlink()
    (desk.home / "registry.json").mkdir()

    done = desk.cli("killswitch", SUBJECT)

    assert done.returncode == 0, done.stderr
    assert "registry may be out of date" in done.stderr
    shutil.rmtree(desk.home / "registry.json")
    desk.cli("killswitch", SUBJECT)
    assert SUBJECT in (desk.home / "registry.json").read_text(encoding="utf-8")


def test_a_decision_is_taken_back_where_the_registry_cannot_be_written(prepared: Prepared, tmp_path: Path):
    """It is done, is said to be done, and what did not follow is said as well."""
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    (desk.home / "registry.json").unlink()
    (desk.home / "registry.json").mkdir()

    done = desk.cli("revoke", prepared.review, "--reason", "the vendor announced a breach",
                    CLEARANCE_KEY=str(desk.keys / "dana.ortiz.pem"))  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "revoked" in done.stdout
    assert "registry may be out of date" in done.stderr
    assert desk.deps().reviews.get(prepared.review).state == "revoked"


def test_where_nothing_can_be_written_the_sentence_is_ours(tmp_path: Path):
    (tmp_path / "home").write_text("no folder")

    with pytest.raises(StoreError, match="could not be written"):
        replace_file(tmp_path / "home" / "registry.json", b"[]")
