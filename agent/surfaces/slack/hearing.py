"""What is asked in chat: written down before Slack hears that it arrived, worked at once, and gone on with when that
was cut short.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from agent.errors import ClearanceError, Refused, StoreAway
from agent.outputs.chat import told
from agent.outputs.chat.told import Message
from agent.outputs.telling.channel import NotTold
from agent.outputs.telling.chat import NoPlace
from agent.service.chatting import Heard
from agent.store import chat as threads
from agent.store import inbox
from agent.store.database import SQLAlchemyError
from agent.store.inbox import Delivery
from agent.surfaces.slack.desk import Desk
from agent.surfaces.slack.wording import Command, typed

if TYPE_CHECKING:
    from slack_bolt import BoltResponse

Body = Mapping[str, Any]
LOG = "clearance"
LONGEST = 4000  # characters that are written down; fewer are looked at
AGAIN = (
    f"The store could not be reached, so whether this was begun is not known. It is tried {inbox.MOST} times in all, a "
    "minute or more apart; where no answer has come by then, ask again."
)


def of_command(body: Body) -> Delivery | None:
    """A slash command. Slack sends each once."""
    return _delivery(f"command:{body.get('trigger_id', '')}", "command", body, "channel_id", "user_id")


def of_mention(body: Body) -> Delivery | None:
    """Somebody's words to the app; None for another program's, or our own."""
    event = body.get("event") or {}
    if event.get("bot_id"):
        return None
    thread = str(event.get("thread_ts") or event.get("ts") or "")
    return _delivery(f"event:{body.get('event_id', '')}", "mention", event, "channel", "user", thread)


def _delivery(key: str, kind: str, body: Body, channel: str, member: str, thread: str = "") -> Delivery:
    text = str(body.get("text", ""))[:LONGEST].encode(errors="replace").decode().replace("\0", "")
    return Delivery(key, kind, str(body.get(channel, "")), thread, str(body.get(member, "")), text)


def of_another(desk: Desk, body: Body) -> bool:
    """Channels may be shared with other workspaces; whoever writes there from one of them is told nothing.

    `team_id` of an event is where our app is installed, whoever writes; the event itself names the writer's.
    """
    event = body.get("event") or {}
    ours = {desk.chat.team} if desk.chat.team.startswith("T") else {desk.chat.team, str(body.get("team_id", ""))}
    return any(event.get(name) not in (None, "", *ours) for name in ("user_team", "source_team", "team"))


def written(desk: Desk, of: Callable[[Body], Delivery | None]) -> Callable[..., Any]:
    """Before Slack is answered the delivery stands in the store; where it cannot, Slack is told to send it again."""

    def write(body: Body, next: Callable[[], Any]) -> BoltResponse | None:
        from slack_bolt import BoltResponse

        one = of(body)
        if one is None or of_another(desk, body):
            return BoltResponse(status=200, body="")
        try:
            new = inbox.hear(desk.deps.engine, one, desk.deps.clock())
        except (StoreAway, SQLAlchemyError, OSError) as error:
            logging.getLogger(LOG).warning("a question in chat could not be written down (%s)", type(error).__name__)
            return BoltResponse(status=503, body="")
        if not new:
            return BoltResponse(status=200, body="")
        next()
        return None

    return write


def work_left(desk: Desk) -> None:
    """What a killed process was at, and what Slack did not take the answer of; no more this time once one failed."""
    engine = desk.deps.engine
    for one in inbox.left(engine, desk.deps.clock()):
        if inbox.take(engine, one.key, desk.deps.clock()) and not work(desk, one):
            return


def work(desk: Desk, one: Delivery) -> bool:
    """Answer it; what could not be told, or not be looked up now, stays in the inbox. Who asked is told of a refusal,
    and of what the store holds but cannot give.

    False where it stays there. Raises nothing that has to do with Slack or the store.
    """
    log = logging.getLogger(LOG)
    try:
        try:
            heard = Heard(one.key, one.channel, one.thread, desk.person(one.member))
            (_typed if one.kind == "command" else _plain)(desk, heard, one)
        except (NotTold, StoreAway):
            raise
        except ClearanceError as error:
            _whisper(desk, one, told.sentence(str(error)))
        inbox.done(desk.deps.engine, one.key, desk.deps.clock())
        return True
    except NotTold as error:
        log.warning("%s", error)
    except (StoreAway, SQLAlchemyError, OSError) as error:
        log.warning("a question in chat could not be answered (%s)", type(error).__name__)
        whisper(desk, one.channel, one.member, told.sentence(AGAIN), one.thread)
    return False


def _typed(desk: Desk, heard: Heard, one: Delivery) -> None:
    found = typed(one.text)
    if isinstance(found, str):
        raise Refused(found)
    if found.kind == "assess":
        _assess(desk, found, heard, one)
    else:
        _whisper(desk, one, told.message(desk.answer(found, heard)))


def _plain(desk: Desk, heard: Heard, one: Delivery) -> None:
    found = desk.understood(one.text)
    if found.kind == "assess":
        _assess(desk, found, heard, one)
    elif found.kind == "evidence":  # who reads the channel is not known to people.yaml
        _whisper(desk, one, told.message(desk.answer(found, heard)))
    else:
        _post(desk, one, told.message(desk.answer(found, heard)))


def _assess(desk: Desk, command: Command, heard: Heard, one: Delivery) -> None:
    """Queue it first; that the thread cannot be begun now loses no result: it comes into the channel then, or to the
    one who asked where the app may not write there. Cut short between the two, the thread is begun at the next try.
    """
    before = threads.seen(desk.deps.engine, heard.key)
    if before and heard.thread:
        return
    found = desk.asked_before(heard) if before else desk.ask(command, heard)
    if found is None or not found[1]:
        return
    asked, number = found
    begun = _post(desk, one, told.message(asked))
    if begun and not heard.thread:
        threads.thread_is(desk.deps.engine, number, begun)


def _post(desk: Desk, one: Delivery, message: Message) -> str:
    """Into the channel or thread, and the message's time stamp; "" where only the one who asked could be told."""
    try:
        return desk.chat.post(one.channel, one.thread, message)
    except NoPlace:
        _whisper(desk, one, message)
        return ""


def _whisper(desk: Desk, one: Delivery, message: Message) -> None:
    """To one person, in the channel where the app may write, else in their own conversation with it. NotTold."""
    try:
        desk.chat.whisper(one.channel, one.member, message, one.thread)
    except NoPlace:
        desk.chat.post(one.member, "", message)


def whisper(desk: Desk, channel: str, member: str, message: Message, thread: str = "") -> None:
    """The same where nothing is lost that is not told."""
    try:
        _whisper(desk, Delivery("", "", channel, thread, member, ""), message)
    except NotTold as error:
        logging.getLogger(LOG).warning("%s", error)
