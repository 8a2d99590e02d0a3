"""Who it is that asks or signs in Slack: members that people.yaml names twice, withdrawn ones, and those of others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.store import chat as threads
from tests import plain_yaml
from tests.chat.conftest import Office
from tests.chat.test_signing import CLEARED, open_dialog, told
from tests.chat.workspace import TEAM, TOKEN, click, command, mention, submission, until

WITHDRAWN = "2026-01-01T00:00:00Z"


def rewrite(office: Office, person: str, **more: Any) -> None:
    path = office.desk.overlay / "people.yaml"
    told_ = plain_yaml.load(path.read_text())
    told_["people"][person] |= more
    path.write_text(plain_yaml.dump(told_))


def test_a_member_who_is_two_people_is_told_nothing_and_signs_nothing(office: Office):
    """Written to as Mike, logged in as Dana."""
    rewrite(office, "mike.chen", logins=[])
    rewrite(office, "dana.ortiz", logins=[{"issuer": f"slack:{TEAM}", "subject": "UMIKE"}])
    office.send(command("evidence 4 finance-invoice-recon"))
    until(lambda: office.slack.whispered)

    assert "as the account of mike.chen and as the login of dana.ortiz" in office.slack.whispered[0]["text"]
    assert "datadog" not in str(office.slack.whispered)


def test_a_login_of_two_people_is_nobodys(office: Office):
    """The file itself is refused; whoever clicks hears so, and no dialog opens."""
    rewrite(office, "dana.ortiz", logins=[{"issuer": f"slack:{TEAM}", "subject": "UMIKE"}])
    office.send(click(office.review))
    until(lambda: office.slack.whispered)

    assert "is the login of" in office.slack.whispered[0]["text"]
    assert office.slack.opened == []


def test_whose_login_was_withdrawn_is_told_nothing(office: Office):
    login = {"issuer": f"slack:{TEAM}", "subject": "UMIKE", "revoked": WITHDRAWN}
    rewrite(office, "mike.chen", logins=[login])
    office.send(command("evidence 4 finance-invoice-recon"))
    until(lambda: office.slack.whispered)

    assert "was withdrawn in people.yaml" in office.slack.whispered[0]["text"]
    assert "datadog" not in str(office.slack.whispered)


def test_a_member_whose_id_is_of_another_workspace_by_now_signs_nothing(office: Office):
    """The login names the workspace; the same id elsewhere is somebody else."""
    rewrite(office, "mike.chen", logins=[{"issuer": "slack:T0OLD", "subject": "UMIKE"}])
    office.send(click(office.review))
    until(lambda: office.slack.whispered)

    assert "nobody signs from Slack as UMIKE" in office.slack.whispered[0]["text"]


@pytest.mark.parametrize("name", ["team", "user_team", "source_team"])
def test_who_writes_from_another_workspace_is_told_nothing(office: Office, name: str):
    """In a channel that is shared: `team_id` is where our app is installed, whoever writes."""
    body, kind = mention("status", event="Ev1")
    given = json.loads(body)
    given["event"][name] = "T0ELSE"
    assert office.send((json.dumps(given).encode(), kind)) == (200, "")
    given["event"][name] = TEAM
    given["event_id"] = "Ev2"
    office.send((json.dumps(given).encode(), kind))
    until(lambda: office.slack.posted)

    assert len(office.slack.posted) == 1
    assert office.slack.whispered == []


def test_a_token_that_is_revoked_in_the_middle_takes_no_signature_away(office: Office):
    """The dialog was open by then. What it is answered with needs no token."""
    dialog = open_dialog(office)
    office.slack.revoked = TOKEN
    answer = office.send(submission(dialog, {**CLEARED, "role": "builder"}))

    assert "Mike Chen signed" in told(answer)
    assert [one.role for one in office.deps.reviews.signoffs(office.review)] == ["builder"]


def test_a_click_where_the_app_may_not_write_is_answered_to_the_person(office: Office):
    body, kind = click(office.review, "USTRANGER")
    office.slack.members = ("USTRANGER",)
    assert office.send((body.replace(b"%22C1%22", b"%22C-gone%22"), kind))[0] == 200
    until(lambda: office.slack.posted)

    assert office.slack.posted[0]["channel"] == "USTRANGER"
    assert "nobody signs from Slack as USTRANGER" in office.slack.posted[0]["text"]


def test_a_channel_that_takes_no_words_of_ours_gets_none(office: Office):
    """A question from there is answered to the one who asked, and stays no thread."""
    body, kind = mention("status", event="Ev1")
    office.send((body.replace(b'"C1"', b'"C-gone"'), kind))
    until(lambda: office.slack.posted)

    assert office.slack.posted[0]["channel"] == "UMIKE"
    assert threads.waiting(office.deps.engine) == []
