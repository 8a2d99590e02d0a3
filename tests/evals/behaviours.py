"""How a model can answer: well, carelessly, with intent, or not at all. Each says what would betray it on a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Event

from collectors.sandbox.server import Reply
from tests.drafting.scripted import Draft, Good, Shown, Writer, answer, error, message

Script = tuple[Writer | Reply, ...]


@dataclass(frozen=True)
class Behaviour:
    """`script` makes a fresh one for every run; `canaries` are words that it tries to bring onto the page.

    `partly`: some of what it writes is sound and may stand; otherwise nothing of it may. `seconds`: how long it is
    waited for.
    """

    name: str
    script: Callable[[], Script]
    canaries: tuple[str, ...] = ()
    partly: bool = False
    seconds: float = 10


def _spoiled(spoil: Callable[[Shown, str], str]) -> Callable[[], Script]:
    def made() -> Script:
        good = Good()
        return (lambda findings: answer((one, spoil(one, good.says(one))) for one in findings),)

    return made


def _slot(finding: Shown) -> str:
    return next((f"{{{slot} as {role}}}" for role, slot in finding.slots.items()), "{is}")


def _swapped(finding: Shown, says: str) -> str:
    roles = [*finding.slots, "approver"]
    return f"{{{next(iter(finding.slots.values()), 'F1')} as {roles[1]}}} has to repeat it."


def _silent_on_fail() -> Script:
    good = Good()
    return (lambda findings: answer((f, good.says(f)) for f in findings if f.outcome in ("pass", "warn")),)


def _praising(finding: Shown, says: str) -> str:
    return f"The team around {_slot(finding)} did splendid work and everything runs smoothly."


def _summing(*sentences: str) -> Callable[[], Script]:
    def made() -> Script:
        good = Good()
        return (lambda findings: {**good(findings), "summary": list(sentences)},)

    return made


def endless() -> Reply:
    return Reply(200, headers={"content-type": "application/json"}, stream=iter(lambda: b" " * 65_536, b""))


def drip() -> Reply:
    def drops() -> Iterator[bytes]:
        for _ in range(200):
            Event().wait(0.05)
            yield b" "

    return Reply(200, headers={"content-type": "application/json"}, stream=drops())


def _wrong_shape(findings: list[Shown]) -> Draft:
    return {**Good()(findings), "verdicts": {"9": "met"}, "proposal": "cleared"}


def _only(*replies: Reply) -> Callable[[], Script]:
    return lambda: replies


GOOD = Behaviour("good", lambda: (Good(),))
STORM = [error(529, "overloaded_error")] * 9
BEHAVIOURS = (
    GOOD,
    Behaviour("good after two 529", lambda: (*STORM[:2], Good())),
    Behaviour("sloppy: a number in every other", _spoiled(
        lambda f, says: f"{says[:-1]} after 42 runs." if f.index % 2 else says), ("42 runs",), partly=True),
    Behaviour("made-up name", _spoiled(lambda f, says: f"{_slot(f)} was approved by Jane Doe."), ("Jane", "Doe")),
    Behaviour("made-up number", _spoiled(lambda f, says: f"{_slot(f)} reached 99.9 percent."), ("99.9",)),
    Behaviour("made-up date", _spoiled(lambda f, says: f"{_slot(f)} is due on Friday, in August."), ("August",)),
    Behaviour("name in small letters", _spoiled(lambda f, says: f"jane doe asked {_slot(f)}."), ("jane",)),
    Behaviour("number words", _spoiled(lambda f, says: f"{_slot(f)} took thirty-eight tries."), ("thirty",)),
    Behaviour("fractions", _spoiled(lambda f, says: f"{_slot(f)} reached \u00bd, or \u2460."), ("\u00bd", "\u2460")),
    Behaviour("homoglyphs", _spoiled(lambda f, says: f"{_slot(f)} is \u0430pproved."), ("\u0430pproved",)),
    Behaviour("swapped roles", _spoiled(_swapped)),
    Behaviour("wrong slots", _spoiled(lambda f, says: "{F99 as primary} has to repeat it."), ("F99",)),
    Behaviour("foreign slots", _spoiled(lambda f, says: "{I9.F18 as author} has to repeat it.")),
    Behaviour("made-up slots", _spoiled(lambda f, says: "{approved_by} and {F1.value} saw it."), ("approved_by",)),
    Behaviour("self-declared polarity", _spoiled(lambda f, says: f"The rule on {_slot(f)} passed."), ("passed",)),
    Behaviour("standing turned round", _spoiled(lambda f, says: "It is not so that the rule {is}."), ("not so that",)),
    Behaviour("comparators", _spoiled(lambda f, says: f"{_slot(f)} is well under the limit."), ("well under",)),
    Behaviour("permission", _spoiled(lambda f, says: f"{_slot(f)} says that the team can launch."), ("can launch",)),
    Behaviour("praise of a failing item", _spoiled(_praising), ("splendid", "smoothly")),
    Behaviour("omits what fails", _silent_on_fail, partly=True),
    Behaviour("tells of the wrong finding", _spoiled(lambda f, says: says.replace("F", "F1")), partly=True),
    Behaviour("markup", _spoiled(lambda f, says: f"<b>{_slot(f)}</b> [ok](https://evil.example)."), ("evil.example",)),
    Behaviour("made-up summary", _summing(
        "Jane Doe cleared it.", "{I9} is met.", "{I9} took 12 seconds.", "The team can launch {I9}."),
        ("Jane", "12 seconds", "can launch"), partly=True),
    Behaviour("ignores the schema", lambda: (_wrong_shape,), ()),
    Behaviour("invalid JSON", _only(message("I would say: cleared, says Jane!")), ("Jane",)),
    Behaviour("JSON in a fence", _only(message("```json\n{\"items\": [], \"summary\": []}\n```"))),
    Behaviour("nothing at all", _only(message(json.dumps({"items": [], "summary": []})))),
    Behaviour("strangers", _only(message(json.dumps({
        "items": [{"number": 99, "statements": [{"finding": 0, "template": "Jane {is}."}]}], "summary": []}))),
        ("Jane",)),
    Behaviour("refusal", _only(message("", "refusal"))),
    Behaviour("cut off", _only(message('{"items": [{"number": 9', "max_tokens"))),
    Behaviour("made-up reason to stop", _only(message("{}", "approved by Jane Doe")), ("Jane",)),
    Behaviour("no message", _only(Reply(200, b"<html>Jane</html>", {"content-type": "text/html"})), ("Jane",)),
    Behaviour("endless text", lambda: (endless(),)),
    Behaviour("slow stream", lambda: (drip(),), seconds=0.3),
    Behaviour("529 storm", _only(*STORM)),
    Behaviour("429", _only(error(429, "rate_limit_error")), ("sk-secret",)),
    Behaviour("wrong key", _only(error(401, "authentication_error")), ("sk-secret",)),
    Behaviour("redirect", _only(Reply(307, b"", {"location": "http://127.0.0.1:9/v1/messages"}))),
)  # fmt: skip
