"""A signed review as OSCAL assessment results: compliance-trestle takes it, and nothing looks better than it is."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.domain import Decision, ReviewDocument, SignOff
from agent.outputs import oscal
from agent.service.finishing import shown
from tests.acceptance.conftest import Desk
from tests.acceptance.prepared import Prepared


@pytest.fixture(scope="module")
def accepted() -> Callable[[dict[str, object], Path], None]:
    """What compliance-trestle does with a file of a workspace: parses it closed, and validates ids and references."""
    why = "compliance-trestle is not installed (pip install 'clearance[dev]'): OSCAL goes unchecked by it"
    results = pytest.importorskip("trestle.oscal.assessment_results", reason=why)
    from trestle.core.validator_factory import validator_factory

    def check(told: dict[str, object], folder: Path) -> None:
        path = folder / "assessment-results.json"
        path.write_text(json.dumps(told))
        model = results.AssessmentResults.oscal_read(path)
        assert model is not None
        validator = validator_factory.get(Namespace(mode="all"))
        assert validator.model_is_valid(model, False, folder)

    return check


@pytest.fixture
def signed(prepared: Prepared, tmp_path: Path) -> tuple[Desk, str]:
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    return desk, prepared.review


def test_what_the_command_prints_is_accepted_by_trestle(signed, accepted, tmp_path: Path):  # type: ignore[no-untyped-def]
    desk, review = signed
    printed = desk.cli("report", review, "--oscal")
    told = json.loads(printed.stdout)

    accepted(told, tmp_path)

    (result,) = told["assessment-results"]["results"]
    assert {f["target"]["status"]["state"] for f in result["findings"]} == {"satisfied"}
    assert len(result["findings"]) == 10
    assert [one["responsible-parties"][0]["role-id"] for one in result["attestations"]] == [
        "builder", "lead", "second_approver",
    ]  # fmt: skip
    assert desk.cli("report", review, "--oscal").stdout == printed.stdout


def test_every_link_to_evidence_leads_to_a_file_of_the_bundle_with_that_hash(signed, tmp_path: Path):  # type: ignore[no-untyped-def]
    from collectors.evidence import sha256

    desk, review = signed
    told = json.loads(desk.cli("report", review, "--oscal").stdout)["assessment-results"]
    resources = {one["uuid"]: one for one in told["back-matter"]["resources"]}
    linked = {e["href"][1:] for o in told["results"][0]["observations"] for e in o.get("relevant-evidence", [])}

    assert len(linked) > 5
    assert linked | {told["import-ap"]["href"][1:]} <= set(resources)
    for one in resources.values():
        for link in one.get("rlinks", []):
            assert sha256((desk.home / "reports" / link["href"]).read_bytes()) == link["hashes"][0]["value"]


def test_without_every_signature_there_is_nothing_to_export(prepared: Prepared, tmp_path: Path):
    asked = prepared.copy(tmp_path).cli("report", prepared.review, "--oscal")

    assert (asked.returncode, asked.stdout) == (50, "")


def test_what_is_not_met_or_could_not_be_seen_is_never_satisfied(as_written: Desk, accepted, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A blocked review with a source taken away, and hostile text in a reason."""
    review = as_written.assess("PAGERDUTY_API_KEY").review
    for person, role in (("mike.chen", "builder"), ("morteza.moradi", "lead")):
        as_written.sign(person, role, review, "blocked", reason="<script>alert(1)</script> [x](javascript:1) is why")
    state = shown(as_written.deps(), review)
    told = oscal.render(state.document, state.signed, Decision.BLOCKED, "bundle")

    accepted(told, tmp_path)

    met = {item.number for item in state.document.items if item.verdict == "met"}
    assert satisfied(told) == met
    assert 3 not in met
    assert "<script>" not in json.dumps(told)
    assert "\\[x\\]" in told["assessment-results"]["results"][0]["attestations"][0]["parts"][0]["prose"]  # type: ignore[index,call-overload]


def satisfied(told: dict[str, object]) -> set[int]:
    (result,) = told["assessment-results"]["results"]  # type: ignore[index,call-overload]
    good = (f for f in result["findings"] if f["target"]["status"]["state"] == "satisfied")
    return {int(f["target"]["target-id"].rsplit("-", 1)[1]) for f in good}


def test_what_somebody_took_on_is_a_risk_and_not_satisfied(prepared: Prepared, tmp_path: Path, accepted):  # type: ignore[no-untyped-def]
    """A waived item, and one with an open item, by the document of a real review with both put in."""
    desk = prepared.copy(tmp_path)
    desk.sign_all(prepared.review)
    state = shown(desk.deps(), prepared.review)
    document, signed = taken_on(state.document), list[SignOff](state.signed)
    told = oscal.render(document, signed, Decision.CONDITIONAL, "bundle")

    accepted(told, tmp_path)

    (result,) = told["assessment-results"]["results"]  # type: ignore[index,call-overload]
    assert {risk["status"] for risk in result["risks"]} == {"deviation-approved", "remediating"}
    assert satisfied(told) == {1, 2, 3, 4, 7, 8, 9, 10}


def taken_on(document: ReviewDocument) -> ReviewDocument:
    told = document.model_dump(mode="json")
    later, digest = "2026-07-06T00:00:00Z", "0" * 64
    told["items"][4].update(verdict="warning", open_item=digest)
    told["items"][5].update(verdict="met", waived="1" * 64)
    told["open_items"] = [
        {
            "item": 5, "missing": "rotation", "owner": "Mike", "due": later, "by": "mike.chen", "proven": True,
            "digest": digest,
        }
    ]  # fmt: skip
    told["waivers"] = [
        {
            "item": 6, "reason": "no lock yet", "requested_by": "mike.chen", "approved_by": "dana.ortiz",
            "compensating": "weekly copy", "expires": later, "digest": "1" * 64,
        }
    ]  # fmt: skip
    return ReviewDocument.model_validate(told)
