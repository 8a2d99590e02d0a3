"""One subject at all five gates: asked once, decided by each in its own words; one asks for another's decision."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.domain import ReviewDocument, SignOffDecision
from agent.outputs.bundle import answers
from agent.service import permission, signing
from agent.service.assess import assess, assess_all
from collectors.evidence import canonical
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
    deps = desk.deps(CLEARANCE_TIMEOUT="30")
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


def test_the_canvas_takes_the_signed_checklist_and_nothing_less(together: AtAllGates):
    """Signed as DEPLOY it counts; revoked it does not."""
    desk, document = together.desk, together.documents[CHECKLIST]
    sign(desk, document)
    canvas = assess(desk.deps(), SUBJECT, CANVAS).document
    assert canvas.score
    assert (canvas.proposal, canvas.score.label) == ("cleared", "DEPLOY")

    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / "ines.costa.pem"))
    permission.revoke(deps, signing.caller(deps), document.review, "a key was found in a log")
    canvas = assess(desk.deps(), SUBJECT, CANVAS).document
    assert canvas.score
    assert (canvas.proposal, canvas.score.label) == ("blocked", "ADDRESS GAPS")
