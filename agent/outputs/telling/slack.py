"""A direct message in Slack: a client and a token of its own, apart from those that read evidence.

Scopes: im:write (conversations.open) and chat:write (chat.postMessage). https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from agent.outputs.telling.channel import Message, NotTold
from agent.people import Someone
from collectors.way import Network

DEFAULT_URL = "https://slack.com"
LONGEST_ANSWER = 200_000


def escape(text: str) -> str:
    """Slack reads `<…>` as links, mentions and `<!channel>`; with these three replaced nothing of it is left."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True)
class Slack:
    """`account` `slack` in people.yaml is the person's member id (U…)."""

    token: str = field(repr=False)
    base_url: str
    timeout: float
    network: Network
    name: str = "slack"

    def address(self, someone: Someone) -> str | None:
        return someone.accounts.get("slack")

    def send(self, address: str, message: Message) -> None:
        """Open the conversation with one person, and post to it as plain text."""
        opened = self._call("conversations.open", {"users": address})
        channel = opened.get("channel")
        to = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(to, str):
            raise NotTold("Slack opened a conversation and did not say which")
        body = {"channel": to, "text": escape(message.text), "mrkdwn": False}
        self._call("chat.postMessage", {**body, "unfurl_links": False, "unfurl_media": False})

    def _call(self, method: str, body: dict[str, object]) -> dict[str, object]:
        import httpx2

        from collectors.http import outward
        from collectors.way import Way

        headers = {"authorization": f"Bearer {self.token}"}
        transport = outward(Way(network=self.network))
        try:
            with httpx2.Client(base_url=self.base_url, timeout=self.timeout, transport=transport) as client:
                response = client.post(f"/api/{method}", json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise NotTold(f"Slack {method} could not be reached ({type(error).__name__})") from error
        if response.status_code != 200:
            raise NotTold(f"Slack {method} answered {response.status_code}")
        return _answer(response.content, method)


def _answer(content: bytes, method: str) -> dict[str, object]:
    try:
        answer = json.loads(content[:LONGEST_ANSWER])
    except ValueError as error:
        raise NotTold(f"Slack {method} answered 200 with a body that is not JSON") from error
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        told = answer if isinstance(answer, dict) else {}
        needed = f"; it needs {str(told['needed'])[:80]}" if told.get("needed") else ""
        named = str(told.get("error", "that it does not name"))[:80]
        raise NotTold(f"Slack {method} answered with the error {named}{needed}")
    return answer
