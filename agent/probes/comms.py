"""Item 8: each message is drafted, has an audience, and goes out no later than launch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from agent.cards import Comms, Launch, Zone
from agent.domain import Finding
from agent.probes.findings import day, failed, noted, number, passed, resource, unknown, warned
from agent.probes.launch import business_days_until
from agent.probes.registry import probe
from agent.probes.rota import utc
from agent.probes.stated import ends, only_reported
from collectors.documents import FileFacts
from collectors.evidence import Fact, Origin, Time
from collectors.slack.facts import ScheduledMessage, ScheduledMessagesFacts
from collectors.statements import CommsFacts

_ROOM = 2  # business days before launch from which a message without a time is no longer merely late


@dataclass(frozen=True)
class _Message:
    """What a source says of one message. `drafted` None = it does not say; `scheduled` None = no time set."""

    drafted: bool | None
    audience: str
    scheduled: Time | None


@dataclass(frozen=True)
class _Asked:
    """What the card asks of one message of its plan."""

    comms: Comms
    launch: Launch
    zone: str
    plan: tuple[Comms, ...]

    @property
    def named(self) -> dict[str, Fact]:
        return {"message": resource(self.comms.title or self.comms.id)}


@probe
def message_is_drafted_and_scheduled(
    message: CommsFacts | FileFacts | ScheduledMessagesFacts,
    *, comms: Comms, launch: Launch, zone: Zone, as_of: AwareDatetime, plan: tuple[Comms, ...] = (),
) -> Finding:  # fmt: skip
    """The message is drafted, has an audience, and is scheduled no later than the day of launch."""
    asked = _Asked(comms, launch, zone, plan)
    if isinstance(message, ScheduledMessagesFacts):
        return _in_channel(message, asked)
    if isinstance(message, CommsFacts) and not message.statement.proven:
        return only_reported(message.statement, "The standing of {message}", **asked.named)
    one = _message(message, comms)
    until = ends(message.statement) if isinstance(message, CommsFacts) else None
    clauses, facts = _shortcomings(one, asked)
    if one.scheduled is None:
        today = as_of.astimezone(ZoneInfo(zone)).date()
        left = business_days_until(today, launch.date, launch.holidays)
        return _unscheduled(launch, left, clauses, asked.named, until)
    if clauses:
        return failed("{message} " + " and ".join(clauses), {**asked.named, **facts})
    sentence = "{message} is drafted and scheduled for {scheduled}"
    if isinstance(message, CommsFacts) and comms.source != "attestation":
        facts = {**asked.named, "scheduled": one.scheduled, "author": message.statement.author}
        told = f"{sentence}, as {{author}} states of what its source does not show"
        return noted(told, facts, valid_until=until)
    return passed(sentence, asked.named, valid_until=until, scheduled=one.scheduled)


def _message(found: CommsFacts | FileFacts | ScheduledMessage, comms: Comms) -> _Message:
    if isinstance(found, ScheduledMessage):
        text = None if found.text is None else bool(found.text.value.strip())
        return _Message(text, comms.audience or "", found.post_at)
    if isinstance(found, FileFacts):
        return _Message(found.size.value > 0, comms.audience or "", None)
    stated = found.audience.value if found.audience else ""
    return _Message(found.drafted.value == "drafted", comms.audience or stated, found.scheduled)


def _shortcomings(one: _Message, asked: _Asked) -> tuple[list[str], dict[str, Fact]]:
    """What is known to be wrong; what a source does not say is no shortcoming, and no merit either."""
    clauses = ["is not drafted"] if one.drafted is False else []
    if not one.audience.strip():
        clauses.append("names no audience")
    if one.scheduled and _too_late(one.scheduled, asked.launch, asked.zone):
        clauses.append("is scheduled for {scheduled}, after the launch on {launch_day}")
        return clauses, {"scheduled": one.scheduled, "launch_day": _launch_day(asked.launch)}
    return clauses, {}


def _unscheduled(
    launch: Launch, left: int, clauses: list[str], named: dict[str, Fact], until: datetime | None
) -> Finding:
    """A draft without a time is a warning while there is room, and a failure close to launch."""
    facts = {**named, "launch_day": _launch_day(launch), "left": number(left, "business days")}
    begun = " and ".join(clauses) + ", and is" if clauses else "is drafted but"
    sentence = f"{{message}} {begun} not scheduled, with {{left}} left to the launch on {{launch_day}}"
    return failed(sentence, facts) if clauses or left <= _ROOM else warned(sentence, facts, valid_until=until)


def _in_channel(held: ScheduledMessagesFacts, asked: _Asked) -> Finding:
    """A channel may hold several messages: the one that the card names decides, else all that may be meant."""
    wanted = asked.comms.message
    meant = _meant(held, asked.comms)
    facts = {**asked.named, "channel": held.channel}
    if not meant:
        facts |= {"count": number(len(held.messages), "messages"), "wanted": resource(wanted or "")}
        return unknown("Of {count} scheduled for {channel} none is {wanted}, as the card names {message}", facts)
    if len(meant) > 1:
        return _several(held, meant, asked, facts)
    found = meant[0]
    return _single(held, found, asked, {**facts, "found": found.message})


def _meant(held: ScheduledMessagesFacts, comms: Comms) -> list[ScheduledMessage]:
    """The messages that the card may mean: that of the id, else those whose text holds the words, else all."""
    wanted = comms.message
    if wanted is None:
        return list(held.messages)
    by_id = [one for one in held.messages if one.message.value == wanted.strip()]
    return by_id or [one for one in held.messages if one.text and _plain(wanted) in _plain(one.text.value)]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _shared(held: ScheduledMessagesFacts, meant: Sequence[ScheduledMessage], asked: _Asked) -> bool:
    """Does the plan want more messages out of these than there are? One post is not two of a plan's."""
    ids = {one.message.value for one in meant}
    rivals = [one for one in asked.plan if one.channel == held.channel.value and one.source == asked.comms.source]
    wanted = [{found.message.value for found in _meant(held, rival)} for rival in rivals]
    return sum(1 for one in wanted if one and one <= ids) > len(ids)


def _single(held: ScheduledMessagesFacts, found: ScheduledMessage, asked: _Asked, facts: dict[str, Fact]) -> Finding:
    one = _message(found, asked.comms)
    clauses, why = _shortcomings(one, asked)
    if clauses:
        return failed("{message}, as {found} in {channel}, " + " and ".join(clauses), {**facts, **why})
    if one.drafted is None:
        return unknown("What {message} says is not told: {found} in {channel} comes without a text", facts)
    if _shared(held, [found], asked):
        return unknown("The card means {found} in {channel} by {message} and by another message of its plan", facts)
    sentence = "{message} is drafted and scheduled for {scheduled}, as {found} in {channel}"
    if asked.comms.message is None:
        return noted(sentence + ", which the card does not name", facts, scheduled=found.post_at)
    return passed(sentence, facts, scheduled=found.post_at)


def _several(
    held: ScheduledMessagesFacts, meant: Sequence[ScheduledMessage], asked: _Asked, facts: dict[str, Fact]
) -> Finding:
    """Where the card does not tell them apart, only what holds for every one of them is known."""
    every = [_message(one, asked.comms) for one in meant]
    short = [bool(_shortcomings(one, asked)[0]) for one in every]
    facts = {**facts, "count": number(len(meant), "messages")}
    if not (asked.comms.audience or "").strip():
        return failed("{message}, which may be any of {count} in {channel}, names no audience", facts)
    facts |= {"launch_day": _launch_day(asked.launch)}
    if all(short):
        sentence = "Each of {count} in {channel} that may be {message} is not drafted or goes out after {launch_day}"
        return failed(sentence, facts)
    if any(short) or any(one.drafted is None for one in every):
        sentence = "Which of {count} in {channel} is {message} the card does not say, and some may be no draft or late"
        return unknown(sentence + " for {launch_day}", facts)
    if _shared(held, meant, asked):
        return unknown("The plan wants more from {channel} than the {count} that may be {message}", facts)
    sentence = "Each of {count} in {channel} that may be {message} is drafted and goes out by {last}"
    return noted(sentence, facts, last=max((one.post_at for one in meant), key=lambda at: utc(at.value)))


def _too_late(scheduled: Time, launch: Launch, zone: str) -> bool:
    """Any time on the launch day is in time."""
    over = datetime.combine(launch.date + timedelta(days=1), time(), ZoneInfo(zone))
    return utc(scheduled.value) >= utc(over)


def _launch_day(launch: Launch) -> Fact:
    return day(launch.date, origin=Origin.CARD, at="/launch/date")
