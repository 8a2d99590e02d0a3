"""Who is told what: rows come with their event, are delivered afterwards, and never stand in the way of a report."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from sqlalchemy import insert, select, update

from agent.outputs.telling.channel import Channels
from agent.outputs.telling.slack import Slack
from agent.service.outbox import deliver
from agent.service.permission import may_deploy, revoke
from agent.store import outbox
from agent.store.schema import outbox as rows
from agent.surfaces.web.postman import one_round
from agent.yaml_lines import FastLoader
from collectors.sandbox.server import serve
from collectors.sandbox.slack_posts import SlackPosts
from collectors.way import Network
from tests import plain_yaml
from tests.acceptance.conftest import GATE, SIGNERS, SUBJECT, Desk
from tests.acceptance.prepared import Hands, Prepared, as_person

MEMBERS = {"mike.chen": "U0MIKE", "morteza.moradi": "U0MORTEZA", "dana.ortiz": "U0DANA"}


def give_slack(desk: Desk) -> None:
    path = desk.overlay / "people.yaml"
    people = yaml.load(path.read_text(), Loader=FastLoader)
    for person, member in MEMBERS.items():
        people["people"][person]["accounts"]["slack"] = member
    path.write_text(plain_yaml.dump(people))


@contextmanager
def slack(desk: Desk) -> Iterator[tuple[SlackPosts, Channels]]:
    give_slack(desk)
    stand_in = SlackPosts("xoxb-posts", tuple(MEMBERS.values()))
    running = serve(stand_in)
    try:
        yield stand_in, Channels((Slack("xoxb-posts", running.url, 60, Network()),), seconds=60)
    finally:
        running.close()


@contextmanager
def hanging() -> Iterator[str]:
    """The address of somebody who takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def pending(desk: Desk, kind: str = "") -> list[tuple[str, str]]:
    with desk.deps().engine.connect() as connection:
        found = connection.execute(select(rows).where(rows.c.done_at == "").order_by(rows.c.id)).all()
    return [(row.person, row.kind) for row in found if kind in ("", row.kind)]


def how(desk: Desk, kind: str) -> list[str]:
    with desk.deps().engine.connect() as connection:
        return list(connection.execute(select(rows.c.how).where(rows.c.kind == kind).order_by(rows.c.id)).scalars())


def test_each_signer_is_told_by_slack_that_a_review_waits(prepared: Prepared, tmp_path: Path):
    """Once; the reminder comes later."""
    desk = prepared.copy(tmp_path)
    with slack(desk) as (stand_in, channels):
        deps = replace(desk.deps(), channels=channels)
        assert deliver(deps).count == 3
        assert deliver(deps).count == 0

    assert sorted(member for member, _ in stand_in.posted) == sorted(MEMBERS.values())
    (text,) = [text for member, text in stand_in.posted if member == "U0DANA"]
    assert f"[SANDBOX] {SUBJECT} 1.0: {prepared.review} waits for your signature as Second approver (M8)" in text
    assert "A message permits nothing" in text
    assert sorted(pending(desk)) == sorted((person, "reminder") for person in MEMBERS)


def test_who_has_no_address_is_told_on_the_console(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)

    done = deliver(desk.deps())

    assert len(done.console) == 3
    assert {sentence.split(":")[0] for sentence in done.console} == {"Mike Chen", "Morteza Moradi", "Dana Ortiz"}
    assert how(desk, "waiting") == ["console"] * 3


def test_only_those_who_have_not_signed_are_reminded_before_the_evidence_lapses(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    clock = Hands(desk.deps().clock())
    desk.sign(*SIGNERS[0], prepared.review)
    with slack(desk) as (stand_in, channels):
        deps = replace(desk.deps(), channels=channels, clock=clock)
        deliver(deps)
        stand_in.posted.clear()
        clock.go(hours=17)
        deliver(deps)
        assert stand_in.posted == []
        clock.go(hours=2)
        deliver(deps)

    assert sorted(member for member, _ in stand_in.posted) == ["U0DANA", "U0MORTEZA"]
    assert all("still waits for your signature" in text for _, text in stand_in.posted)


TOLD = {
    "returned": "was sent back for more evidence by Morteza Moradi",
    "superseded": "signatures on it no longer count",
    "published": "is signed: cleared",
    "revoked": "was revoked by Dana Ortiz; it may not be deployed any more",
}


@pytest.mark.parametrize("event", TOLD)
def test_people_are_told_what_became_of_it(prepared: Prepared, tmp_path: Path, event: str):
    desk = prepared.copy(tmp_path)
    deliver(desk.deps())

    if event == "returned":
        desk.sign("morteza.moradi", "lead", prepared.review, "more-evidence", reason="the drill notes are <thin>")
    elif event == "superseded":
        desk.assess(new=True)
    else:
        desk.sign_all(prepared.review)
    if event == "revoked":
        deps, who = as_person(desk, "dana.ortiz")
        revoke(deps, who, prepared.review, "the vendor announced a breach")

    assert sorted(person for person, _ in pending(desk, event)) == sorted(MEMBERS)
    said = [one for one in deliver(desk.deps()).console if TOLD[event] in one]
    assert len(said) == 3


def test_what_is_no_longer_true_is_not_said(prepared: Prepared, tmp_path: Path):
    """Sent back before anybody was told that it waits."""
    desk = prepared.copy(tmp_path)
    desk.sign("morteza.moradi", "lead", prepared.review, "more-evidence", reason="the drill notes are thin")

    done = deliver(desk.deps())

    assert how(desk, "waiting") == ["not needed: the review is returned"] * 3
    assert all("was sent back for more evidence by Morteza Moradi" in sentence for sentence in done.console)


def test_the_sponsor_is_told_once_somebody_makes_it_conditional(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)

    desk.sign("morteza.moradi", "lead", prepared.review, "conditional", reason="The vendor's outage is not over")

    assert ("priya.shah", "waiting") in pending(desk)


def test_a_failed_delivery_is_tried_again_after_longer_and_longer_pauses(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    clock = Hands(desk.deps().clock())
    give_slack(desk)
    down = Channels((Slack("t", "http://127.0.0.1:9", 1, Network()),), seconds=1)
    deps = replace(desk.deps(), channels=down, clock=clock)

    told = deliver(deps)

    assert len(told.failed) == 1, "the channel is not tried again for the other two in the same call"
    (row,) = outbox.undelivered(deps.engine)
    assert row.attempts == 1
    assert "could not be reached" in row.error
    clock.go(seconds=29)
    assert row.person not in {one.person for one in outbox.due(deps.engine, clock())}
    clock.go(seconds=1)
    assert row.person in {one.person for one in outbox.due(deps.engine, clock())}
    with slack(desk) as (_, channels):
        assert deliver(replace(deps, channels=channels)).count == 3
    assert outbox.undelivered(deps.engine) == []


def test_the_command_and_the_list_and_doctor_say_what_could_not_be_delivered(prepared: Prepared, tmp_path: Path):
    """A failure of its own: the list is still a list, with code 0."""
    desk = prepared.copy(tmp_path)
    give_slack(desk)
    down = {"CLEARANCE_TELL_SLACK_TOKEN": "xoxb-t", "CLEARANCE_TELL_SLACK_URL": "http://127.0.0.1:9"}

    tried = desk.cli("outbox", **down)
    listed = desk.cli("reviews", "list", **down)
    examined = desk.cli("doctor", **down)

    assert tried.returncode == 1
    assert "could not be reached" in tried.stdout
    assert listed.returncode == 0
    assert "undelivered: `clearance outbox` says which" in listed.stderr
    assert examined.returncode == 2
    assert "Messages that could not be delivered" in examined.stdout


def test_two_deliverers_at_once_send_each_message_once(prepared: Prepared, tmp_path: Path):
    """Whoever claims a message first has it for a minute."""
    desk = prepared.copy(tmp_path)
    deps = desk.deps()
    (first, *_) = outbox.due(deps.engine, deps.clock())

    assert outbox.claim(deps.engine, first.id, deps.clock())
    assert not outbox.claim(desk.deps().engine, first.id, deps.clock())
    assert deliver(deps).count == 2


def test_a_notifier_that_hangs_keeps_no_report_back(prepared: Prepared, tmp_path: Path):
    desk = prepared.copy(tmp_path)
    give_slack(desk)
    with hanging() as url:
        stuck = Channels((Slack("t", url, 60, Network()),), seconds=0.2)
        for person, role in SIGNERS:
            desk.sign(person, role, prepared.review)
        told = deliver(replace(desk.deps(), channels=stuck))

    assert desk.deps().reviews.get(prepared.review).state == "reported"
    assert may_deploy(desk.deps(), SUBJECT, "1.0", GATE, sandbox=True).code == 0
    assert "did not answer within 0.2 s" in told.failed[0]


def test_what_is_for_the_console_stays_where_nobody_reads_it(prepared: Prepared, tmp_path: Path):
    """A command in a pipe says nothing of it and does not call it delivered; `clearance outbox` then says it."""
    desk = prepared.copy(tmp_path)
    listed = desk.cli("reviews", "list")

    assert "to be told" not in listed.stderr
    assert len(pending(desk, "waiting")) == 3
    assert "Mike Chen: " in desk.cli("outbox").stdout
    assert pending(desk, "waiting") == []


def test_what_stays_for_the_console_keeps_nobody_else_from_being_told(prepared: Prepared, tmp_path: Path):
    """However much of it there is, and however long it has stayed."""
    desk = prepared.copy(tmp_path)
    with desk.deps().engine.begin() as connection:
        connection.execute(update(rows).values(id=rows.c.id + 10_000))
        first = connection.execute(select(rows.c.review, rows.c.about, rows.c.due_at)).first()
        assert first
        left = {**first._mapping, "person": "priya.shah"}
        connection.execute(insert(rows), [{**left, "id": n, "kind": f"waiting:{n}"} for n in range(1, 251)])
    with slack(desk) as (stand_in, channels):
        done = deliver(replace(desk.deps(), channels=channels), seen=False)

    assert (done.count, sorted(member for member, _ in stand_in.posted)) == (3, sorted(MEMBERS.values()))
    assert len([row for row in pending(desk) if row[0] == "priya.shah"]) == 250


def test_a_store_that_is_gone_for_a_while_does_not_end_the_rounds(
    prepared: Prepared, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    """Else nobody would be told any more until somebody restarts the page, and nothing would say so."""
    deps = prepared.copy(tmp_path).deps()
    with deps.engine.begin() as connection:
        rows.drop(connection)

    one_round(deps)

    assert "what is due could not be looked after (OperationalError); it is tried again" in caplog.text


def test_while_the_page_is_served_people_are_told_without_any_command(prepared: Prepared, tmp_path: Path):
    """By Slack; who has no address is left to who reads the console."""
    desk = prepared.copy(tmp_path)
    one_round(desk.deps())
    assert len(pending(desk, "waiting")) == 3
    with slack(desk) as (stand_in, channels):
        one_round(replace(desk.deps(), channels=channels))
        assert len(stand_in.posted) == 3
    assert pending(desk, "waiting") == []
