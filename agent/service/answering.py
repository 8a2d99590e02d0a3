"""Use case: give a thread in chat the result that it waits for. It stays in the outbox until Slack has taken it."""

from __future__ import annotations

from agent.deps import Deps
from agent.errors import ClearanceError
from agent.outputs.chat import told
from agent.outputs.chat.told import Message
from agent.outputs.telling.channel import NotTold, within
from agent.outputs.telling.chat import Chat, NoPlace
from agent.service import asking
from agent.service.asking import Place
from agent.store import outbox
from agent.store.outbox import OutboxRow

NAME = "chat"


def give(deps: Deps, row: OutboxRow, broken: set[str]) -> list[str]:
    """Post it, or say why it stays. Only who has the app's token posts; once it failed, no more this time."""
    chat = deps.channels.chat
    if chat is None or NAME in broken or not outbox.claim(deps.engine, row.id, deps.clock()):
        return []
    message = message_of(deps, row)
    try:
        within(deps.channels.seconds, lambda: _post(deps, chat, row, message), NAME)
    except NotTold as error:
        broken.add(NAME)
        outbox.failed(deps.engine, row, str(error), deps.clock())
        return [f"the thread that asked for {row.about['subject']} has no answer yet: {error}"]
    outbox.done(deps.engine, row.id, NAME, deps.clock())
    return []


def round_(deps: Deps) -> list[str]:
    """Every thread whose result is due; sentences about those that could not be told."""
    broken = set[str]()
    due = [row for row in outbox.due(deps.engine, deps.clock()) if row.is_for_chat]
    return [sentence for row in due for sentence in give(deps, row, broken)]


def message_of(deps: Deps, row: OutboxRow) -> Message:
    """The review as it stands now; where it cannot be read, or there is none, a sentence that says so."""
    about = row.about
    if not row.review:
        return told.sentence(f"{about['subject']} at {about['gate']} was not assessed: {about['failed']}")
    try:
        return told.message(asking.told(deps, Place(deps.settings.get("CLEARANCE_PAGE_URL") or ""), row.review))
    except ClearanceError as error:
        return told.sentence(f"{row.review} of {about['subject']} at {about['gate']} cannot be shown: {error}")


def _post(deps: Deps, chat: Chat, row: OutboxRow, message: Message) -> None:
    """Into the thread; to the person who asked where Slack lets nobody write there."""
    try:
        chat.post(row.about["channel"], row.about["thread"], message)
    except NoPlace:
        someone = deps.configuration.people().people.get(row.person)
        to = someone.accounts.get("slack") if someone else None
        if to is None:
            raise
        chat.post(to, "", message)
