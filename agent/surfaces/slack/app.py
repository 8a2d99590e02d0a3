"""The Slack app: what Slack sends is checked, taken once, heard at once and answered behind that."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agent.errors import ClearanceError, ConfigError
from agent.outputs.chat import told
from agent.outputs.chat.told import OPEN, SIGN, Message
from agent.outputs.telling.channel import NotTold
from agent.outputs.telling.chat import MISSING, NoPlace
from agent.service.chatting import Heard
from agent.store import chat as threads
from agent.store.database import SQLAlchemyError
from agent.surfaces.slack import signing
from agent.surfaces.slack.desk import Desk
from agent.surfaces.slack.wording import Command, typed

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_bolt.authorization import AuthorizeResult

Body = Mapping[str, Any]
LOG = "clearance"


def build(desk: Desk) -> App:
    """Asks Slack nothing. Only the workspace of the settings is heard, and only with its signature, five minutes long.

    The library gets a client without a token: left alone it takes SLACK_BOT_TOKEN from the environment, which reads
    evidence.
    """
    try:
        from slack_bolt import App
        from slack_bolt.authorization import AuthorizeResult
    except ImportError as error:
        raise ConfigError(MISSING) from error

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        if desk.chat.team not in (team_id, enterprise_id):
            return None
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=desk.chat.token)

    app = App(
        name="clearance", logger=_logger(), signing_secret=desk.chat.secret, client=desk.chat.client(),
        authorize=authorize,  # type: ignore[arg-type]  # None is its way to say that nobody is let in
    )  # fmt: skip
    _listen(app, desk)
    return app


def _logger() -> logging.Logger:
    """Its own lines only from warnings on: what it says below that holds what people wrote."""
    own = logging.getLogger(f"{LOG}.slack")
    own.setLevel(logging.WARNING)
    return own


def _listen(app: App, desk: Desk) -> None:
    app.command("/clearance")(_of_command(desk))
    app.event("app_mention")(_of_mention(desk))
    app.action(OPEN)(lambda ack: ack())  # a link: the browser has opened it
    app.action(SIGN)(signing.clicked(desk))
    app.view(signing.CALLBACK)(signing.submitted(desk))
    app.error(_unexpected)


def _unexpected(error: Exception) -> None:
    """What nobody expected: whole in the log. Slack tells whoever asked that there was no answer."""
    logging.getLogger(LOG).error("incident %s in chat", secrets.token_hex(4), exc_info=error)


def _of_command(desk: Desk) -> Callable[..., None]:
    def command(ack: Callable[..., Any], body: Body) -> None:
        ack()
        key = f"command:{body.get('trigger_id', '')}"
        heard_in = Heard(key, str(body.get("channel_id", "")), "", "")
        _safely(desk, body["user_id"], heard_in, lambda heard: _run_typed(desk, heard, body))

    return command


def _run_typed(desk: Desk, heard: Heard, body: Body) -> None:
    found = typed(str(body.get("text", "")))
    user = str(body["user_id"])
    if isinstance(found, str):
        whisper(desk, heard, user, told.sentence(found))
    elif found.kind == "assess":
        _assess(desk, found, heard, user)
    elif threads.claim(desk.deps.engine, heard.key, desk.deps.clock()):
        whisper(desk, heard, user, told.message(desk.answer(found, heard)))


def _of_mention(desk: Desk) -> Callable[..., None]:
    def mention(body: Body, event: Body) -> None:
        if event.get("bot_id"):  # another program's words, or our own
            return
        thread = str(event.get("thread_ts") or event.get("ts") or "")
        heard_in = Heard(f"event:{body.get('event_id', '')}", str(event.get("channel", "")), thread, "")
        user, text = str(event.get("user", "")), str(event.get("text", ""))
        _safely(desk, user, heard_in, lambda heard: _run_plain(desk, heard, user, text))

    return mention


def _run_plain(desk: Desk, heard: Heard, user: str, text: str) -> None:
    if threads.seen(desk.deps.engine, heard.key):
        return
    found: Command = desk.understood(text)
    if found.kind == "assess":
        _assess(desk, found, heard, user)
    elif threads.claim(desk.deps.engine, heard.key, desk.deps.clock()):
        message = told.message(desk.answer(found, heard))
        if found.kind == "evidence":  # who reads the channel is not known to people.yaml
            whisper(desk, heard, user, message)
        else:
            desk.chat.post(heard.channel, heard.thread, message)


def _assess(desk: Desk, command: Command, heard: Heard, user: str) -> None:
    """Queue it first; that the thread cannot be begun now loses no result: it comes into the channel then, or to the
    one who asked where the app may not write there.
    """
    if threads.seen(desk.deps.engine, heard.key):
        return
    asked, number = desk.ask(command, heard)
    if not number:
        return
    try:
        begun = desk.chat.post(heard.channel, heard.thread, told.message(asked))
    except NoPlace:
        whisper(desk, heard, user, told.message(asked))
        return
    if not heard.thread:
        threads.thread_is(desk.deps.engine, number, begun)


def _safely(desk: Desk, user: str, heard: Heard, work: Callable[[Heard], None]) -> None:
    """A refusal is told to the one who asked, and to nobody else."""
    try:
        work(Heard(heard.key, heard.channel, heard.thread, desk.person(user)))
    except NotTold as error:
        logging.getLogger(LOG).warning("%s", error)
    except ClearanceError as error:
        whisper(desk, heard, user, told.sentence(str(error)))
    except (SQLAlchemyError, OSError) as error:
        logging.getLogger(LOG).warning("a question in chat could not be answered (%s)", type(error).__name__)
        whisper(desk, heard, user, told.sentence("The store could not be reached; nothing was begun. Ask again."))


def whisper(desk: Desk, heard: Heard, user: str, message: Message) -> None:
    """To one person, in the channel where the app may write, else in their own conversation with it."""
    try:
        try:
            desk.chat.whisper(heard.channel, user, message, heard.thread)
        except NoPlace:
            desk.chat.post(user, "", message)
    except NotTold as error:
        logging.getLogger(LOG).warning("%s", error)
