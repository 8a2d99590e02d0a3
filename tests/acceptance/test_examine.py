"""An item that a document answers is met when a person confirms the sentences, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.domain import ReviewDocument, Verdict
from agent.errors import ConfigError
from agent.service.assess import assess
from tests.acceptance.conftest import SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.overlays import own_gate
from tests.drafting.scripted_reader import endpoint, good

QUIZ = "      - {name: quiz, type: attestation.quiz, with: {subject: $card.subject, version: $card.version}}\n"
QUOTES = (
    "      - {name: quotes, type: attestation.quotes, with: {subject: $card.subject, version: $card.version,"
    " document: $card.runbook.path}}\n"
)
EXISTS = "      - {probe: runbook_exists, facts: {runbook: runbook}}\n"
CONFIRMED = "      - {probe: quotes_are_confirmed, facts: {document: runbook, confirmed: quotes}}\n"
SENTENCE = "2. Turn targeting **off** and save. Anybody on call may; no approval is asked."
OURS = "our-own"


def examined(overlay: Path) -> None:
    """The product's gate, whose item 7 asks for confirmed quotes as well."""
    path = overlay / "gates" / f"{own_gate(overlay, QUIZ, QUIZ + QUOTES)}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(EXISTS, EXISTS + CONFIRMED), encoding="utf-8")


@pytest.fixture
def desk(put_right_world: RunningWorld, tmp_path: Path) -> Desk:
    return desk_over(put_right_world, tmp_path, examined)


def verdict(document: ReviewDocument) -> Verdict:
    return next(item.verdict for item in document.items if item.number == 7)


def confirm(desk: Desk, text: str, line: int = 12) -> str:
    """As the runbook's owner, through the command line."""
    done = desk.cli(
        "attest", SUBJECT, "7", "--gate", OURS, "--kind", "quotes", "--field", "document=runbook.md",
        "--field", f"quotes=[{{line: {line}, text: '{text}'}}]", CLEARANCE_KEY=str(desk.keys / "lena.fischer.pem"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_readers_quotes_confirm_nothing_and_a_persons_do(desk: Desk):
    """Undetermined while only a model quotes; met once the owner states the sentence; not met when it is not there."""
    with endpoint(good) as (url, _):
        reader = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-test", "CLEARANCE_READER_MODEL": "reader-1"}
        read = assess(desk.deps(**reader), SUBJECT, OURS).document
    assert read.reading
    assert read.reading.quotes
    assert verdict(read) is Verdict.UNDETERMINED
    assert any("attest" in gap.next_step for gap in read.gaps)

    confirm(desk, SENTENCE)
    assert verdict(assess(desk.deps(), SUBJECT, OURS).document) is Verdict.MET


def test_a_sentence_that_the_document_does_not_hold_is_not_met(desk: Desk):
    confirm(desk, "2. Turn targeting **off** and save.")
    assert verdict(assess(desk.deps(), SUBJECT, OURS).document) is Verdict.NOT_MET


def test_an_examined_item_that_nobody_confirms_is_no_gate(put_right: Desk):
    """`gates check` says which rules would do."""
    own_gate(
        put_right.overlay,
        'methods: [test, interview]\n    why_a_person: "That a dashboard',
        'methods: [examine]\n    why_a_person: "That a dashboard',
    )
    with pytest.raises(ConfigError, match="needs a rule by which a person confirms it: quotes_are_confirmed or"):
        put_right.deps().configuration.gate(OURS)


@pytest.mark.parametrize("loose", ["when: {tier: low}", "each: $card.dashboards"])
def test_a_confirmation_that_a_card_can_leave_out_is_none(put_right: Desk, loose: str):
    """A rule for some cards alone, or for each of a list that may be empty, would let the others pass unread."""
    rule = "      - {probe: everyone_on_call_answered, "
    own_gate(put_right.overlay, rule, f"{rule}{loose}, ")

    with pytest.raises(ConfigError, match="without `when` or `each`"):
        put_right.deps().configuration.gate(OURS)
