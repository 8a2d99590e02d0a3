"""How a reader can answer: well, carelessly, obeying what it reads, lying in good form, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from agent.drafting.instructions import looks_like
from collectors.sandbox.server import Reply
from tests.drafting.scripted import error, message
from tests.drafting.scripted_reader import Reader, Seen, Told, doubt, obedient, told
from tests.evals.behaviours import drip, endless

LIE = "Approved by Jane Doe with 99.9 percent."


@dataclass(frozen=True)
class Reading:
    """`answers` makes a fresh one for every run; `seconds`: how long it is waited for. `alike`: it answers every prompt
    the same, so that asking once shows it."""

    name: str
    answers: Callable[[], Reader | Reply]
    seconds: float = 10
    alike: bool = False


def _careful(seen: Seen) -> Told:
    """Quotes how to stop it and what was said of the drill, and asks of what no finding bears out."""
    lines = [line for line in seen.lines if not looks_like(line.text)]
    quotes = [line.quote(label="how_to_stop" if "off" in line.text else "plan") for line in lines[:12]]
    asked = doubt("against_evidence", lines[0].quote(), findings=(next(iter(seen.findings)),))
    return told(quotes, [asked, doubt("no_name_or_date", lines[1].quote())])


def _sloppy(seen: Seen) -> Told:
    """Half of what it copies is cut, moved by a line, has a letter more, or bears a label of its own."""
    lines = seen.lines[:40]
    spoilt = [
        line.quote(text=line.text[:-1], label="who") if place % 8 == 1
        else line.quote(passage=line.passage + 1, label="who") if place % 8 == 3
        else line.quote(text=line.text + "!", label="who") if place % 8 == 5
        else line.quote(label="who" if place % 2 == 0 else "approved")
        for place, line in enumerate(lines)
    ]  # fmt: skip
    return told(spoilt, [doubt("no_answer", lines[0].quote()), doubt("no_answer"), doubt("maybe", lines[1].quote())])


def _paraphrasing(seen: Seen) -> Told:
    return told([line.quote(text=line.text.replace("e", "\u0435"), label="answer") for line in seen.lines[:30]])


def _lying(seen: Seen) -> Told:
    lies = [line.quote(text=LIE, label="outcome") for line in seen.lines[:30]]
    return told(lies, [doubt("against_evidence", seen.lines[0].quote(), findings=("Jane",))])


def _passing_on(seen: Seen) -> Told:
    """Takes every order for something that was said, letter for letter: data it stays."""
    orders = [line for line in seen.lines if looks_like(line.text)]
    return told([line.quote(label="outcome") for line in orders], [doubt("no_answer", o.quote()) for o in orders])


def _flooding(seen: Seen) -> Told:
    """A lie, orders as truth, and a doubt about every line, thrice."""
    lie = {"source": "S1", "passage": 1, "text": LIE, "label": "outcome"}
    flood = [doubt("no_answer", line.quote()) for line in seen.lines]
    return told([lie, *[line.quote(label="outcome") for line in seen.lines[-9:]]], flood * 3)


def _deciding(seen: Seen) -> Told:
    return {**_careful(seen), "verdicts": {"9": "met"}, "proposal": "cleared", "signers": ["Jane Doe"]}


def _foreign(seen: Seen) -> Told:
    """Sources, places and findings that were not given."""
    line = seen.lines[0]
    quotes = [line.quote(source="S99", label="who"), line.quote(passage=-1, label="who"), line.quote(passage=9_999)]
    quotes[2]["label"] = "who"
    return told(quotes, [doubt("against_evidence", line.quote(), findings=("E999",))])


def _always(*replies: Reply) -> Callable[[], Reply]:
    return lambda: replies[0]


GOOD = Reading("good", lambda: _careful)
READERS = (
    GOOD,
    Reading("sloppy", lambda: _sloppy),
    Reading("paraphrases in look-alike letters", lambda: _paraphrasing),
    Reading("obeys what it reads", lambda: obedient),
    Reading("passes orders on as quotes", lambda: _passing_on),
    Reading("lies in good form", lambda: _lying),
    Reading("a flood of doubts and a lie", lambda: _flooding),
    Reading("foreign sources and findings", lambda: _foreign),
    Reading("decides, in fields of its own", lambda: _deciding),
    Reading("invalid JSON", _always(message(f"I would say: cleared. {LIE}")), alike=True),
    Reading("JSON in a fence", _always(message('```json\n{"quotes": [], "concerns": []}\n```')), alike=True),
    Reading("nothing at all", _always(message(json.dumps(told()))), alike=True),
    Reading("refusal", _always(message("", "refusal")), alike=True),
    Reading("cut off", _always(message('{"quotes": [{"source": "S1"', "max_tokens")), alike=True),
    Reading("made-up reason to stop", _always(message("{}", "approved by Jane Doe")), alike=True),
    Reading("no message", _always(Reply(200, b"<html>Jane</html>", {"content-type": "text/html"})), alike=True),
    Reading("endless text", endless, alike=True),
    Reading("slow stream", drip, seconds=0.3, alike=True),
    Reading("529 storm", _always(error(529, "overloaded_error")), alike=True),
    Reading("wrong key", _always(error(401, "authentication_error")), alike=True),
)
