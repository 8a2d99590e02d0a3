"""From the proposal to the report: who may sign what, what is refused and why, and what a race leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain import SignOffDecision
from agent.errors import ClearanceError, Refused, UsageError
from agent.service import signing
from agent.service.assess import assess
from agent.service.permission import may_deploy, revoke
from agent.store import log
from collectors.evidence import sha256
from tests.acceptance.conftest import GATE, NOTES, SIGNERS, SUBJECT, Desk, open_all


def test_the_report_appears_with_the_last_signature_and_not_before(put_right: Desk):
    """Builder, lead and second approver sign; only then is there a bundle, and only then may it be deployed."""
    review = put_right.assess().review
    reports = put_right.home / "reports"
    for person, role in SIGNERS[:2]:
        put_right.sign(person, role, review)
        assert not reports.exists()
        assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 50

    signed = put_right.sign(*SIGNERS[2], review)

    bundle = Path(signed.bundle)
    assert bundle.name == f"{SUBJECT}-{GATE}-{review}"
    assert sorted(p.name for p in bundle.iterdir()) == [
        "VERIFY.md", "evidence", "log.jsonl", "report.html", "report.md", "review.json", "statement.dsse.json",
    ]  # fmt: skip
    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    assert may_deploy(put_right.deps(), SUBJECT, "1.1", GATE, sandbox=True).code == 50


def test_evidence_files_are_named_by_their_own_digest_and_facts_point_into_them(put_right: Desk):
    """Anyone can recompute the names with sha256sum, and follow each citation to the value."""
    from collectors.evidence import resolve

    document = put_right.assess()
    bundle = Path(put_right.sign_all(document.review).bundle)

    for path in (bundle / "evidence").iterdir():
        assert sha256(path.read_bytes()) == path.stem
    cited = [u.fact for i in document.items for f in i.findings for u in f.facts if u.fact.origin == "evidence"]
    assert cited
    for fact in cited:
        body = json.loads((bundle / "evidence" / f"{fact.evidence}.json").read_text())["body"]
        resolve(body, fact.pointer)


def test_the_log_of_a_bundle_is_a_chain_that_ends_at_its_seal(put_right: Desk):
    """Every entry carries the hash of the one before."""
    bundle = Path(put_right.sign_all(put_right.assess().review).bundle)
    text = (bundle / "log.jsonl").read_bytes()

    assert log.broken(text) is None
    assert [json.loads(line)["event"] for line in text.splitlines()] == [
        "started", "assessed", *(["opened"] * 3 + ["signed"]) * 3, "complete", "sealed",
    ]  # fmt: skip


def test_signing_twice_is_refused_by_name(put_right: Desk):
    """The second signature of a role says who gave the first."""
    review = put_right.assess().review
    put_right.sign("mike.chen", "builder", review)

    with pytest.raises(Refused, match="Mike Chen signed as builder"):
        put_right.sign("mike.chen", "builder", review)


def test_a_role_that_is_not_held_is_refused(put_right: Desk):
    """Nobody signs for somebody else, whatever they ask for."""
    review = put_right.assess().review

    with pytest.raises(Refused, match="Sam Okafor does not hold the role lead"):
        put_right.sign("sam.okafor", "lead", review)


def test_a_key_that_nobody_is_bound_to_is_refused(put_right: Desk, tmp_path: Path):
    """Identity comes from people.yaml's public keys and from nowhere else."""
    from agent.signing import keys

    review = put_right.assess().review
    keys.make(put_right.keys / "stranger.pem")

    with pytest.raises(Refused, match=r"nobody's in people\.yaml"):
        put_right.sign("stranger", "lead", review)


def test_a_superseded_review_takes_no_signature(put_right: Desk):
    """A refresh is a new review; what was signed before is kept and does not count."""
    old = put_right.assess().review
    put_right.sign("mike.chen", "builder", old)
    new = put_right.assess(new=True).review

    with pytest.raises(Refused, match=f"superseded by {new}"):
        put_right.sign("morteza.moradi", "lead", old)
    assert put_right.deps().reviews.signoffs(new) == []
    assert len(put_right.deps().reviews.signoffs(old)) == 1


def test_a_stale_digest_is_refused(put_right: Desk):
    """Who names the digest they looked at signs that one or none."""
    review = put_right.assess().review

    with pytest.raises(Refused, match="you meant to sign 000000000000"):
        put_right.sign("mike.chen", "builder", review, digest="0" * 64)


def test_an_unknown_review_names_the_nearest(put_right: Desk):
    review = put_right.assess().review

    with pytest.raises(UsageError, match=review):
        put_right.sign("mike.chen", "builder", review[:-1] + "z")


def test_a_rehearsal_is_never_signable(put_right: Desk):
    """A review at another instant has a result and permits nothing."""
    deps = put_right.deps()
    from datetime import timedelta

    document = assess(deps, SUBJECT, GATE, as_of=deps.clock() + timedelta(hours=1)).document

    assert document.rehearsal
    with pytest.raises(Refused, match="is a rehearsal"):
        put_right.sign("mike.chen", "builder", document.review)


def test_a_blocked_proposal_cannot_be_signed_as_cleared(as_written: Desk):
    """A person may be stricter than the rules, never laxer."""
    review = as_written.assess().review

    with pytest.raises(Refused, match="proposed blocked; nobody can sign it cleared"):
        as_written.sign("morteza.moradi", "lead", review)


def test_items_4_7_and_9_need_a_sentence_of_the_signers_own(put_right: Desk):
    review = put_right.assess().review
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "mike.chen.pem"))

    with pytest.raises(Refused, match="items 4, 7, 9 each need a sentence of your own"):
        signing.sign(deps, signing.caller(deps), review, "builder", SignOffDecision.CLEARED, notes={})


def test_more_evidence_sends_the_review_back(put_right: Desk):
    """The review ends; a new assessment supersedes it."""
    review = put_right.assess().review
    put_right.sign("morteza.moradi", "lead", review, decision="more-evidence", reason="the drill notes are thin")

    with pytest.raises(Refused, match=r"sent back for more evidence by morteza\.moradi"):
        put_right.sign("mike.chen", "builder", review)


def test_a_signer_revokes_and_deploying_is_refused(put_right: Desk):
    review = put_right.assess().review
    put_right.sign_all(review)
    deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / "dana.ortiz.pem"))

    revoke(deps, signing.caller(deps), review, "the vendor announced a breach")

    assert may_deploy(put_right.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 20


RACES = 50 if "CLEARANCE_SCHEDULES" in os.environ else 12  # `make chaos` runs fifty


def test_two_last_signatures_at_once_leave_exactly_one_report(put_right: Desk, tmp_path: Path):
    """Races between the lead and the second approver, each given twice: one report and three signatures."""
    review = put_right.assess().review
    put_right.sign("mike.chen", "builder", review)
    for person, _ in SIGNERS[1:]:
        deps = put_right.deps(CLEARANCE_KEY=str(put_right.keys / f"{person}.pem"))
        open_all(deps, signing.caller(deps), review)
    for race in range(RACES):
        desk = replace(put_right, home=shutil.copytree(put_right.home, tmp_path / f"race-{race}"))
        refused = at_once(desk, review, [*SIGNERS[1:], *SIGNERS[1:]])

        assert len(refused) == 2, refused
        events = [e.event for e in log.entries(desk.deps().engine, review)]
        assert events.count("sealed") == events.count("published") == events.count("complete") == 1
        assert events.count("signed") == 3
        assert len(list((desk.home / "reports").glob("*/report.md"))) == 1


def at_once(desk: Desk, review: str, pairs: Sequence[tuple[str, str]]) -> list[ClearanceError]:
    """Everybody signs in the same moment; threads of one person share all that they depend on. Gives the refusals."""
    deps = {p: desk.deps(CLEARANCE_KEY=str(desk.keys / f"{p}.pem")) for p, _ in pairs}
    start, refused = threading.Barrier(len(pairs), timeout=60), []

    def give(person: str, role: str) -> None:
        who = signing.caller(deps[person])
        start.wait()
        try:
            signing.sign(deps[person], who, review, role, SignOffDecision.CLEARED, notes=NOTES)
        except ClearanceError as error:
            refused.append(error)

    threads = [threading.Thread(target=give, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads), "somebody still signs after two minutes"
    return refused
