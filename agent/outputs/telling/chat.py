"""Slack as the app that is asked in chat: posts into channels and threads, private sentences, and dialogs.

Scopes: chat:write, commands, app_mentions:read. https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue

from agent.errors import ConfigError, Refused
from agent.outputs.telling.channel import NotTold
from collectors.way import Network

if TYPE_CHECKING:
    from slack_sdk import WebClient
    from slack_sdk.web import SlackResponse

    from agent.outputs.chat.told import Message

DEFAULT_URL = "https://slack.com"
NOT_THERE = ("not_in_channel", "channel_not_found", "is_archived", "restricted_action", "missing_scope")
MISSING = "Slack's client is not installed: pip install 'clearance[chat]'"
OPENS = "apps.connections.open"
NOT_TAKEN = (
    "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type",
    "missing_scope", "no_permission", "forbidden_team", "access_denied",
    "team_disabled", "user_removed_from_team",
)  # fmt: skip
SECONDS = 2  # of one call: a dialog has to be open within three


class NoPlace(NotTold):
    """Slack lets the app write nothing there; another place may do."""


class Calls(Protocol):
    """One call of Slack's client."""

    def __call__(self, client: WebClient) -> SlackResponse: ...


@dataclass(frozen=True)
class Chat:
    """`secret` signs what Slack sends over HTTP, "" = nothing comes there; `app_token` opens a connection on which it
    sends (Socket Mode), "" = none is. `team` is the one workspace that is heard.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    team: str
    base_url: str
    network: Network
    timeout: int = SECONDS
    app_token: str = field(default="", repr=False)

    def client(self, token: str | None = None) -> WebClient:
        """Slack's own, which asks nothing by itself. ConfigError where it is not installed."""
        try:
            from slack_sdk import WebClient
        except ImportError as error:
            raise ConfigError(MISSING) from error
        bundle = str(self.network.ca_bundle) if self.network.ca_bundle else None
        return WebClient(
            token, base_url=f"{self.base_url}/api/", timeout=self.timeout, proxy=self.network.proxy,
            ssl=ssl.create_default_context(cafile=bundle),
        )  # fmt: skip

    def post(self, channel: str, thread: str, message: Message) -> str:
        """The time stamp of the message, by which Slack knows its thread. NoPlace, or NotTold."""
        return self._call("chat.postMessage", lambda client: client.chat_postMessage(
            channel=channel, thread_ts=thread or None, text=message.text, blocks=list(message.blocks),
            unfurl_links=False, unfurl_media=False,
        ), "ts")  # fmt: skip

    def whisper(self, channel: str, user: str, message: Message, thread: str = "") -> None:
        """A sentence that one person sees."""
        self._call("chat.postEphemeral", lambda client: client.chat_postEphemeral(
            channel=channel, user=user, text=message.text, blocks=list(message.blocks), thread_ts=thread or None,
        ))  # fmt: skip

    def open(self, trigger: str, view: dict[str, JsonValue]) -> str:
        """A dialog; its id. `trigger` is good for three seconds after the click."""
        return self._call("views.open", lambda client: client.views_open(trigger_id=trigger, view=view), "view")

    def replace(self, id: str, view: dict[str, JsonValue]) -> None:
        """What an open dialog shows now."""
        self._call("views.update", lambda client: client.views_update(view_id=id, view=view))

    def who(self) -> tuple[str, str]:
        """The workspace of the token, by id and by name."""
        with asking("auth.test"):
            answer = self.client(self.token).auth_test()
            return str(answer.get("team_id") or ""), str(answer.get("team") or "")

    def may_connect(self) -> None:
        """Asks for an address to connect to, and leaves it. Refused where Slack does not take the app-level token."""
        with connecting():
            self.client().apps_connections_open(app_token=self.app_token)

    def _call(self, method: str, call: Calls, wanted: str = "") -> str:
        with asking(method):
            answer = call(self.client(self.token))
            found = answer.get(wanted) if wanted else ""
        return str(found.get("id", "") if isinstance(found, dict) else found or "")


@contextmanager
def asking(method: str) -> Iterator[None]:
    """What Slack's client raises, in a sentence without the token."""
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        yield
    except SlackApiError as error:
        raise _refused(method, error.response) from error
    except (SlackClientError, OSError, http.client.HTTPException, ValueError) as error:
        raise NotTold(f"Slack {method} could not be reached ({type(error).__name__})") from error


@contextmanager
def connecting() -> Iterator[None]:
    """As `asking`, for what the app-level token opens. Refused says what to do where Slack does not take the token."""
    from slack_sdk.errors import SlackApiError

    try:
        with asking(OPENS):
            yield
    except NotTold as error:
        cause = error.__cause__
        named = str(cause.response.get("error") or "") if isinstance(cause, SlackApiError) else ""
        if named in NOT_TAKEN:
            raise Refused(
                f"Slack refuses CLEARANCE_CHAT_SLACK_APP_TOKEN ({OPENS}: {named}); make an app-level token with the "
                "scope connections:write (Basic Information, App-Level Tokens), and turn Socket Mode on"
            ) from error
        raise


def _refused(method: str, response: SlackResponse | dict[str, object]) -> NotTold:
    """What Slack names as its reason; where it names none, the status."""
    named, needed = response.get("error"), response.get("needed")
    if not isinstance(named, str) or not named:
        return NotTold(f"Slack {method} answered {getattr(response, 'status_code', 'no JSON')}")
    more = f"; it needs {str(needed)[:80]}" if needed else ""
    return (NoPlace if named in NOT_THERE else NotTold)(f"Slack {method} answered with the error {named[:80]}{more}")
