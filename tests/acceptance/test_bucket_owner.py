"""A bucket of the right name in the wrong account never answers for the one on the card."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain import ReviewDocument, Verdict
from agent.drafting.parts import sentence
from agent.errors import ConfigError
from agent.outputs.bundle import answers
from agent.outputs.html import render
from tests.acceptance.conftest import RunningWorld, desk_over
from tests.acceptance.overlays import card_with


def assessed(world: RunningWorld, folder: Path, owner: object) -> ReviewDocument:
    return desk_over(world, folder, card_with(lambda card: card["retention"][0].update(owner=owner))).assess()


def kept(document: ReviewDocument) -> Verdict:
    return next(item.verdict for item in document.items if item.number == 6)


def test_the_account_on_the_card_is_the_one_that_must_own_the_bucket(put_right_world: RunningWorld, tmp_path: Path):
    document = assessed(put_right_world, tmp_path, "123456789012")

    assert (kept(document), document.proposal) == (Verdict.MET, "cleared")


def test_the_report_names_the_rules_that_decide_how_long_the_log_is_kept(put_right_world: RunningWorld, tmp_path: Path):
    """In the finding's sentence the one that sets the floor, in the picture's words that and the ceiling's."""
    desk = desk_over(put_right_world, tmp_path)
    document = desk.assess()
    (told,) = [sentence(f, "UTC") for i in document.items for f in i.findings
               if (f.probe, f.about) == ("log_is_kept_long_enough", "audit")]  # fmt: skip
    page = render(document, (), answers=answers(desk.deps().locker, document))

    rule = "finance-invoice-recon-seven-years"
    assert f"is kept for 2,587 days by {rule}" in told
    assert f"the last of it for 2,588 days by {rule}" in page


def test_a_bucket_of_another_account_is_undetermined_and_says_what_to_do(put_right_world: RunningWorld, tmp_path: Path):
    """The bucket is there, and keeps everything for seven years under a lock: it is somebody else's."""
    document = assessed(put_right_world, tmp_path, "999988887777")

    assert (kept(document), document.proposal) == (Verdict.UNDETERMINED, "blocked")
    (gap,) = document.gaps
    assert (gap.reason, gap.request_type) == ("denied", "s3.retention")
    assert "not one of account 999988887777" in gap.what


@pytest.mark.parametrize("owner", ["acme", 123456789012])
def test_an_owner_that_is_no_account_in_quotes_is_refused(put_right_world: RunningWorld, tmp_path: Path, owner: object):
    with pytest.raises(ConfigError, match=r"owner"):
        assessed(put_right_world, tmp_path, owner)
