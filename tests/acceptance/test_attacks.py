"""Ways in which an answer that should not count came to count once, each with the refusal that stands there now."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from agent.domain import Decision, ReviewDocument, SignOffDecision, Verdict
from agent.errors import ConfigError, Refused, StoreError, UsageError
from agent.service import signing
from agent.service.assess import assess
from agent.service.finishing import finish, shown
from agent.service.permission import may_deploy
from agent.signing import signoffs
from agent.workflow.publishing import publish_review
from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk
from tests.acceptance.test_kill import killed_at


def verdict(document: ReviewDocument, number: int) -> Verdict:
    return next(item.verdict for item in document.items if item.number == number)


def code(desk: Desk) -> int:
    return may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code


def edit_people(desk: Desk, person: str, **change: object) -> None:
    path = desk.overlay / "people.yaml"
    people = yaml.load(path.read_text(), Loader=FastLoader)
    people["people"][person]["keys"][0] |= change
    path.write_text(plain_yaml.dump(people))


def test_asking_for_more_evidence_is_no_signature(put_right: Desk):
    """The lead sends it back as the last of three: nothing is complete, whoever finishes what."""
    review = put_right.assess().review
    put_right.sign("mike.chen", "builder", review)
    put_right.sign("dana.ortiz", "second_approver", review)

    put_right.sign("morteza.moradi", "lead", review, "more-evidence", reason="the drill notes are thin")
    finish(put_right.deps())

    assert put_right.deps().reviews.get(review).state == "returned"
    assert code(put_right) == 50
    with pytest.raises(Refused, match="sent back for more evidence"):
        publish_review(put_right.deps(), review)


def test_a_send_back_that_is_killed_is_a_send_back(put_right: Desk):
    """The signature and the end of the review are one step."""
    review = put_right.assess().review
    put_right.sign("mike.chen", "builder", review)
    put_right.sign("dana.ortiz", "second_approver", review)
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "morteza.moradi.pem"))
    who = signing.caller(deps)
    back = signoffs.sign(
        who.key, review=review, role="lead", person=who.person, name=who.name, digest=deps.reviews.get(review).digest,
        decision=SignOffDecision.MORE_EVIDENCE, reason="not yet", notes={}, at=deps.clock(), channel="cli",
    )  # fmt: skip

    deps.reviews.sign(back, deps.clock(), lambda others: None)
    finish(put_right.deps())

    assert deps.reviews.get(review).state == "returned"
    assert not (put_right.home / "reports").exists()


def test_a_rehearsal_supersedes_nothing_and_lends_nothing(put_right: Desk):
    """Its answers never reach a review that can be signed."""
    first = put_right.assess()
    deps = put_right.deps()
    assess(deps, SUBJECT, GATE, as_of=deps.clock() - timedelta(days=1))

    again = put_right.assess(only=(3,))

    assert again.supersedes == first.review
    assert put_right.deps().reviews.get(first.review).state == "superseded"


def test_every_review_that_waits_is_superseded_by_a_newer_one(put_right: Desk):
    """No older picture stays signable beside a newer one, rehearsals in between or not."""
    first = put_right.assess().review
    deps = put_right.deps()
    assess(deps, SUBJECT, GATE, as_of=deps.clock() + timedelta(hours=1))
    put_right.assess("PAGERDUTY_API_KEY", new=True)

    with pytest.raises(Refused, match="superseded"):
        put_right.sign("mike.chen", "builder", first)


def test_a_killed_review_is_not_gone_on_with_days_later(put_right: Desk):
    """It would show how things stood then; a new one is begun."""
    killed_at(put_right, "plan", 1, "assess")
    late = put_right.deps(CLEARANCE_CLOCK="2026-06-23T10:00:00-04:00")

    result = assess(late, SUBJECT, GATE)

    assert len(late.reviews.all()) == 2
    assert "launch_after_review" in {reason.where for reason in result.document.reasons}
    assert result.document.proposal == "blocked"


def test_a_review_is_not_signed_a_day_later_or_after_its_launch(put_right: Desk):
    """What was shown is how things stood then."""
    review = put_right.assess().review
    for clock, told in (
        ("2026-06-18T11:00:00-04:00", "too long ago"),
        ("2026-06-16T10:00:00-04:00", "has not come yet"),
    ):
        deps = put_right.deps(CLEARANCE_CLOCK=clock, CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem"))
        with pytest.raises(Refused, match=told):
            signing.sign(deps, signing.caller(deps), review, "builder", SignOffDecision.CLEARED, notes=NOTES)


def test_the_clock_cannot_be_set_where_no_sandbox_is(put_right: Desk, tmp_path: Path):
    """An expired decision does not come to life by a variable in a pipeline without credentials."""
    from agent import settings
    from agent.service.assembly import assemble

    with pytest.raises(ConfigError, match="no sandbox is configured"):
        assemble(settings.read({"CLEARANCE_HOME": str(tmp_path), "CLEARANCE_CLOCK": "2026-06-17T10:00:00-04:00"}))


@pytest.mark.parametrize("change", [{}, {"PAGERDUTY_API_KEY": "wrong"}])
def test_only_takes_no_answer_of_another_credential(put_right: Desk, change: dict[str, str]):
    """Without the token, or with another, the other items are not met by what the old one saw."""
    put_right.assess()
    deps = put_right.deps(*([] if change else ["PAGERDUTY_API_KEY"]), **change)

    document = assess(deps, SUBJECT, GATE, only=(9,)).document

    assert verdict(document, 9) is Verdict.MET
    assert [verdict(document, number) for number in (1, 3, 7)] == [Verdict.UNDETERMINED] * 3


def test_evidence_does_not_outlive_a_later_denial(put_right: Desk):
    """Met, then denied, then --only another item: still undetermined."""
    put_right.assess()
    put_right.world.faults("pagerduty", {"kind": "status", "status": 403})
    put_right.assess(only=(3,))
    put_right.world.faults("pagerduty")

    document = put_right.assess(only=(9,))

    assert verdict(document, 3) is Verdict.UNDETERMINED


@pytest.mark.parametrize("number", [3, 7])
def test_checking_an_item_again_asks_again_also_for_a_shared_question(put_right: Desk, number: int):
    """Items 3 and 7 share the rota; each may be the one that is checked."""
    put_right.assess()
    before = len(put_right.world.seen("pagerduty"))

    put_right.assess(only=(number,))

    assert len(put_right.world.seen("pagerduty")) > before


def test_a_review_that_is_not_complete_is_never_published(put_right: Desk):
    review = put_right.assess().review

    with pytest.raises(Refused, match="no report"):
        publish_review(put_right.deps(), review)


def test_a_later_blocked_decision_is_not_overwritten_by_an_earlier_one(put_right: Desk):
    """The registry follows the newest review, in whatever order reports get written."""
    from agent.workflow.publishing import standing_of

    first = put_right.assess()
    put_right.sign_all(first.review)
    second = put_right.assess(new=True)
    for person, role in SIGNERS:
        put_right.sign(person, role, second.review, "blocked", reason="The vendor's outage is not over")
    assert code(put_right) == 20

    deps = put_right.deps()
    deps.reviews.move(first.review, "complete", "late", {}, deps.clock(), when=("reported",))
    deps.decisions.publish(first.review, "elsewhere", standing_of(first, first.proposal), deps.clock(), "")

    assert code(put_right) == 20


def test_another_document_behind_the_same_digest_is_found(as_written: Desk):
    """What people sign is recomputed, not believed."""
    from agent.workflow import frozen

    document = as_written.assess()
    deps = as_written.deps()
    better = document.model_copy(update={"proposal": Decision.CLEARED, "reasons": ()})
    forged = frozen.keep(deps, better, "document")
    deps.reviews.move(document.review, "signing", "forged", {}, deps.clock(), when=("signing",), document=forged)

    with pytest.raises(StoreError, match="is not what was shown"):
        shown(deps, document.review)


def test_signatures_by_somebody_without_the_role_do_not_count(put_right: Desk):
    """Rows that got past the command are looked at again before anything is written."""
    review = put_right.assess().review
    deps = put_right.deps()
    for role in ("builder", "lead", "second_approver"):
        _past_the_command(put_right, review, role)

    finish(deps)

    assert deps.reviews.get(review).state == "signing"
    assert len(shown(deps, review).missing) == 3


def _past_the_command(desk: Desk, review: str, role: str) -> None:
    """A sign-off of somebody who does not hold the role."""
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / "lena.fischer.pem"))
    who = signing.caller(deps)
    row = signoffs.sign(
        who.key, review=review, role=role, person=who.person, name=who.name, digest=deps.reviews.get(review).digest,
        decision=SignOffDecision.CLEARED, reason="", notes=NOTES, at=deps.clock(), channel="cli",
        opened={item: deps.clock() for item in NOTES},
    )  # fmt: skip
    deps.reviews.sign(row, deps.clock(), lambda others: None)


def test_a_role_whose_signature_counts_no_more_is_told_to_assess_again(put_right: Desk):
    """It signs once; no command is printed that would be refused."""
    review = put_right.assess().review
    _past_the_command(put_right, review, "builder")
    again = f"clearance assess {SUBJECT} --gate {GATE}"

    with pytest.raises(Refused, match=f"Lena Fischer signed as builder .* counts no more.* Assess again: {again}"):
        put_right.sign("mike.chen", "builder", review)
    told = put_right.cli("reviews", "show", review, COLUMNS="200").stdout
    assert again in told
    assert "--role builder" not in told
    assert "--role lead" in told


def test_a_key_revoked_as_of_before_takes_its_signature_with_it(put_right: Desk):
    """A revocation wins over what the review froze."""
    put_right.sign_all(put_right.assess().review)
    assert code(put_right) == 0

    edit_people(put_right, "dana.ortiz", revoked="2026-06-01T00:00:00Z")

    assert code(put_right) == 20


def test_taking_a_person_s_key_away_brings_no_older_statement_back(put_right: Desk):
    """The later drill says that nothing was in flight; without its author's key, item 9 is not better for it."""
    from agent.service.statements import attest

    thin = {
        "flag_off_at": "2026-06-16T14:00:00-04:00", "flag_on_at": "2026-06-16T15:00:00-04:00", "in_flight_at_flip": 0,
        "in_flight_outcome": None, "new_work": None, "time_to_stop_s": None, "performed_by": "morteza.moradi",
        "observed_by": None,
    }  # fmt: skip
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "sam.okafor.pem"))
    attest(deps, signing.caller(deps), SUBJECT, "drill", thin)
    assert verdict(put_right.assess(), 9) is Verdict.NOT_MET

    path = put_right.overlay / "people.yaml"
    people = yaml.load(path.read_text(), Loader=FastLoader)
    people["people"]["sam.okafor"]["keys"] = []
    path.write_text(plain_yaml.dump(people))

    assert verdict(put_right.assess(), 9) is not Verdict.MET


def test_a_key_that_is_revoked_while_a_process_runs_proves_nothing_in_it_any_more(put_right: Desk):
    """`serve` and `worker` run for weeks; who marked the answers of those on call had their key stolen meanwhile."""
    deps = put_right.deps()
    assert verdict(assess(deps, SUBJECT, GATE).document, 7) is Verdict.MET

    edit_people(put_right, "lena.fischer", revoked="2026-06-01T00:00:00Z")

    assert verdict(assess(deps, SUBJECT, GATE).document, 7) is not Verdict.MET


def test_a_stolen_key_takes_its_statements_from_under_a_decision(put_right: Desk):
    """Of one who did not sign: before the last signature nobody signs over it, and after it nothing is let through."""
    review = put_right.assess().review
    for person, role in SIGNERS[:2]:
        put_right.sign(person, role, review)
    path = put_right.overlay / "people.yaml"
    before = path.read_bytes()
    edit_people(put_right, "lena.fischer", revoked="2026-06-01T00:00:00Z")
    with pytest.raises(Refused, match="of Lena Fischer, on which it rests, proves nothing any more"):
        put_right.sign(*SIGNERS[2], review)

    path.write_bytes(before)
    put_right.sign(*SIGNERS[2], review)
    assert code(put_right) == 0

    edit_people(put_right, "lena.fischer", revoked="2026-06-01T00:00:00Z")
    assert code(put_right) == 20


def test_evidence_dated_ahead_is_not_used_again(put_right: Desk):
    """A clock that was wrong for an hour leaves nothing behind."""
    from agent.workflow.collect import AHEAD

    ahead = put_right.deps(CLEARANCE_CLOCK="2026-06-20T10:00:00-04:00")
    assess(ahead, SUBJECT, GATE)
    before = len(put_right.world.seen("aws"))

    put_right.assess()

    assert timedelta(minutes=5) > AHEAD
    assert len(put_right.world.seen("aws")) > before


def test_a_folder_that_lies_where_the_bundle_belongs_is_not_taken_for_it(put_right: Desk):
    """The signatures are kept, and the report is written when the folder is gone."""
    review = put_right.assess().review
    lying = put_right.home / "reports" / f"{SUBJECT}-{GATE}-{review}"
    lying.mkdir(parents=True)
    (lying / "report.md").write_text("cleared!")

    signed = put_right.sign_all(review)

    assert signed.bundle == ""
    assert any("is there already and is not this report" in sentence for sentence in signed.said)
    assert code(put_right) == 50
    (lying / "report.md").unlink()
    lying.rmdir()
    finish(put_right.deps())
    assert code(put_right) == 0


def test_a_digest_of_a_few_letters_is_no_digest(put_right: Desk):
    document = put_right.assess()

    with pytest.raises(UsageError, match="at least 12 digits"):
        put_right.sign("mike.chen", "builder", document.review, digest=document.digest[:1])


def test_a_decision_over_stand_ins_opens_no_real_gate(put_right: Desk):
    """A pipeline reads the code. Settings that point at a sandbox are not enough: who asks has to say it."""
    review = put_right.assess().review
    put_right.sign_all(review)

    no = may_deploy(put_right.deps(), SUBJECT, "1.0", GATE)
    yes = may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True)

    assert (no.code, no.review, f"the decision of {review} is SANDBOX" in no.sentence) == (20, review, True)
    assert (yes.code, "SANDBOX" in yes.sentence) == (0, True)
    (row,) = json.loads((put_right.home / "registry.json").read_bytes())
    assert row["sandbox"] is True
