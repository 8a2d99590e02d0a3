"""Where LangSmith cannot say how long it keeps traces, a signed statement of that project decides; nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.domain import ItemResult, Outcome, ReviewDocument, Verdict
from agent.drafting.parts import sentence
from agent.service import signing
from agent.service.statements import attest
from tests.acceptance.conftest import SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.overlays import card_with

PERIOD = ".*/workspaces/current/ttl-settings"


@pytest.fixture
def desk(put_right_world: RunningWorld, tmp_path: Path) -> Iterator[Desk]:
    """The put-right world's, with the traces kept by LangSmith, whose server knows no workspace's period."""

    def change(card: Any) -> None:
        card["retention"][1] |= {"source": "langsmith.retention", "project": SUBJECT}

    put_right_world.faults("langsmith", {"kind": "status", "status": 404, "path": PERIOD})
    yield desk_over(put_right_world, tmp_path, card_with(change))
    put_right_world.faults("langsmith")


def stated(desk: Desk, days: int, project: str = SUBJECT) -> ReviewDocument:
    """What comes of it when Lena states that traces are kept for so many days."""
    deps = desk.deps(CLEARANCE_KEY=str(desk.keys / "lena.fischer.pem"))
    fields = {"log": "traces", "kept_days": days, "where": "LangSmith", "project": project}
    attest(deps, signing.caller(deps), SUBJECT, "retention", fields)
    return desk.assess()


def six(document: ReviewDocument) -> ItemResult:
    return next(item for item in document.items if item.number == 6)


def of_traces(document: ReviewDocument) -> str:
    (told,) = [sentence(f, "UTC") for f in six(document).findings if f.about == "traces"]
    return told


def test_the_statement_meets_the_item_and_the_blindness_is_still_told(desk: Desk):
    """The one that lies in the world's overlay."""
    document = desk.assess()

    assert (six(document).verdict, document.proposal) == (Verdict.MET, "cleared")
    assert "as Lena Fischer states of LangSmith" in of_traces(document)
    assert [(gap.request_type, gap.reason) for gap in document.gaps] == [("langsmith.retention", "blind")]
    assert "attestation.retention" in document.evidence.values()


def test_a_statement_of_another_project_is_nobody_s_word_on_this_one(desk: Desk):
    assert six(stated(desk, 180, f"{SUBJECT}-staging")).verdict is Verdict.UNDETERMINED


def test_without_any_statement_it_is_undetermined(desk: Desk):
    (desk.overlay / f"cards/{SUBJECT}/attestations/retention-traces.dsse.json").unlink()

    assert six(desk.assess()).verdict is Verdict.UNDETERMINED


def test_a_statement_of_too_little_is_not_met(desk: Desk):
    document = stated(desk, 90)

    assert six(document).verdict is Verdict.NOT_MET
    assert Outcome.FAIL in {finding.outcome for finding in six(document).findings}


def test_a_refusal_is_never_stood_in_for(desk: Desk):
    desk.world.faults("langsmith", {"kind": "status", "status": 403, "path": PERIOD})
    document = stated(desk, 180)

    assert six(document).verdict is Verdict.UNDETERMINED
    assert [gap.reason for gap in document.gaps] == ["denied"]
