"""Signing from Slack: a click opens a dialog over one digest, and what is sent from there goes to the one use case.

Who signs is whom Slack signed the click of. What the dialog brings back is believed only as far as the store agrees.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.domain import SignOff, SignOffDecision
from agent.errors import ClearanceError, Refused, UsageError
from agent.outputs.chat import told
from agent.outputs.chat.sheet import CALLBACK, FIELD, Sheet, sentence_view, view
from agent.outputs.telling.channel import NotTold
from agent.service import asking, roles, signing
from agent.service.board import roles_of
from agent.service.caller import Caller, in_slack
from agent.service.finishing import Shown, shown
from agent.service.opened import opened
from agent.store import chat as threads
from agent.store.database import SQLAlchemyError
from agent.store.reviews import ENDED
from agent.surfaces.slack.desk import Desk
from agent.surfaces.slack.hearing import whisper

CHANNEL = "slack"
THEN = "What comes of it is told here in a moment, and in a message to you."
LONGEST_ERROR = 2000  # characters beside a field
Body = Mapping[str, Any]
__all__ = ["CALLBACK", "clicked", "submitted"]


@dataclass(frozen=True)
class Sent:
    """What came back from a dialog: which digest of which review was shown, and the fields that were filled in."""

    review: str
    digest: str
    role: str
    decision: SignOffDecision
    reason: str
    label: str
    notes: dict[str, str]
    concerns: dict[str, str]


def clicked(desk: Desk) -> Callable[..., None]:
    """Opens the dialog, or says to the one who clicked why there is none."""

    def click(ack: Callable[..., Any], body: Body) -> None:
        ack()
        trigger, user = str(body.get("trigger_id", "")), str(body["user"]["id"])
        try:
            if threads.claim(desk.deps.engine, f"action:{trigger}", desk.deps.clock()):
                _of_ours(desk, body)
                _open(desk, trigger, user, str(body["actions"][0].get("value", "")))
        except NotTold as error:
            logging.getLogger("clearance").warning("%s", error)
            _privately(desk, body, user, f"The dialog could not be opened ({error}); sign on the page instead.")
        except ClearanceError as error:
            _privately(desk, body, user, str(error))
        except (SQLAlchemyError, OSError) as error:
            _privately(desk, body, user, f"The store could not be reached ({type(error).__name__}). Try again.")

    return click


def _of_ours(desk: Desk, body: Body) -> None:
    """Channels may be shared with other workspaces; their members sign nothing here.

    `team` is then theirs too, so it counts only where our app is installed in the organization that holds it.
    """
    team = body.get("team") or {}
    of = str(body["user"].get("team_id") or team.get("id") or desk.chat.team)
    organization = str((body.get("enterprise") or {}).get("id") or team.get("enterprise_id") or "")
    if of != desk.chat.team and not (organization == desk.chat.team and of == str(team.get("id"))):
        raise Refused("you are a member of another workspace; nobody signs from there")


def _open(desk: Desk, trigger: str, user: str, review: str) -> None:
    who = in_slack(desk.deps, desk.chat.team, user)
    state = shown(desk.deps, review)
    sheet = _sheet(desk, state, who)
    made = view(sheet, {"review": review, "digest": state.document.digest})
    if made is None:
        where = f"on its page: {sheet.link}" if sheet.link else "on its page, or with `clearance sign`"
        raise Refused(f"{review} does not fit into a dialog of Slack, and nobody signs a part; sign it {where}")
    desk.chat.open(trigger, made)
    for number in state.document.notes_for:
        opened(desk.deps, review, number, who.person, CHANNEL)


def _sheet(desk: Desk, state: Shown, who: Caller) -> Sheet:
    document = state.document
    noted = [item for item in document.items if item.number in document.notes_for]
    facts = {item.number: asking.facts_of(desk.deps, document, item) for item in noted}
    link = desk.place.review(document.review)
    return Sheet(document, state.signed, _roles(desk, state, who), facts, who.name, link)


def _roles(desk: Desk, state: Shown, who: Caller) -> tuple[str, ...]:
    """The roles in which this person may sign from here; Refused says why there is none."""
    row = state.row
    if row.rehearsal or row.state != "signing":
        why = "is a rehearsal" if row.rehearsal else ENDED.get(row.state, row.state).format(by=row.ended_by)
        raise Refused(f"{row.id} {why}; it takes no more signatures")
    good, why_not = [], ""
    for role in roles_of(desk.deps, state, who.person):
        try:
            roles.check(desk.deps, state, who, role)
            good.append(role)
        except Refused as error:
            why_not = str(error)
    if not good:
        signed = next((one for one in state.signed if one.person == who.person), None)
        done = f"{who.name} has signed as {signed.role.replace('_', ' ')}" if signed else ""
        raise Refused(why_not or f"{row.id}: {done or f'no signature is asked of {who.name}'}")
    return tuple(good)


def submitted(desk: Desk) -> Callable[..., None]:
    """Signs, or puts the reason why not beside the fields. Slack hears of a signature that is in its table by then, so
    no kill takes one away that somebody was told of; what takes its time comes behind the answer.
    """

    def submit(ack: Callable[..., Any], body: Body) -> None:
        key = f"view:{body.get('trigger_id') or body['view'].get('hash', '')}"
        try:
            if not threads.claim(desk.deps.engine, key, desk.deps.clock()):
                ack(response_action="update", view=sentence_view(_again(desk, body)))
                return
            sent, who = _given(desk, body)
            one = _insert(desk, who, sent)
        except ClearanceError as error:
            ack(response_action="errors", errors={"decision": _plain(str(error))[:LONGEST_ERROR]})
            return
        except (SQLAlchemyError, OSError) as error:
            said = (
                f"Whether it is signed could not be seen ({type(error).__name__}); look at the review, then try again."
            )
            ack(response_action="errors", errors={"decision": said})
            return
        ack(response_action="update", view=sentence_view(f"{_kept(one)} {THEN}"))
        _complete(desk, body, one)

    return submit


def _given(desk: Desk, body: Body) -> tuple[Sent, Caller]:
    _of_ours(desk, body)
    return _sent(body["view"]), in_slack(desk.deps, desk.chat.team, str(body["user"]["id"]))


def _again(desk: Desk, body: Body) -> str:
    """Whoever took it first may have been killed before it was signed: only the table knows."""
    sent, who = _given(desk, body)
    for one in desk.deps.reviews.signoffs(sent.review):
        if (one.person, one.digest, one.role) == (who.person, sent.digest, sent.role):
            return f"{_kept(one)} This was sent twice; the first one counts."
    link = desk.place.review(sent.review)
    where = f": {link}" if link else f"; look at {sent.review}."
    return f"This was sent before, and no signature of it is there yet; whether it is signed, the review says{where}"


def _insert(desk: Desk, who: Caller, sent: Sent) -> SignOff:
    return signing.insert(
        desk.deps, who, sent.review, sent.role, sent.decision, reason=sent.reason, notes=sent.notes,
        concerns=sent.concerns, digest=sent.digest, channel=CHANNEL, label=sent.label,
    )  # fmt: skip


def _complete(desk: Desk, body: Body, one: SignOff) -> None:
    """Finish the review where nothing is missing any more, and say what came of it; that Slack is away by then changes
    nothing of it.

    In the dialog, and in a message to the signer: nothing of Slack's tells which of an answer and a later call it shows
    last, and a dialog may be closed by then.
    """
    try:
        said = _signed(one, signing.complete(desk.deps, one))
    except ClearanceError as error:
        said = f"{_kept(one)} What comes of it could not be seen: {_plain(str(error))}"
    except (SQLAlchemyError, OSError) as error:
        said = f"{_kept(one)} What comes of it could not be seen ({type(error).__name__})."
    try:
        desk.chat.replace(str(body["view"].get("id", "")), sentence_view(said))
    except NotTold as error:
        logging.getLogger("clearance").warning("%s", error)
    _privately(desk, body, str(body["user"]["id"]), said)


def _kept(one: SignOff) -> str:
    return f"{one.name} signed {one.review} as {one.role.replace('_', ' ')}: {one.decision}, over digest {one.digest}."


def _signed(one: SignOff, done: signing.Signed) -> str:
    short = f" Signatures that are missing: {', '.join(done.missing)}." if done.missing else ""
    return f"{_kept(one)}{short} {' '.join(done.said)}".strip()


def _sent(body: Body) -> Sent:
    """The fields, and what went along with them. Refused where it is not what our own dialog sends."""
    try:
        told_, values = json.loads(body["private_metadata"]), body["state"]["values"]
        review, digest = str(told_["review"]), str(told_["digest"])
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("the dialog does not say what it was opened over; nothing was signed") from error
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise Refused("the dialog does not say which digest it showed; nothing was signed")
    given = {name: _value(field.get(FIELD, {})) for name, field in values.items()}
    if given.get("decision") not in list(SignOffDecision):
        raise UsageError("choose what you decide; nothing was signed")
    decision = SignOffDecision(given["decision"])
    through = decision in (SignOffDecision.CLEARED, SignOffDecision.CONDITIONAL)
    notes, concerns = (_named(given, prefix) if through else {} for prefix in ("note-", "concern-"))
    return Sent(
        review, digest, given.get("role", ""), decision, given.get("reason", "").strip(), given.get("label", ""),
        notes, concerns,
    )  # fmt: skip


def _value(field: Mapping[str, Any]) -> str:
    chosen = field.get("selected_option")
    return str(chosen["value"]) if chosen else str(field.get("value") or "").replace("\r\n", "\n")


def _named(given: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {k.removeprefix(prefix): v.strip() for k, v in given.items() if k.startswith(prefix) and v.strip()}


def _plain(text: str) -> str:
    """Options of the command line as a dialog has them."""
    text = re.sub(r'(?: --(?:note|concern) [\w.-]+="…")+', "", text)
    return re.sub(r"--(?:note|concern) ([\w.-]+)=…", r"\1", text).replace("with --reason ", "").replace("--", "")


def _privately(desk: Desk, body: Body, user: str, sentence: str) -> None:
    """To the one who clicked, in the channel, or in their own conversation with the app."""
    channel = str((body.get("channel") or {}).get("id", "")) or user
    thread = str((body.get("message") or {}).get("thread_ts") or "")
    whisper(desk, channel, user, told.sentence(_plain(sentence)), thread)
