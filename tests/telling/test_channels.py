"""One message through Slack, by e-mail, or not at all: text that is only text, and an end in time."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent import settings
from agent.errors import ConfigError
from agent.outputs.telling.channel import Channels, Message, NotTold
from agent.outputs.telling.mail import Mail, server_of
from agent.outputs.telling.slack import Slack
from agent.outward import channels, published_to
from agent.people import Someone
from collectors.sandbox.server import Running, serve
from collectors.sandbox.slack_posts import SlackPosts
from collectors.way import Network
from tests.telling.smtp import mail_server

DANA = Someone(name="Dana Ortiz", accounts={"slack": "U0DANA", "email": "dana@acme.example"})
PLAIN = Message("rv-1.1", "a subject", "the text")


def slack_at(running: Running, token: str = "xoxb-posts") -> Slack:
    return Slack(token, running.url, 60, Network())


@contextmanager
def slack(members: tuple[str, ...] = ("U0DANA",)) -> Iterator[tuple[SlackPosts, Running]]:
    stand_in = SlackPosts("xoxb-posts", members)
    running = serve(stand_in)
    try:
        yield stand_in, running
    finally:
        running.close()


@contextmanager
def silence() -> Iterator[int]:
    """A port at which somebody takes the call and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_slack_gets_a_direct_message_as_plain_text():
    """Nothing in it can mention a channel, link, or end the message early."""
    hostile = Message("rv-1.1", "x", "They said: <!channel> <https://evil.example|ok> & *bold*")
    with slack() as (stand_in, running):
        slack_at(running).send("U0DANA", hostile)

    assert stand_in.posted == [
        ("U0DANA", "They said: &lt;!channel&gt; &lt;https://evil.example|ok&gt; &amp; *bold*")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("token", "member", "told"),
    [("xoxb-other", "U0DANA", "invalid_auth"), ("xoxb-posts", "U0NOBODY", "user_not_found")],
)
def test_what_slack_refuses_is_said_by_slack_s_own_word(token: str, member: str, told: str):
    with slack() as (stand_in, running), pytest.raises(NotTold, match=told):
        slack_at(running, token).send(member, PLAIN)
    assert stand_in.posted == []


def test_mail_is_plain_text_with_one_line_of_subject_and_the_same_id_each_time():
    with mail_server() as server:
        mail = Mail(server_of(server.url), "clearance@acme.example", 60)
        mail.send("dana@acme.example", PLAIN)
        mail.send("dana@acme.example", PLAIN)

    first, second = server.letters
    assert (first["To"], first["Subject"], first.get_content_type()) == ("dana@acme.example", "a subject", "text/plain")
    assert first.get_content().strip() == "the text"
    assert first["Message-ID"] == second["Message-ID"]


def test_a_letter_that_the_server_refuses_is_not_told():
    with mail_server(unknown=("dana@",)) as server, pytest.raises(NotTold, match="did not take it"):
        Mail(server_of(server.url), "clearance@acme.example", 60).send("dana@acme.example", PLAIN)
    assert server.letters == []


def test_an_address_of_two_lines_sends_nothing():
    with mail_server() as server, pytest.raises(NotTold):
        Mail(server_of(server.url), "clearance@acme.example", 60).send(
            "dana@acme.example\nBcc: all@acme.example", PLAIN
        )
    assert server.letters == []


def test_what_hangs_ends_in_time():
    """However long the sockets' own time-outs are."""
    with silence() as port:
        hanging = Slack("xoxb-posts", f"http://127.0.0.1:{port}", 60, Network())
        with pytest.raises(NotTold, match=r"did not answer within 0\.2 s"):
            Channels((hanging,), seconds=0.2).send(hanging, DANA, PLAIN)


def test_a_person_is_reached_by_the_first_channel_that_has_an_address_for_them():
    post, mail = Slack("t", "http://127.0.0.1:1", 1, Network()), Mail(server_of("smtp://127.0.0.1:1"), "a@b", 1)
    both = Channels((post, mail))

    assert both.for_person(DANA) is post
    assert both.for_person(Someone(name="Mike", accounts={"email": "mike@acme.example"})) is mail
    assert both.for_person(Someone(name="Nobody")) is None
    assert both.for_person(None) is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"CLEARANCE_TELL_SLACK_TOKEN": "xoxb-1", "SLACK_BOT_TOKEN": "xoxb-1"}, "the token that reads evidence"),
        ({"CLEARANCE_SMTP_URL": "smtp://localhost"}, "CLEARANCE_SMTP_FROM"),
        ({"CLEARANCE_SMTP_URL": "http://localhost", "CLEARANCE_SMTP_FROM": "a@b"}, "CLEARANCE_SMTP_URL: write"),
    ],
)
def test_settings_that_do_not_hold_are_said(given: dict[str, str], told: str):
    with pytest.raises(ConfigError, match=told):
        channels(settings.read(given))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "needs CLEARANCE_PUBLISH_KEY_ID"),
        ({"CLEARANCE_PUBLISH_KEY_ID": "AK1", "AWS_ACCESS_KEY_ID": "AK1"}, "credentials are those that read evidence"),
        ({"CLEARANCE_PUBLISH_PROFILE": "p", "AWS_PROFILE": "p"}, "credentials are those that read evidence"),
    ],
)
def test_publishing_has_credentials_of_its_own(given: dict[str, str], told: str):
    with pytest.raises(ConfigError, match=told):
        published_to(settings.read({"CLEARANCE_PUBLISH": "s3://reports/launch", **given}))


def test_a_bucket_without_a_name_is_refused():
    with pytest.raises(ConfigError, match="write s3://bucket/prefix, or a folder"):
        published_to(settings.read({"CLEARANCE_PUBLISH": "s3://"}))


def test_a_sandbox_s_clock_goes_with_no_real_slack():
    """Else a made-up world would write to real people."""
    own = {"CLEARANCE_CLOCK": "2026-06-17T10:00:00Z", "PAGERDUTY_API_KEY": "k"}
    loopback = {"CLEARANCE_PAGERDUTY_URL": "http://127.0.0.1:1", "CLEARANCE_TELL_SLACK_TOKEN": "xoxb-1"}

    with pytest.raises(ConfigError, match=r"https://slack\.com is a real source"):
        settings.read({**own, **loopback}).clock()
