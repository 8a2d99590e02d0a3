"""The Slack app: what Slack sends is checked, taken once, heard at once and answered behind that."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agent.errors import ConfigError
from agent.outputs.chat.told import OPEN, SIGN
from agent.outputs.telling.chat import MISSING
from agent.store.inbox import Delivery
from agent.surfaces.slack import hearing, signing
from agent.surfaces.slack.desk import Desk
from agent.surfaces.slack.hearing import LOG

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_bolt.authorization import AuthorizeResult

Body = Mapping[str, Any]
ACKNOWLEDGED = 3  # seconds: so long Slack waits to hear that something arrived


def build(desk: Desk) -> App:
    """Asks Slack nothing. Only the workspace of the settings is heard; over HTTP only with its signature, five minutes
    long. What comes by Socket Mode has neither signature nor time stamp: the connection is ours, opened by our token.

    The library gets a client without a token: left alone it takes SLACK_BOT_TOKEN from the environment, which reads
    evidence. Without a signing secret it gets one that nobody knows, so that nothing can come over HTTP.
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
        name="clearance", logger=logger(), signing_secret=desk.chat.secret or secrets.token_hex(32),
        client=desk.chat.client(),
        authorize=authorize,  # type: ignore[arg-type]  # None is its way to say that nobody is let in
    )  # fmt: skip
    _listen(app, desk)
    for listener in getattr(app, "_listeners", ()):  # no public name; beside a stand-in we are given longer
        listener.ack_timeout = max(ACKNOWLEDGED, desk.chat.timeout)
    return app


def logger() -> logging.Logger:
    """The library's own lines only from warnings on: what it says below that holds what people wrote."""
    own = logging.getLogger(f"{LOG}.slack")
    own.setLevel(logging.WARNING)
    return own


def _listen(app: App, desk: Desk) -> None:
    app.command("/clearance", middleware=[hearing.written(desk, hearing.of_command)])(_of_command(desk))
    app.event("app_mention", middleware=[hearing.written(desk, hearing.of_mention)])(_of_mention(desk))
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
        _worked(desk, hearing.of_command(body))

    return command


def _of_mention(desk: Desk) -> Callable[..., None]:
    def mention(body: Body) -> None:
        _worked(desk, hearing.of_mention(body))

    return mention


def _worked(desk: Desk, one: Delivery | None) -> None:
    if one is not None:
        hearing.work(desk, one)
