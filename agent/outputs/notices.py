"""The words of a message to a person. Plain text; each channel escapes it in its own way. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agent.drafting.values import clean, instant

SWEPT = "swept"  # the end of a sweep, in words of its own
LONGEST = 300  # characters of what a person wrote
_LINES = {
    "waiting": "waits for your signature as {title}",
    "reminder": "still waits for your signature as {title}",
    "superseded": "was superseded by {by}; signatures on it no longer count",
    "returned": "was sent back for more evidence by {by}",
    "published": "is signed: {decision}",
    "lapsing": "is a decision that holds until {ends} only",
    "revoked": "was revoked by {by}; it may not be deployed any more",
    "launched": "is in Production from today",
    "waiver_ends": "rests on a waiver of item {item} that holds until {ends} only",
    "waiver_over": "rested on a waiver of item {item} that lapsed on {ends}; it may not be deployed any more",
    "open_ends": "has an open item, item {item}, that is due on {ends}",
    "open_over": "had an open item, item {item}, that was due on {ends}",
}
_MORE = {
    "waiting": "Proposed: {proposal}. It takes signatures until {until}.\nLook: clearance reviews show {review}",
    "reminder": "After {until} it takes no signature any more.\nLook: clearance reviews show {review}",
    "superseded": "What changed: clearance diff {review} {by}",
    "returned": "They said: {reason}",
    "published": "The report: {bundle}",
    "lapsing": "Assess again before that: clearance assess {subject} --gate {gate}",
    "revoked": "They said: {reason}",
    "launched": "Its decision, {review}, stands.",
    "waiver_ends": "The decision ends with it. Before that, mend the item, or have it waived again on new evidence, "
    "and assess again: clearance assess {subject} --gate {gate}",
    "waiver_over": "Mend the item, or have it waived again on new evidence, and assess again: "
    "clearance assess {subject} --gate {gate}",
    "open_ends": "What is missing, and who took it on: clearance reviews show {review}",
    "open_over": "Say whether it is done by assessing again: clearance assess {subject} --gate {gate}",
}
_TIMES = ("until", "ends")


def headline(kind: str, review: str, about: Mapping[str, str]) -> str:
    """One line, for a subject. `kind` may go on after a colon, with what tells two messages of a kind apart."""
    if kind == SWEPT:
        return clean(about["headline"])
    told = _told(review, about)
    sandbox = "[SANDBOX] " if about.get("sandbox") else ""
    return clean(f"{sandbox}{told['subject']} {told['version']}: {review} {_LINES[_plain(kind)].format_map(told)}")


def text(kind: str, review: str, about: Mapping[str, str]) -> str:
    """The whole message. It is no form: nothing that is answered to it signs anything."""
    if kind == SWEPT:
        return about["text"]
    more = _MORE[_plain(kind)].format_map(_told(review, about))
    foot = "A message permits nothing and cannot be answered with a signature."
    return f"{headline(kind, review, about)}\nGate {clean(about['gate'])}. {more}\n{foot}"


def _plain(kind: str) -> str:
    return kind.partition(":")[0]


def _told(review: str, about: Mapping[str, str]) -> dict[str, str]:
    words = {name: clean(value, LONGEST) for name, value in about.items()}
    times = {name: instant(datetime.fromisoformat(about[name]), about["zone"]) for name in _TIMES if about.get(name)}
    return {**words, **times, "review": review}
