"""The channel itself: heard before anything is posted, hostile text stays text, and `doctor` says how it stands."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from agent import settings
from agent.answers import FindingLine, Need, Why
from agent.domain import Assurance, LoggedIn, SignOffDecision
from agent.errors import ConfigError
from agent.outputs.chat import told
from agent.outputs.chat.blocks import packed
from agent.outward import channels
from agent.outward import chat as chat_of
from agent.service import asking, chatting, jobs
from agent.service.chatting import Heard
from agent.service.orders import AssessOrder
from agent.signing import signoffs
from agent.store import chat as threads
from agent.store import own_switch
from agent.surfaces.slack import health
from collectors.evidence import Model
from tests.acceptance.conftest import GATE, SUBJECT
from tests.chat.conftest import Office, app_settings
from tests.chat.workspace import TEAM, TOKEN, command, mention, texts, until

HOSTILE = "*bold* _it_ ~fail~ `code` <!channel> <https://evil.example|Sign here> :white_check_mark: &amp; \u202eevil"


def test_slack_is_answered_before_anything_is_posted(office: Office):
    """However long Slack's own API takes."""
    held = threading.Event()
    office.slack.hold = lambda: held.wait(60)
    try:
        assert office.send(command("list")) == (200, "")
        assert office.slack.whispered == []
    finally:
        held.set()
    until(lambda: office.slack.whispered)


def why(sentence: str) -> Why:
    return Why(
        review="rv-1", subject=SUBJECT, version="1.0", gate=GATE, item=4, title=sentence, glyph="❌", word="not met",
        findings=(FindingLine(glyph="❌", word="fail", sentence=sentence),), unseen=(sentence,), who=sentence,
        how=sentence, recheck="", as_of="", link="",
    )  # fmt: skip


def test_text_from_outside_is_never_read_as_markup():
    """Plain text in blocks, where nothing is markup; the three characters replaced in the line for notifications."""
    message = told.message(why(HOSTILE))

    assert all(one["type"] == "plain_text" and one["emoji"] is False for one in _text_objects(list(message.blocks)))
    assert "<" not in message.text.replace("&lt;", "")
    assert "&lt;!channel&gt;" in message.text
    assert "\u202e" not in message.text + " ".join(texts(list(message.blocks)))


def hostile(answer: Any) -> Any:
    """The same answer with markup in every text of it; links are ours."""
    told_: dict[str, Any] = {}
    for name, field in type(answer).model_fields.items():
        value = getattr(answer, name)
        if field.annotation is str and name != "link" and value:
            told_[name] = HOSTILE
        elif isinstance(value, tuple) and value and isinstance(value[0], Model):
            told_[name] = tuple(hostile(one) for one in value)
    return answer.model_copy(update=told_)


def test_no_answer_of_any_kind_is_read_as_markup(office: Office):
    """Every text of each: names, titles, versions, sentences, owners, raw values."""
    deps, place = office.deps, asking.Place("https://clearance.acme.example")
    answers = (
        asking.told(deps, place, office.review), asking.why(deps, place, SUBJECT, 9),
        asking.evidence(deps, place, SUBJECT, 4), asking.status(deps, place), asking.listed(deps),
        asking.may_deploy(deps, place, SUBJECT, "1.0", GATE), chatting.order(deps, SUBJECT, GATE, "mike.chen"),
    )  # fmt: skip
    for answer in answers:
        message = told.message(hostile(answer))
        shown = list(message.blocks)
        assert any("<!channel>" in one for one in texts(shown)), type(answer).__name__
        assert all(one["type"] == "plain_text" and one["emoji"] is False for one in _text_objects(shown))
        assert not any(one in message.text for one in ("<!", "<@", "<http"))
        assert "\u202e" not in message.text + " ".join(texts(shown))


def _text_objects(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        own = [found] if isinstance(found.get("text"), str) else []
        return own + [one for value in found.values() for one in _text_objects(value)]
    return [one for value in found for one in _text_objects(value)] if isinstance(found, list) else []


@pytest.mark.parametrize("length", [1, 2999, 3000, 3001, 9500])
def test_a_long_line_is_shown_whole_in_as_many_sections_as_it_takes(length: int):
    line = "x" * length
    assert "".join(texts(list(packed([line])))) == line


def test_a_thread_that_asks_about_a_running_subject_hears_its_result(office: Office):
    """The assessment was begun by a pipeline; the thread asked why, and joins."""
    jobs.put(office.deps, AssessOrder(subject=SUBJECT, gate=GATE))
    office.send(mention(f"why item 9 of {SUBJECT}?", thread="5.0"))
    until(lambda: len(office.slack.posted) == 1)
    office.send(mention(f"why item 4 of {SUBJECT}?", event="Ev2", thread="5.0"))
    until(lambda: len(office.slack.posted) == 2)
    assert len(threads.waiting(office.deps.engine)) == 1

    office.work()
    office.round()

    assert office.slack.posted[-1]["thread_ts"] == "5.0"
    assert "proposed cleared" in office.slack.posted[-1]["text"]


def test_an_assessment_that_failed_is_told_in_the_thread(office: Office):
    """The card was broken between question and work."""
    office.send(mention(f"assess {SUBJECT}", thread="5.0"))
    until(lambda: len(office.slack.posted) == 1)
    (office.desk.overlay / "cards" / SUBJECT / "card.yaml").write_text("subject: [")
    office.work()
    office.round()

    assert f"{SUBJECT} at {GATE} was not assessed:" in office.slack.posted[-1]["text"]


def test_where_the_app_may_not_write_the_one_who_asked_is_written_to(office: Office):
    office.send(command(f"assess {SUBJECT}", channel="C-private"))
    until(lambda: threads.waiting(office.deps.engine))
    until(lambda: office.slack.posted)
    assert (office.slack.posted[0]["channel"], "is queued" in office.slack.posted[0]["text"]) == ("UMIKE", True)
    office.work()
    office.round()

    assert office.slack.posted[-1]["channel"] == "UMIKE"
    assert "proposed cleared" in office.slack.posted[-1]["text"]


def test_while_clearance_is_switched_off_the_thread_hears_that_it_waits(office: Office):
    own_switch.set_by_person(office.deps.engine, own_switch.OFF, "mike.chen", "", office.deps.clock())
    asked = chatting.order(office.deps, SUBJECT, GATE, "mike.chen")

    assert "is queued. Clearance is" in asked.sentence
    assert "nobody works at it until it is on" in asked.sentence


def test_where_the_flag_cannot_be_heard_whoever_asks_hears_that_its_last_value_counts(office: Office):
    """Also where the answer was cut short and is given once more."""
    engine, now = office.deps.engine, office.deps.clock()
    own_switch.heard(engine, own_switch.ON, "it serves true: FALLTHROUGH", now, fresh=True)
    office.send(mention(f"assess {SUBJECT}", event="Ev1", thread="1.0"))
    until(lambda: len(office.slack.posted) == 1)
    assert "last known" not in office.slack.posted[0]["text"]

    own_switch.not_heard(engine, "LaunchDarkly cannot be reached (status 503)", now)
    office.send(mention(f"assess {SUBJECT}", event="Ev2", thread="2.0"))
    until(lambda: len(office.slack.posted) == 2)
    said = "Clearance is on by LaunchDarkly's flag clearance-enabled since"
    assert f"is queued already; this joins it. {said}" in office.slack.posted[1]["text"]
    assert "its last known value, of" in office.slack.posted[1]["text"]

    heard = Heard("command:t1", "C1", "", "mike.chen")
    chatting.ask(office.deps, heard, SUBJECT, GATE)
    again = chatting.asked_before(office.deps, heard)
    assert again
    assert f"is queued. {said}" in again[0].sentence


def test_doctor_says_how_chat_stands(office: Office):
    assert health.chat(office.deps) == (f"Slack, workspace Acme ({TEAM}): it answers", True)

    office.slack.away = True
    said, works = health.chat(office.deps)
    assert not works
    assert "auth.test answered" in said
    assert TOKEN not in said


def test_doctor_ends_with_code_2_while_chat_is_not_well(office: Office):
    """The command itself; all else is well."""
    well = office.desk.cli("doctor", "--gate", GATE, **app_settings(office.slack))
    office.slack.away = True
    away = office.desk.cli("doctor", "--gate", GATE, **app_settings(office.slack))

    assert (well.returncode, away.returncode) == (0, 2), well.stdout + away.stdout
    assert f"Chat: Slack, workspace Acme ({TEAM}): it answers" in well.stdout
    assert "Chat: ❌ Slack:" in away.stdout


def test_doctor_says_when_the_token_is_of_another_workspace(office: Office):
    other = replace(office.deps.channels, chat=replace(office.deps.channels.chat, team="T0OTHER"))  # type: ignore[type-var]

    assert health.chat(replace(office.deps, channels=other))[1] is False


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"CLEARANCE_CHAT_SLACK_SECRET": ""}, "CLEARANCE_CHAT_SLACK_SECRET: is needed with the others"),
        ({"SLACK_BOT_TOKEN": TOKEN}, "is the token that reads evidence"),
        ({"CLEARANCE_CHAT_SLACK_TEAM": "acme"}, "must be the id of your workspace"),
        ({"CLEARANCE_CHAT_SLACK_URL": "http://slack.acme.example"}, "must be https://"),
    ],
)
def test_settings_that_do_not_hold_are_refused(office: Office, given: dict[str, str], says: str):
    own = office.deps.settings
    with pytest.raises(ConfigError, match=says):
        chat_of(replace(own, values={**own.values, **given}))


def test_slack_itself_is_given_no_longer_than_a_dialog_has():
    """A stand-in beside us is: it shares our machine, which only a sandbox's clock says."""
    own = {
        "CLEARANCE_CHAT_SLACK_TOKEN": TOKEN, "CLEARANCE_CHAT_SLACK_SECRET": "s" * 32, "CLEARANCE_CHAT_SLACK_TEAM": TEAM,
        "CLEARANCE_CHAT_SLACK_URL": "http://127.0.0.1:8000", "CLEARANCE_SMTP_URL": "smtp://mail.example:25",
        "CLEARANCE_SMTP_FROM": "clearance@acme.example",
    }  # fmt: skip
    found = channels(settings.read(own))

    assert found.chat
    assert (found.chat.timeout, found.seconds) == (2, 5)


@pytest.mark.parametrize(
    ("assurance", "issuer"),
    [(Assurance.OIDC, f"slack:{TEAM}"), (Assurance.SLACK, "https://login.acme.example"), (Assurance.SLACK, None),
     (Assurance.OIDC, None), (Assurance.KEY, f"slack:{TEAM}")],
)  # fmt: skip
def test_a_click_never_counts_for_a_login_or_a_key(office: Office, assurance: Assurance, issuer: str | None):
    """Whoever holds the product's key could write such a row; it counts nowhere."""
    at, key = office.deps.clock(), office.deps.house.key(office.deps.clock())
    login = LoggedIn(issuer=issuer, subject="UMIKE", at=at) if issuer else None
    one = signoffs.sign(
        key, review="rv-1", role="builder", person="mike.chen", name="Mike Chen", digest="0" * 64,
        decision=SignOffDecision.CLEARED, reason="", notes={}, at=at, channel="slack", assurance=assurance, login=login,
    )  # fmt: skip

    assert not signoffs.holds(one, office.deps.configuration.people(), [key.public])


def test_a_blocked_review_says_what_is_against_it_and_who_has_to_do_what(office: Office):
    """Worst first, with the sentence of each; no more than fits, and the button is still there."""
    document = asking.told(office.deps, asking.Place("https://clearance.acme.example"), office.review)
    line = document.items[0].model_copy(update={"glyph": "❌", "word": "not met", "sentence": HOSTILE})
    need = Need(where="9", what="The drill had nothing in flight.", who="Mike Chen", how="Drill again.")
    update = {"items": (line,) * 300, "needs": (need,) * 12, "proposal": "blocked"}
    message = told.message(document.model_copy(update=update))

    said = " ".join(texts(list(message.blocks)))
    assert "❌ not met: 1. " in said
    assert "Mike Chen (item 9): Drill again." in said
    assert "and 4 more on the page" in said
    assert len(message.blocks) <= 50
    assert [
        one["action_id"] for block in message.blocks for one in block.get("elements", []) if "action_id" in one
    ] == [
        "open_page",
        "sign_review",
    ]  # type: ignore[union-attr, operator, index]


def test_what_no_longer_stands_is_not_called_signed(office: Office):
    ended = asking.told(office.deps, asking.Place(), office.review).model_copy(
        update={"waits_for": (), "state": "revoked", "told": "was revoked by mike.chen", "decision": ""}
    )

    said = " ".join(texts(list(told.message(ended).blocks)))
    assert "was revoked by mike.chen" in said
    assert "Look at it and sign" not in said
