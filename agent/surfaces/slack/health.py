"""How it stands with the Slack app, for `doctor`: it asks Slack whose token it is, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outputs.telling.chat import Chat
from agent.periods import utc
from agent.store import chat as threads
from agent.store.inbox import MOST, given_up
from agent.store.lines import STOPPED, Line, every
from agent.store.outbox import undelivered

FRESH = timedelta(seconds=30)  # a connection that stands is noted every ten
TROUBLED = timedelta(minutes=3)  # one that does not is noted at each try, a minute apart at most


def chat(deps: Deps) -> tuple[str, bool]:
    """A sentence, and whether chat works: the app answers, is of our workspace, and no result is stuck. What waits is
    told while Slack is away too: that is when it does.
    """
    app = deps.channels.chat
    if app is None:
        return "nobody asks here (CLEARANCE_CHAT_SLACK_TOKEN is not set)", True
    try:
        said, works = _app(app)
        line, connected = _line(deps, app)
        said, works = said + line, works and connected
    except ClearanceError as error:
        said, works = f"❌ Slack: {error}", False
    waiting = len(threads.waiting(deps.engine))
    stuck = sum(row.is_for_chat for row in undelivered(deps.engine))
    told = f"; {waiting} threads wait for a result" if waiting else ""
    told += f"; ❌ {stuck} results could not be posted yet (`clearance outbox` tries again)" if stuck else ""
    page = "" if deps.settings.get("CLEARANCE_PAGE_URL") else "; no links, since CLEARANCE_PAGE_URL is not set"
    lost = given_up(deps.engine)
    tried = f"; questions that were tried {MOST} times and have no answer"
    told += f"{tried}: {lost} (whoever asked may ask again)" if lost else ""
    return said + told + page, works and not stuck


def _line(deps: Deps, app: Chat) -> tuple[str, bool]:
    """Socket Mode: whether any process is connected now, else when one last was and why none is. Slack is asked about
    the token only where nobody is connected: it limits how often an app may ask for an address.
    """
    if not app.app_token:
        return "", True
    known, now = every(deps.engine), deps.clock()
    up = [one for one in known if not one.trouble and now - one.at <= FRESH]
    if up:
        since = min(one.since for one in up if one.since)
        many = f"{len(up)} processes are" if len(up) > 1 else "one process is"
        return f"; Socket Mode: {many} connected, since {utc(since)}{_not_connected(known, now)}", True
    app.may_connect()
    last = max((one.seen_at for one in known if one.seen_at), default=None)
    when = f"; the last was at {utc(last)}" if last else ", and none ever was"
    why = next((f" ({one.trouble})" for one in known if one.trouble), "")
    return f"; ❌ Socket Mode: no process is connected{when}{why}; start `clearance worker` or `clearance serve`", False


def _app(app: Chat) -> tuple[str, bool]:
    id, name = app.who()
    if id != app.team:
        return f"❌ Slack: the token is of workspace {id} ({name}), and CLEARANCE_CHAT_SLACK_TEAM is {app.team}", False
    return f"Slack, workspace {name} ({id}): it answers", True


def _not_connected(known: Sequence[Line], now: datetime) -> str:
    """What keeps others away while some are connected: theirs is told nowhere else but in their own log."""
    away = [one.trouble for one in known if one.trouble not in ("", STOPPED) and now - one.at <= TROUBLED]
    return f"; ⚠️ {len(away)} could not be: {'; '.join(sorted(set(away)))}" if away else ""
