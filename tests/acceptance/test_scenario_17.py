"""Scenario 17, a waiver lapses tonight: on its own, since it is followed over days."""

from __future__ import annotations

from pathlib import Path

from agent.service.assess import assess
from agent.service.outbox import deliver
from agent.service.permission import may_deploy
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT, Desk, RunningWorld, desk_over
from tests.acceptance.test_conditional import WAIVER, state, unscheduled
from tests.acceptance.test_scenarios import later


def waived(world: RunningWorld, tmp_path: Path, until: str) -> Desk:
    """Item 8 is not met, and waived by the sponsor for as long as that."""
    desk = desk_over(world, tmp_path, lambda overlay: unscheduled(overlay, holidays=True))
    state(desk, "priya.shah", "waiver", {**WAIVER, "expires": until})
    return desk


def test_17_a_waiver_lapses_tonight_and_its_people_were_warned_days_ahead(
    put_right_world: RunningWorld, tmp_path: Path
):
    """Two weeks (less here), a week and a day before; then it may not be deployed any more, and they are told so."""
    desk = waived(put_right_world, tmp_path, "2026-06-29T00:00:00-04:00")
    review = desk.assess().review
    for person, role in (*SIGNERS, ("priya.shah", "sponsor")):
        desk.sign(person, role, review, "conditional")
    told, codes = {}, {}
    for day in (0, 2, 5, 10.4, 11.4, 11.6):
        deps = desk.deps(**later(desk, days=day))
        codes[day] = may_deploy(deps, SUBJECT, "1.0", GATE, sandbox=True).code
        told[day] = [said for said in deliver(deps).console if "a waiver of item 8" in said]
    listed = desk.cli("reviews", "list", **later(desk, days=10.5))

    assert {day: len(said) for day, said in told.items()} == {0: 4, 2: 0, 5: 4, 10.4: 0, 11.4: 4, 11.6: 4}
    assert codes == {0: 10, 2: 10, 5: 10, 10.4: 10, 11.4: 10, 11.6: 20}
    assert "that holds until 29 June 2026, 00:00 EDT only" in told[0][0]
    assert "lapsed on 29 June 2026, 00:00 EDT; it may not be deployed any more" in told[11.6][0]
    assert f"{review}: item 8: waiver lapses on 29 June 2026, 00:00 EDT" in " ".join(listed.stderr.split())


def test_17_a_waiver_lapses_tonight(put_right_world: RunningWorld, tmp_path: Path):
    """It holds, and says until when; the next morning the gate is closed again."""
    desk = waived(put_right_world, tmp_path, "2026-06-18T00:00:00-04:00")
    tonight = desk.assess()

    tomorrow = assess(desk.deps(**later(desk, hours=15)), SUBJECT, GATE, new=True).document

    assert tonight.proposal == "conditional"
    assert [waiver.expires.isoformat() for waiver in tonight.waivers] == ["2026-06-18T00:00:00-04:00"]
    assert tomorrow.proposal == "blocked"
    assert tomorrow.waivers == ()
