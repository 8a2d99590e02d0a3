"""`reviews list` over a store with damage in it, and `report` where the report is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from agent.domain import SignOffDecision
from agent.service import signing
from tests.acceptance.conftest import NOTES, SIGNERS, open_all, prepared, put_right_world
from tests.acceptance.prepared import Prepared, as_person
from tests.sweeps.test_afterwards import damaged
from tests.web.visiting import guest

__all__ = ["prepared", "put_right_world"]


def test_a_review_that_cannot_be_read_hides_no_other(prepared: Prepared, tmp_path: Path):
    """Nor is it left out of what waits for somebody: nobody knows that it does not."""
    desk = prepared.copy(tmp_path)
    second = desk.assess(new=True).review
    with damaged(desk, second):
        listed = desk.cli("reviews", "list")
        rows = {row["review"]: row for row in json.loads(desk.cli("reviews", "list", "--json").stdout)}
        mine = desk.cli("reviews", "list", "--waiting-for", "sam.okafor")

    assert listed.returncode == mine.returncode == 1
    assert all(review in listed.stdout for review in (prepared.review, second))
    assert (rows[prepared.review]["trouble"], rows[second]["missing"]) == ("", "")
    assert rows[second]["trouble"]
    assert rows[second]["trouble"] in listed.stdout
    assert second in mine.stdout
    assert desk.cli("reviews", "list").returncode == 0


def test_a_report_that_another_machine_wrote_is_said_to_be_there(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    bundle = Path(desk.sign_all(prepared.review).bundle)
    shutil.move(bundle, tmp_path / "their home")

    done = desk.cli("report", prepared.review, "--text")

    assert done.returncode == 1
    assert f"its report was written at {bundle}, and report.md cannot be read there (it is not on this" in done.stderr
    assert "CLEARANCE_PUBLISH puts reports where others can read them" in done.stderr
    page = guest(desk, "mike.chen")
    assert page.status(f"/reviews/{prepared.review}/report") == 409
    assert f"was written at {bundle}, and report.html cannot be read" in page.get(f"/reviews/{prepared.review}/report")


def test_and_where_it_was_published(prepared: Prepared, tmp_path: Path):
    desk, share = prepared.copy(tmp_path), tmp_path / "share"
    for person, role in SIGNERS[:2]:
        desk.sign(person, role, prepared.review)
    deps, who = as_person(desk, SIGNERS[2][0], CLEARANCE_PUBLISH=str(share))
    open_all(deps, who, prepared.review)
    signed = signing.sign(deps, who, prepared.review, SIGNERS[2][1], SignOffDecision.CLEARED, notes=NOTES)
    shutil.move(signed.bundle, tmp_path / "their home")

    done = desk.cli("report", prepared.review, "--text")

    (published,) = share.iterdir()
    assert done.returncode == 1
    assert f"it was to be published at {published}" in done.stderr
