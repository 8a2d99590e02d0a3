"""One subject at all five gates: asked once, decided by each in its own words; one asks for another's decision."""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agent.domain import ReviewDocument, SignOffDecision
from agent.errors import Refused, UsageError
from agent.outputs.bundle import answers
from agent.outputs.html import render as html
from agent.service import grounds, permission, signing
from agent.service.assess import assess, assess_all
from collectors.evidence import canonical
from tests import plain_yaml
from tests.acceptance.conftest import SUBJECT, Desk, RunningWorld, desk_over, open_all

GATES = ("pilot-to-prod", "production-readiness", "readiness-scorecard", "deployment-readiness", "production-canvas")
CHECKLIST, CANVAS, SCORECARD = "production-readiness", "production-canvas", "readiness-scorecard"


@dataclass(frozen=True)
class AtAllGates:
    desk: Desk
    documents: dict[str, ReviewDocument]


@pytest.fixture(scope="module")
def together(put_right_world: RunningWorld, tmp_path_factory: pytest.TempPathFactory) -> AtAllGates:
    desk = desk_over(put_right_world, tmp_path_factory.mktemp("all-gates"))
    deps = desk.deps()
    done = assess_all(deps, SUBJECT, GATES)
    deps.engine.dispose()
    return AtAllGates(desk, {one.document.gate: one.document for one in done})


def sign(desk: Desk, document: ReviewDocument, decision: str = "cleared", **more: str) -> signing.Signed:
    """Everybody whom the review names, each in their role."""
    for needed in document.signers:
        deps = desk.deps(CLEARANCE_KEY=str(desk.keys / f"{needed.people[0]}.pem"))
        who = signing.caller(deps)
        open_all(deps, who, document.review)
        signed = signing.sign(deps, who, document.review, needed.role, SignOffDecision(decision), **more)
    return signed


def test_a_ready_subject_is_ready_at_each_gate_in_its_own_words(together: AtAllGates):
    """Only the canvas waits: the checklist that it asks for is not signed yet."""
    told = {gate: one.score.label for gate, one in together.documents.items() if one.score}

    assert told == {
        CHECKLIST: "DEPLOY",
        SCORECARD: "READY",
        "deployment-readiness": "READY TO PROCEED",
        CANVAS: "ADDRESS GAPS",
    }
    assert [reason.where for reason in together.documents[CANVAS].reasons] == ["54"]
    assert {gate for gate, one in together.documents.items() if one.proposal != "cleared"} == {CANVAS}


def test_no_question_is_asked_twice(together: AtAllGates):
    """The first review asks; the others find the very same answers, and ask only what no gate before them did."""
    first, second, *others = together.documents.values()
    deps, given = together.desk.deps(), defaultdict[tuple[str, bytes], set[str]](set)
    for document in together.documents.values():
        for digest, answer in answers(deps.locker, document).items():
            if answer.calls:  # files are read again, which costs nobody anything
                given[answer.request_type, canonical(answer.params)].add(digest)
    deps.engine.dispose()

    assert {len(digests) for digests in given.values()} == {1}  # asked again, it would have another time
    assert set(first.usage.calls) == {"aws", "datadog", "launchdarkly", "pagerduty"}
    assert set(second.usage.calls) == {"aws", "github", "launchdarkly", "pagerduty"}
    assert sum(sum(one.usage.calls.values()) for one in others) < sum(second.usage.calls.values())


def test_the_scorecards_bundle_holds_its_further_files(together: AtAllGates):
    """Checklist, monitoring plan and rollback procedures, covered by the statement as every file is."""
    document = together.documents[SCORECARD]
    folder = Path(sign(together.desk, document).bundle)

    checklist = (folder / "deployment-checklist.md").read_text(encoding="utf-8")
    assert checklist.count("☑") == len(document.items) == 40
    assert "48 hours" in (folder / "production-monitoring-plan.md").read_text(encoding="utf-8")
    assert "kill switch" in (folder / "rollback-procedures.md").read_text(encoding="utf-8")
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert "Nothing is left to do before production." in report
    assert "Matching of credit notes is done by hand" in report
    told = together.desk.cli("verify", str(folder))
    assert told.returncode == 0, told.stderr
    (folder / "rollback-procedures.md").write_text("Do nothing.\n", encoding="utf-8")
    assert together.desk.cli("verify", str(folder)).returncode == 40


def test_cancel_is_a_persons_word(together: AtAllGates):
    """With `blocked` alone, and only a word that the gate has; the report says whose it is; nothing is let through."""
    desk, document = copied(together.desk, "cancelled"), together.documents[CHECKLIST]
    for decision, label in (("cleared", "CANCEL"), ("blocked", "DEFER")):
        with pytest.raises(UsageError, match="--label"):
            sign(desk, document, decision, label=label, reason="It earns nothing and never will")
    signed = sign(desk, document, "blocked", label="CANCEL", reason="It earns nothing and never will")

    report = (Path(signed.bundle) / "report.md").read_text(encoding="utf-8")
    assert "CANCEL, signed by" in report
    assert permission.may_deploy(desk.deps(), SUBJECT, "1.0", CHECKLIST, sandbox=True).code == 20


def test_the_canvas_takes_the_signed_checklist_for_as_long_as_it_stands(together: AtAllGates):
    """Looked at again at each signature and each `may-deploy`: revoked, it counts nowhere, whatever was shown."""
    desk, document = together.desk, together.documents[CHECKLIST]
    sign(desk, document)
    canvas = assess(desk.deps(), SUBJECT, CANVAS).document
    assert canvas.score
    assert (canvas.proposal, canvas.score.label) == ("cleared", "DEPLOY")

    unsigned = copied(desk, "unsigned")
    sign(desk, canvas)
    assert permission.may_deploy(desk.deps(), SUBJECT, "1.0", CANVAS, sandbox=True).code == 0
    for one in (desk, unsigned):
        deps = one.deps(CLEARANCE_KEY=str(one.keys / "ines.costa.pem"))
        permission.revoke(deps, signing.caller(deps), document.review, "a key was found in a log")

    told = f"the decision of {document.review} at the gate {CHECKLIST}, on which it rests, is revoked"
    with pytest.raises(Refused, match=told):
        sign(unsigned, canvas)
    after = permission.may_deploy(desk.deps(), SUBJECT, "1.0", CANVAS, sandbox=True)
    assert (after.code, told in after.sentence) == (20, True)
    again = assess(desk.deps(), SUBJECT, CANVAS).document
    assert again.score
    assert (again.proposal, again.score.label) == ("blocked", "ADDRESS GAPS")
    assert [before.review for before in again.earlier][-1] == canvas.review
    assert "Progress" in html(again, [])


def test_a_decision_that_cannot_be_looked_up_any_more_lets_nothing_through(together: AtAllGates):
    """Nobody is taken at their word of yesterday because nobody could be asked today."""
    desk, checklist = decided(together, "blind")
    sign(desk, canvas := assess(desk.deps(), SUBJECT, CANVAS).document)
    deps = desk.deps()
    blind = replace(deps, connections=replace(deps.connections, clearance=None))

    told = f"the decision of {checklist} at the gate {CHECKLIST}, on which it rests, cannot be looked up"
    assert grounds.lost(blind, canvas, deps.configuration.gate(CANVAS), as_seen=True) == told
    after = permission.may_deploy(blind, SUBJECT, "1.0", CANVAS, sandbox=True)
    assert (after.code, told in after.sentence) == (20, True)


def test_a_real_decision_does_not_rest_on_one_over_stand_ins(together: AtAllGates):
    """The other gate was decided anew meanwhile, in a sandbox: that clears a real review nowhere."""
    desk, _ = decided(together, "mixed")
    canvas = assess(desk.deps(), SUBJECT, CANVAS).document
    deps = desk.deps()
    gate, real = deps.configuration.gate(CANVAS), canvas.model_copy(update={"sandbox": False})

    assert grounds.lost(deps, canvas, gate, as_seen=False) == ""
    assert "over stand-ins (SANDBOX)" in grounds.lost(deps, real, gate, as_seen=False)


def decided(together: AtAllGates, name: str) -> tuple[Desk, str]:
    """A copy in which the checklist is signed, and by which review."""
    desk = copied(together.desk, name)
    document = assess(desk.deps(), SUBJECT, CHECKLIST).document
    sign(desk, document)
    return desk, document.review


def test_a_checklist_whose_signatures_count_no_longer_is_no_decision(together: AtAllGates):
    """A key that signed was stolen before: `may-deploy` says no, and so does the gate that asks for it."""
    desk = copied(together.desk, "lost-key", overlay=True)
    sign(desk, assess(desk.deps(), SUBJECT, CHECKLIST).document)
    people = desk.overlay / "people.yaml"
    data = plain_yaml.load(people.read_text(encoding="utf-8"))
    data["people"]["ines.costa"]["keys"][0]["revoked"] = "2026-06-01T00:00:00-04:00"
    people.write_text(plain_yaml.dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")

    assert permission.may_deploy(desk.deps(), SUBJECT, "1.0", CHECKLIST, sandbox=True).code == 20
    found = assess(desk.deps(), SUBJECT, CANVAS).document
    assert found.proposal == "blocked"
    assert any("the last decision is unsigned" in reason.text for reason in found.reasons)


def copied(desk: Desk, name: str, *, overlay: bool = False) -> Desk:
    """The same home in a folder of its own."""
    into = desk.home.with_name(name)
    shutil.copytree(desk.home, into / "home")
    if overlay:
        shutil.copytree(desk.overlay, into / "overlay")
    return replace(desk, home=into / "home", overlay=into / "overlay" if overlay else desk.overlay)
