"""Conditional launches: somebody takes on every warning, the sponsor signs, and a waiver never looks like a pass."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from agent.domain import ReviewDocument, SignOffDecision, Verdict
from agent.errors import Refused
from agent.service import signing
from agent.service.permission import may_deploy
from agent.service.statements import attest
from agent.workflow.document import decision_ends
from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT, Desk, RunningWorld, desk_over


def unscheduled(overlay: Path, *, holidays: bool) -> None:
    """The digest entry loses its time; without the holiday, launch is three business days away instead of two."""
    comms = overlay / "statements/comms-all-hands-digest.yaml"
    said = yaml.load(comms.read_text(), Loader=FastLoader)
    said["fields"]["scheduled_at"] = None
    comms.write_text(plain_yaml.dump(said))
    card = overlay / f"cards/{SUBJECT}/card.yaml"
    if not holidays:
        card.write_text(card.read_text().replace("holidays: [2026-06-19, 2026-07-03]", "holidays: [2026-07-03]"))


@pytest.fixture
def with_a_warning(put_right_world: RunningWorld, tmp_path: Path) -> Desk:
    return desk_over(put_right_world, tmp_path, lambda overlay: unscheduled(overlay, holidays=False))


@pytest.fixture
def with_a_failure(put_right_world: RunningWorld, tmp_path: Path) -> Desk:
    return desk_over(put_right_world, tmp_path, lambda overlay: unscheduled(overlay, holidays=True))


def state(desk: Desk, person: str, kind: str, fields: Mapping[str, object]) -> None:
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{person}.pem"))
    attest(deps, signing.caller(deps), SUBJECT, kind, fields)


OPEN_ITEM = {
    "item": 8,
    "missing": "The digest entry has no time yet",
    "owner": "mike.chen",
    "due": "2026-06-26T12:00:00-04:00",
}
WAIVER = {
    "item": 8, "reason": "The digest is sent by another team", "requested_by": "mike.chen",
    "compensating": "The finance post goes to everybody who uses it", "expires": "2026-07-01T00:00:00-04:00",
}  # fmt: skip


def verdict(document: ReviewDocument, number: int) -> Verdict:
    return next(item.verdict for item in document.items if item.number == number)


def test_a_warning_is_signable_only_with_an_open_item_and_the_sponsor(with_a_warning: Desk):
    """Owner and due date first, then builder, lead, second approver and sponsor."""
    desk = with_a_warning
    first = desk.assess()
    assert first.proposal == "conditional"
    with pytest.raises(Refused, match="item 8 is a warning that nobody has taken on"):
        desk.sign("mike.chen", "builder", first.review, "conditional")
    state(desk, "mike.chen", "open_item", OPEN_ITEM)

    review = desk.assess().review
    for person, role in SIGNERS:
        assert desk.sign(person, role, review, "conditional").bundle == ""
    signed = desk.sign("priya.shah", "sponsor", review, "conditional")

    assert "The digest entry has no time yet" in Path(signed.bundle, "report.md").read_text()
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 10


def test_a_waiver_ends_when_its_statement_stops_counting_if_that_is_earlier(with_a_failure: Desk):
    """And so does a decision that rests on it."""
    desk, until = with_a_failure, datetime.fromisoformat("2026-06-20T00:00:00-04:00")
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / "priya.shah.pem"))
    attest(deps, signing.caller(deps), SUBJECT, "waiver", WAIVER, valid_until=until)

    document = desk.assess()

    assert [row.expires for row in document.waivers] == [until]
    assert decision_ends(document) == until


def test_an_open_item_due_too_late_does_not_count(with_a_warning: Desk):
    """Fourteen days after launch is the limit."""
    state(with_a_warning, "mike.chen", "open_item", {**OPEN_ITEM, "due": "2026-07-08T00:00:00-04:00"})

    document = with_a_warning.assess()

    assert document.open_items == ()
    with pytest.raises(Refused, match="nobody has taken on"):
        with_a_warning.sign("mike.chen", "builder", document.review, "conditional")


def test_a_conditional_proposal_cannot_be_signed_as_cleared(with_a_warning: Desk):
    state(with_a_warning, "mike.chen", "open_item", OPEN_ITEM)
    review = with_a_warning.assess().review

    with pytest.raises(Refused, match="proposed conditional; nobody can sign it cleared"):
        with_a_warning.sign("mike.chen", "builder", review, "cleared")


def test_a_waiver_counts_as_a_warning_and_is_shown_as_waived(with_a_failure: Desk):
    """The verdict stays `not met`; only the matrix counts it as a warning."""
    assert with_a_failure.assess().proposal == "blocked"
    state(with_a_failure, "priya.shah", "waiver", WAIVER)

    document = with_a_failure.assess()

    assert verdict(document, 8) is Verdict.NOT_MET
    assert document.items[7].waived
    assert document.proposal == "conditional"


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        ("mike.chen", {}),  # holds no role that may approve
        ("priya.shah", {"requested_by": "priya.shah"}),  # asked for by the approver
        ("priya.shah", {"expires": "2026-06-17T09:00:00-04:00"}),  # over
        ("priya.shah", {"item": 9}),  # an item that takes none
    ],
)
def test_a_waiver_that_does_not_hold_changes_nothing(with_a_failure: Desk, who: str, changed: dict[str, object]):
    state(with_a_failure, who, "waiver", {**WAIVER, **changed})

    document = with_a_failure.assess()

    assert document.proposal == "blocked"
    assert document.waivers == ()


def test_a_stricter_decision_needs_a_reason_and_wins(put_right: Desk):
    """The lead may block what the rules would clear."""
    review = put_right.assess().review
    with pytest.raises(Refused, match="stricter than the proposal needs --reason"):
        put_right.sign("morteza.moradi", "lead", review, "blocked")

    put_right.sign("morteza.moradi", "lead", review, "blocked", reason="The vendor's outage is not over")
    put_right.sign("mike.chen", "builder", review)
    put_right.sign("dana.ortiz", "second_approver", review)

    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 20


def test_the_second_approver_is_neither_builder_nor_lead(put_right: Desk):
    """One person cannot fill two of the roles that must differ."""
    review = put_right.assess().review
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "morteza.moradi.pem"))

    with pytest.raises(Refused, match="does not hold the role second_approver"):
        signing.sign(deps, signing.caller(deps), review, "second_approver", SignOffDecision.CLEARED)
