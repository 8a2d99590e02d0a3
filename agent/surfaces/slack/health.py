"""How it stands with the Slack app, for `doctor`: it asks Slack whose token it is, and nothing else."""

from __future__ import annotations

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outputs.telling.chat import Chat
from agent.service.chatting import KIND
from agent.store import chat as threads
from agent.store.outbox import undelivered


def chat(deps: Deps) -> tuple[str, bool]:
    """A sentence, and whether chat works: the app answers, is of our workspace, and no result is stuck."""
    app = deps.channels.chat
    if app is None:
        return "nobody asks here (CLEARANCE_CHAT_SLACK_TOKEN is not set)", True
    try:
        said, works = _app(app)
    except ClearanceError as error:
        return f"❌ Slack: {error}", False
    waiting = len(threads.waiting(deps.engine))
    stuck = sum(row.kind.startswith(KIND) for row in undelivered(deps.engine))
    told = f"; {waiting} threads wait for a result" if waiting else ""
    told += f"; ❌ {stuck} results could not be posted yet (`clearance outbox` tries again)" if stuck else ""
    page = "" if deps.settings.get("CLEARANCE_PAGE_URL") else "; no links, since CLEARANCE_PAGE_URL is not set"
    return said + told + page, works and not stuck


def _app(app: Chat) -> tuple[str, bool]:
    id, name = app.who()
    if id != app.team:
        return f"❌ Slack: the token is of workspace {id} ({name}), and CLEARANCE_CHAT_SLACK_TEAM is {app.team}", False
    return f"Slack, workspace {name} ({id}): it answers", True
