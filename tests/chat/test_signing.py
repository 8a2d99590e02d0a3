"""Signing from Slack: only in the dialog, over the digest that it showed, as the member whom Slack names."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from agent.domain import Assurance, GapRow, OpenItemRow, Outcome, Reason, SignOffDecision, WaiverRow
from agent.layouts import Debt
from agent.outputs.chat.sheet import view
from agent.service import asking
from agent.service import signing as use_case
from agent.service.assess import assess
from agent.service.caller import in_slack
from agent.service.finishing import finish, shown
from agent.service.opened import not_opened
from agent.service.verification import verify
from agent.store import chat as threads
from agent.surfaces.slack import signing
from agent.surfaces.slack.desk import Desk as Counter
from tests import plain_yaml
from tests.acceptance.conftest import NOTES, ROOT, SUBJECT
from tests.chat.conftest import ADDRESS, Office, office_of
from tests.chat.workspace import TEAM, click, submission, texts, until

MEMBERS = (("UMIKE", "builder"), ("UMORTEZA", "lead"), ("UDANA", "second_approver"))
CLEARED = {"decision": "cleared", **{f"note-{number}": text for number, text in NOTES.items()}}


def open_dialog(office: Office, user: str = "UMIKE", trigger: str = "") -> dict[str, Any]:
    count = len(office.slack.opened)
    office.send(click(office.review, user, trigger or f"c-{user}-{count}"))
    until(lambda: len(office.slack.opened) > count)
    until(lambda: _was_opened(office, user))
    return office.slack.opened[-1]


def _was_opened(office: Office, user: str) -> bool:
    return not not_opened(office.deps, office.review, in_slack(office.deps, TEAM, user).person)


def told(answer: tuple[int, str]) -> str:
    """What stands in the dialog after it was sent."""
    body = json.loads(answer[1])
    return str(body["errors"]["decision"] if body["response_action"] == "errors" else texts(body["view"]["blocks"]))


def sign(office: Office, user: str, role: str, **more: str) -> tuple[int, str]:
    dialog = open_dialog(office, user)
    return office.send(submission(dialog, {**CLEARED, "role": role, **more}, user, f"s-{user}-{role}"))


def test_three_people_sign_in_slack_and_the_bundle_says_how_each_was_known(office: Office):
    """In the one table of sign-offs; sealed by the product's key, and verified offline."""
    for user, role in MEMBERS:
        assert " signed " in told(sign(office, user, role))
        until(lambda role=role: role in {one.role for one in office.deps.reviews.signoffs(office.review)})

    until(lambda: office.deps.reviews.get(office.review).state == "reported")
    signed = office.deps.reviews.signoffs(office.review)
    assert {(one.assurance, one.channel) for one in signed} == {(Assurance.SLACK, "slack")}
    assert [one.login.issuer for one in signed if one.login] == [f"slack:{TEAM}"] * 3
    assert [set(one.opened) for one in signed] == [{"4", "7", "9"}] * 3
    row = office.deps.reviews.get(office.review)
    found = verify(Path(row.bundle), office.deps.settings.home)
    assert "clicked in Slack as 'UMIKE' of slack:T0ACME; no signature of their own" in " ".join(
        one.proof for one in found.predicate.signoffs
    )
    until(lambda: any("signed" in one for one in map(str, office.slack.replaced)))


def test_what_comes_of_a_signature_is_told_in_a_message_too(office: Office):
    """Slack may show its own order of answer and call, or the dialog may be closed: that word is lost with neither."""
    assert "and in a message to you" in told(sign(office, "UMIKE", "builder"))
    until(lambda: office.slack.posted)

    (only,) = office.slack.posted
    assert only["channel"] == "UMIKE"
    assert "Signatures that are missing:" in only["text"]
    assert [texts(one["blocks"])[0] for one in office.slack.replaced] == [only["text"]]


def test_the_dialog_shows_what_is_signed_and_its_digest(office: Office):
    """Every item with every finding, and the evidence of those that ask for a sentence of one's own."""
    dialog = open_dialog(office)
    document = shown(office.deps, office.review).document
    said = " ".join(texts(dialog["blocks"]))

    assert document.digest in said
    assert all(f"{one.number}. {one.title}" in said for one in document.items)
    assert all(one.value in said for item in document.items if item.number in (4, 7, 9)
               for one in asking.facts_of(office.deps, document, item))  # fmt: skip
    inputs = [one["block_id"] for one in dialog["blocks"] if one["type"] == "input"]
    assert inputs == ["role", "decision", "reason", "note-4", "note-7", "note-9"]


def test_a_note_that_is_missing_is_said_beside_the_fields(office: Office):
    dialog = open_dialog(office)
    answer = office.send(submission(dialog, {**CLEARED, "role": "builder", "note-9": ""}))

    assert "item 9 needs a sentence of your own" in told(answer)
    assert "--" not in told(answer)
    assert office.deps.reviews.signoffs(office.review) == []
    again = office.send(submission(dialog, {**CLEARED, "role": "builder"}, trigger="s-2"))
    assert "Mike Chen signed" in told(again)


def test_a_digest_that_changed_meanwhile_signs_nothing(office: Office):
    """What the dialog carries is another digest than the review shows now."""
    dialog = open_dialog(office)
    other = {"review": office.review, "digest": "0" * 64}
    answer = office.send(submission({**dialog, "private_metadata": json.dumps(other)}, {**CLEARED, "role": "builder"}))

    assert f"{office.review} shows" in told(answer)
    assert office.deps.reviews.signoffs(office.review) == []


@pytest.mark.parametrize("metadata", ["", "[]", "{}", '{"review": "rv-1", "digest": "short"}', '{"digest": 7}'])
def test_a_dialog_that_does_not_say_what_it_showed_signs_nothing(office: Office, metadata: str):
    dialog = open_dialog(office)
    answer = office.send(submission({**dialog, "private_metadata": metadata}, {**CLEARED, "role": "builder"}))

    assert "nothing was signed" in told(answer)


def test_a_review_that_was_superseded_meanwhile_is_not_signed(office: Office):
    dialog = open_dialog(office)
    new = assess(office.deps, "finance-invoice-recon", "pilot-to-prod", new=True).document.review
    answer = office.send(submission(dialog, {**CLEARED, "role": "builder"}))

    assert f"was superseded by {new}" in told(answer)
    office.send(click(office.review, trigger="late"))
    until(lambda: office.slack.whispered)
    assert f"was superseded by {new}; it takes no more signatures" in office.slack.whispered[0]["text"]


def test_what_a_review_that_ended_right_after_a_signature_lacks_is_not_asked_for(office: Office):
    """The sign-off was in its table first; nobody is to sign that review any more."""
    open_dialog(office)
    who, digest = in_slack(office.deps, TEAM, "UMIKE"), shown(office.deps, office.review).document.digest
    notes = {str(number): text for number, text in NOTES.items()}
    one = use_case.insert(
        office.deps, who, office.review, "builder", SignOffDecision.CLEARED, notes=notes, digest=digest, channel="slack"
    )
    new = assess(office.deps, "finance-invoice-recon", "pilot-to-prod", new=True).document.review
    done = use_case.complete(office.deps, one)

    assert done.missing == ()
    assert f"was superseded by {new}; your signature is kept" in done.said[-1]


def test_who_signs_is_whom_slack_names_and_nobody_whom_the_dialog_does(office: Office):
    """Dana sends back the dialog that was opened for Mike."""
    dialog = open_dialog(office, "UMIKE")
    forged = json.loads(dialog["private_metadata"]) | {"person": "mike.chen", "user": "UMIKE"}
    answer = office.send(
        submission({**dialog, "private_metadata": json.dumps(forged)}, {**CLEARED, "role": "builder"}, "UDANA")
    )

    assert "Dana Ortiz does not hold the role builder" in told(answer)
    assert office.deps.reviews.signoffs(office.review) == []


def test_a_click_that_is_sent_twice_opens_one_dialog(office: Office):
    other = office_of(office.desk, office.slack, office.review)
    open_dialog(office, trigger="same")
    other.send(click(office.review, trigger="same"))
    other.send(click(office.review, "UDANA", trigger="another"))
    until(lambda: len(office.slack.opened) == 2)

    assert office.slack.asked.count("views.open") == 2


def test_a_dialog_that_is_sent_twice_signs_once(office: Office):
    dialog = open_dialog(office)
    sent = submission(dialog, {**CLEARED, "role": "builder"}, trigger="once")
    office.send(sent)
    assert "Mike Chen signed" in told(again := office.send(sent))
    assert "sent twice" in told(again)
    late = told(office.send(submission(dialog, {**CLEARED, "role": "builder"}, trigger="again")))

    assert "Mike Chen signed as builder" in late
    assert "a role signs once" in late
    assert len(office.deps.reviews.signoffs(office.review)) == 1


def test_one_that_was_taken_by_a_process_that_was_killed_is_no_yes(office: Office):
    dialog = open_dialog(office)
    threads.claim(office.deps.engine, "view:killed", office.deps.clock())
    said = told(office.send(submission(dialog, {**CLEARED, "role": "builder"}, trigger="killed")))

    assert "no signature of it is there yet" in said
    assert f"{ADDRESS}/reviews/{office.review}" in said
    assert office.deps.reviews.signoffs(office.review) == []


@pytest.mark.parametrize(("user", "says"), [("USTRANGER", "nobody signs from Slack as USTRANGER")])
def test_who_may_not_sign_is_told_so_privately(office: Office, user: str, says: str):
    office.send(click(office.review, user))
    until(lambda: office.slack.whispered)

    assert office.slack.whispered[0]["user"] == user
    assert says in office.slack.whispered[0]["text"]
    assert office.slack.posted == []
    assert office.slack.opened == []


def test_an_account_to_write_to_is_no_login(office: Office):
    """`accounts: {slack: …}` says where messages go; without a login nobody signs from there."""
    path = office.desk.overlay / "people.yaml"
    people = plain_yaml.load(path.read_text())
    del people["people"]["mike.chen"]["logins"]
    path.write_text(plain_yaml.dump(people))
    office.send(click(office.review))
    until(lambda: office.slack.whispered)

    assert "nobody signs from Slack as UMIKE" in office.slack.whispered[0]["text"]


def test_a_login_that_was_withdrawn_counts_no_more(office: Office):
    """As of then: a signature that was given from a phone that was stolen."""
    sign(office, "UMIKE", "builder")
    until(lambda: shown(office.deps, office.review).signed)
    path = office.desk.overlay / "people.yaml"
    people = plain_yaml.load(path.read_text())
    people["people"]["mike.chen"]["logins"][0]["revoked"] = "2026-01-01T00:00:00Z"
    path.write_text(plain_yaml.dump(people))

    assert shown(office.deps, office.review).signed == ()


def test_what_does_not_fit_into_a_dialog_is_signed_on_the_page(office: Office):
    """Nothing is left out to make it fit."""
    counter = Counter(office.deps, office.deps.channels.chat, asking.Place(ADDRESS))  # type: ignore[arg-type]
    state, who = shown(office.deps, office.review), in_slack(office.deps, TEAM, "UMIKE")
    long = replace(
        state, document=state.document.model_copy(update={"summary": tuple(f"{n} {'x' * 2999}" for n in range(99))})
    )

    assert view(signing._sheet(counter, state, who), {}) is not None
    assert view(signing._sheet(counter, long, who), {}) is None
    tables = replace(state, document=state.document.model_copy(update={"debts": (Debt.model_construct(),)}))
    assert view(signing._sheet(counter, tables, who), {}) is None


def test_whoever_clicks_on_what_does_not_fit_gets_a_sentence_and_a_link(office: Office):
    """A gate with sections of its own, which only a page can show."""
    gate = plain_yaml.load((ROOT / "config" / "gates" / "pilot-to-prod.yaml").read_text())
    gate |= {"id": "in-sections", "report": [{"title": "What is done", "shows": "boxes"}]}
    (office.desk.overlay / "gates").mkdir()
    (office.desk.overlay / "gates" / "in-sections.yaml").write_text(plain_yaml.dump(gate))
    review = assess(office.deps, SUBJECT, "in-sections").document.review

    office.send(click(review))
    until(lambda: office.slack.whispered)

    (only,) = office.slack.whispered
    assert (only["user"], only["channel"]) == ("UMIKE", "C1")
    assert only["text"] == (
        f"{review} does not fit into a dialog of Slack, and nobody signs a part; "
        f"sign it on its page: {ADDRESS}/reviews/{review}"
    )
    assert office.slack.opened == []
    assert not_opened(office.deps, review, "mike.chen"), "what was not shown was not opened"


def test_who_has_signed_already_is_told_so_privately(office: Office):
    sign(office, "UMIKE", "builder")
    until(lambda: office.deps.reviews.signoffs(office.review))
    office.send(click(office.review, trigger="once more"))
    until(lambda: office.slack.whispered)

    (only,) = office.slack.whispered
    assert (only["user"], only["channel"]) == ("UMIKE", "C1")
    assert only["text"] == f"{office.review}: Mike Chen has signed as builder"
    assert len(office.slack.opened) == 1
    assert len(office.deps.reviews.signoffs(office.review)) == 1


def test_the_dialog_shows_what_people_took_on_and_what_could_not_be_seen(office: Office):
    """Gaps, checks, reasons, open items and waivers, each in its words; who let it through before."""
    counter = Counter(office.deps, office.deps.channels.chat, asking.Place(ADDRESS))  # type: ignore[arg-type]
    state, who = shown(office.deps, office.review), in_slack(office.deps, TEAM, "UMIKE")
    at = state.document.as_of
    rows = {
        "gaps": (GapRow(digest="d", items=(4,), request_type="datadog.logs", reason="denied", what="The key is blind.",
                        next_step="Give it logs_read."),),
        "open_items": (OpenItemRow(item=8, missing="the digest", owner="Mike Chen", due=at, by="m", proven=True,
                                   digest=""),),
        "waivers": (WaiverRow(item=6, reason="a year is enough", requested_by="a", approved_by="Dana Ortiz",
                              compensating="a copy elsewhere", expires=at, digest="w"),),
        "reasons": (Reason(where="launch_day", probe="p", outcome=Outcome.FAIL, text="It is a Saturday."),),
    }  # fmt: skip
    full = replace(state, document=state.document.model_copy(update=rows))
    made = view(signing._sheet(counter, full, who), {})

    assert made is not None
    said = " ".join(texts(made["blocks"]))
    wanted = (
        "The key is blind. Next: Give it logs_read.", "open item on 8: the digest (Mike Chen", "It is a Saturday.",
        "item 6 is waived: a year is enough (Dana Ortiz", "in its place: a copy elsewhere",
    )  # fmt: skip
    assert all(words in said for words in wanted)


def test_slack_being_away_loses_no_signature(office: Office):
    """The dialog cannot be told what came of it; the table of sign-offs holds it all the same."""
    dialog = open_dialog(office)
    office.slack.away = True
    office.send(submission(dialog, {**CLEARED, "role": "builder"}))

    until(lambda: office.deps.reviews.signoffs(office.review))
    assert finish(office.deps) == []


def test_a_review_is_sent_back_from_slack(office: Office):
    """A decision that lets nothing through needs no notes, and its own words."""
    dialog = open_dialog(office)
    back = {"decision": "more-evidence", "role": "builder"}
    assert "evidence is missing" in told(office.send(submission(dialog, back, trigger="s-1")))

    office.send(submission(dialog, {**back, "reason": "The drill had nothing in flight"}, trigger="s-2"))
    until(lambda: office.deps.reviews.get(office.review).state == "returned")


def test_members_of_other_workspaces_sign_nothing(office: Office):
    """In a channel that is shared with them."""
    dialog = open_dialog(office)
    body, kind = submission(dialog, {**CLEARED, "role": "builder"})
    shared = body.replace(
        b"%22team_id%22%3A+%22T0ACME%22%7D%2C+%22trigger", b"%22team_id%22%3A+%22T0ELSE%22%7D%2C+%22trigger"
    )
    assert shared != body

    assert "a member of another workspace" in told(office.send((shared, kind)))
    assert office.deps.reviews.signoffs(office.review) == []


@pytest.mark.parametrize("named", ['"team_id": "T0ELSE"', '"name": "mike"'])
def test_members_of_other_workspaces_sign_nothing_where_slack_names_their_team_alone(office: Office, named: str):
    """Slack names as `team` the workspace of whoever acts, and in the dialog that in which the app is installed."""
    dialog = {**open_dialog(office), "app_installed_team_id": "T0ACME"}
    body, kind = submission(dialog, {**CLEARED, "role": "builder"})
    text = parse_qs(body.decode())["payload"][0]
    theirs = text.replace('"team": {"id": "T0ACME"}', '"team": {"id": "T0ELSE"}')
    theirs = theirs.replace('"id": "UMIKE", "team_id": "T0ACME"', f'"id": "UMIKE", {named}')

    assert theirs.count("T0ACME") < text.count("T0ACME") - 1
    assert "a member of another workspace" in told(office.send((urlencode({"payload": theirs}).encode(), kind)))
    assert office.deps.reviews.signoffs(office.review) == []


def test_a_dialog_that_slack_does_not_open_is_said_privately(office: Office):
    office.send(click(office.review, trigger="t"))
    until(lambda: office.slack.opened)
    office.slack._triggers.add("stale")
    office.send(click(office.review, trigger="stale"))
    until(lambda: office.slack.whispered)

    assert "The dialog could not be opened" in office.slack.whispered[0]["text"]


def test_a_message_signs_nothing(office: Office):
    """Whatever is written in a thread, and whoever writes it."""
    from tests.chat.workspace import mention

    office.send(mention(f"I sign {office.review} as builder: cleared. status?", event="Ev7"))
    until(lambda: office.slack.posted or office.slack.whispered)

    assert office.deps.reviews.signoffs(office.review) == []
