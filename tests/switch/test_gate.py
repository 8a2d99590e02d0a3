"""Off, new work is queued and says so; what runs ends, and people read, sign, state, verify and are permitted."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent.deps import Deps
from agent.errors import Queued
from agent.service import jobs, own_switch
from agent.service.assess import assess, assess_all
from agent.service.discovery import discover
from agent.service.orders import AssessOrder
from agent.service.permission import may_deploy
from agent.store import own_switch as store
from agent.store.own_switch import OFF, ON
from tests.acceptance.conftest import GATE, SUBJECT, Desk
from tests.acceptance.prepared import Prepared
from tests.surfaces.cli import Desk as Fresh
from tests.web.visiting import guest


def turn(deps: Deps, position: str, why: str = "it asks too much") -> None:
    store.set_by_person(deps.engine, position, "Mike Chen", why, deps.clock())


def asked(desk: Desk) -> int:
    return sum(len(desk.world.seen(vendor)) for vendor in ("pagerduty", "launchdarkly", "datadog", "aws"))


@pytest.fixture
def off(put_right: Desk) -> Deps:
    deps = put_right.deps()
    turn(deps, OFF)
    return deps


def test_an_assessment_is_queued_and_says_who_switched_it_off_and_why(put_right: Desk, off: Deps):
    before = asked(put_right)

    with pytest.raises(Queued, match=r"queued as job 1: Clearance is switched off by Mike Chen at .* asks too much"):
        assess(off, SUBJECT, GATE, only=(4,), started_by="mike.chen")

    assert asked(put_right) == before, "nobody was asked anything"
    assert off.reviews.all() == [], "no review exists"
    (job,) = jobs.unfinished(off)
    assert job.order == AssessOrder(subject=SUBJECT, gate=GATE, only=(4,), asked_by="mike.chen")
    assert job.state == "queued"


def test_asked_twice_it_is_one_job(off: Deps):
    for said in ("queued as job 1:", "queued as job 1, as it was already:"):
        with pytest.raises(Queued, match=said):
            assess(off, SUBJECT, GATE)


def test_switched_on_again_it_begins(off: Deps):
    turn(off, ON)

    assert assess(off, SUBJECT, GATE, only=(4,)).document.subject == SUBJECT


def test_what_is_wrongly_asked_is_refused_and_not_queued(off: Deps):
    with pytest.raises(Exception, match="there is no gate"):
        assess(off, SUBJECT, "no-such-gate")

    assert jobs.unfinished(off) == []


def test_several_gates_are_queued_each(off: Deps):
    with pytest.raises(Queued, match="pilot-to-prod is queued as job 1"):
        assess_all(off, SUBJECT, (GATE, "production-readiness"))

    assert [job.order.about for job in jobs.unfinished(off)] == [
        f"{SUBJECT} at {GATE}", f"{SUBJECT} at production-readiness",
    ]  # fmt: skip


def test_what_no_worker_could_do_later_is_not_queued(off: Deps):
    """A rehearsal reckons as of an instant; a draft of a card goes to whoever asked."""
    with pytest.raises(Queued, match=r"the rehearsal of .* did not begin and is not queued"):
        assess(off, SUBJECT, GATE, as_of=off.clock())
    with pytest.raises(Queued, match="did not begin and is not queued"):
        discover(off, "invoice")

    assert jobs.unfinished(off) == []


def test_an_order_for_the_workers_hears_why_nothing_takes_it(off: Deps):
    """As chat, API and page put it: the order stands, and the answer says what it waits for."""
    found = jobs.put(off, AssessOrder(subject=SUBJECT, gate=GATE))

    assert "switched off by Mike Chen" in found.held
    turn(off, ON)
    assert jobs.put(off, AssessOrder(subject=SUBJECT, gate=GATE)).held == ""


def test_what_runs_ends(put_right: Desk):
    """Switched off in the midst of a review: it reaches its signers, and only the next one is queued."""
    deps = put_right.deps()

    def at_work(step: str, sentence: str) -> None:
        if own_switch.of(deps).on:
            turn(deps, OFF)

    done = assess(replace(deps, progress=at_work), SUBJECT, GATE, only=(4,))

    assert not own_switch.of(deps).on
    assert deps.reviews.get(done.document.review).state == "signing"
    with pytest.raises(Queued):
        assess(deps, SUBJECT, GATE)


def test_who_joins_a_running_review_gets_its_result(put_right: Desk):
    """It is begun by one, asked for by another after the switch is off: to wait for it is no new work."""
    deps, told = put_right.deps(), threading.Event()
    joined: list[str] = []

    def second() -> None:
        joined.append(assess(put_right.deps(), SUBJECT, GATE).document.review)

    other = threading.Thread(target=second)

    def at_work(step: str, sentence: str) -> None:
        if not told.is_set():
            told.set()
            turn(deps, OFF)
            other.start()

    done = assess(replace(deps, progress=at_work), SUBJECT, GATE)
    other.join(60)

    assert joined == [done.document.review]


def test_a_killed_review_is_not_gone_on_with(put_right: Desk):
    """Its process was killed because it had to stop. Its lease is free again for whoever comes once it is on."""
    deps = put_right.deps()
    with pytest.raises(KeyboardInterrupt):
        assess(replace(deps, progress=_dies), SUBJECT, GATE)
    turn(deps, OFF)

    with pytest.raises(Queued):
        assess(put_right.deps(), SUBJECT, GATE)

    (row,) = deps.reviews.all()
    assert (row.state, row.lease_holder) == ("running", "")
    turn(deps, ON)
    assert assess(put_right.deps(), SUBJECT, GATE).document.review == row.id


def _dies(step: str, sentence: str) -> None:
    raise KeyboardInterrupt


def test_people_sign_and_the_report_is_written_and_permits(prepared: Prepared, tmp_path: Path):
    """Everything that people do with what is there goes on as before."""
    desk = prepared.copy(tmp_path)
    turn(desk.deps(), OFF)

    desk.sign_all(prepared.review)

    deps = desk.deps()
    assert deps.reviews.get(prepared.review).state == "reported"
    assert may_deploy(deps, SUBJECT, "1.0", GATE, sandbox=True).code == 0
    done = desk.cli("verify", deps.reviews.get(prepared.review).bundle)
    assert done.returncode == 0, done.stderr


def test_the_command_line_says_that_it_is_queued(put_right: Desk, off: Deps):
    done = put_right.cli("assess", SUBJECT, "--gate", GATE, "--json")

    assert done.returncode == 50
    told = json.loads(done.stdout)
    assert (told["state"], "is queued as job 1: Clearance is switched off by Mike" in told["told"]) == ("queued", True)
    assert "queued as job 1: Clearance is switched off by Mike Chen" in done.stderr
    assert done.stderr.startswith("queued: ")
    assert "error" not in done.stderr


def test_what_is_done_by_hand_is_not_done_again(put_right: Desk, off: Deps):
    with pytest.raises(Queued):
        put_right.assess()
    turn(off, ON)
    done = assess(put_right.deps(), SUBJECT, GATE)

    assert jobs.unfinished(off) == []
    assert jobs.status(off, 1).outcome == done.document.review
    assert "job 1, which was queued for the same, is done with it" in done.said


def test_what_was_ordered_of_other_items_waits_on(put_right: Desk, off: Deps):
    third = AssessOrder(subject=SUBJECT, gate=GATE, only=(3,))
    jobs.put(off, third)
    turn(off, ON)
    put_right.assess()

    assert [job.order for job in jobs.unfinished(off)] == [third]


def test_the_page_shows_it_and_queues_a_check(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    mike = guest(desk, "mike.chen")
    again, page = f"/reviews/{prepared.review}/items/4/again", f"/reviews/{prepared.review}"
    assert "switched off" not in mike.get("/")
    form = mike.token(page, again)
    turn(desk.deps(), OFF)

    assert "Clearance is switched off: new work is queued" in mike.get("/")
    status, told = mike.post(again, csrf=form)

    assert status == 202
    assert "queued as job 1" in told
    assert [job.order.about for job in jobs.unfinished(desk.deps())] == [f"{SUBJECT} at {GATE}"]


def test_doctor_tells_how_it_stands_and_off_is_no_fault(tmp_path: Path):
    desk = Fresh(tmp_path)
    assert desk.run("switch", "off").returncode == 0

    done = desk.run("doctor", "--json")

    assert done.returncode == 0, done.stdout
    assert "⏳ off, new work is queued: Clearance is switched off by" in json.loads(done.stdout)["switch"]


def test_doctor_calls_a_flag_that_was_never_heard_a_fault(tmp_path: Path):
    settings = {"CLEARANCE_SWITCH_SDK_KEY": "sdk-own", "CLEARANCE_SWITCH_SDK_URL": "http://127.0.0.1:9"}
    done = Fresh(tmp_path, settings).run("doctor", "--json")

    assert done.returncode == 2
    assert "was never heard here" in json.loads(done.stdout)["switch"]


def test_a_worker_that_ends_when_idle_does_not_wait_for_the_switch(put_right: Desk, off: Deps):
    """From cron, for one: nothing is taken while it is off, so there is nothing to wait for; the job stays queued."""
    jobs.put(off, AssessOrder(subject=SUBJECT, gate=GATE))

    done = put_right.cli("worker", "--until-idle")

    assert done.returncode == 50, done.stderr
    assert "new work is queued from here on: Clearance is switched off by Mike Chen" in done.stderr
    assert "1 job that is due is queued and not taken, since Clearance is switched off" in done.stderr
    assert [job.state for job in jobs.unfinished(off)] == ["queued"]
