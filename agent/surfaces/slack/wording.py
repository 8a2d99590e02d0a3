"""What somebody asks for, read by rules: closed words, known subjects and gates, a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Literal

from agent.answers import Listed
from agent.drafting.values import clean

Kind = Literal["assess", "status", "why", "evidence", "may-deploy", "list"]
KINDS: tuple[Kind, ...] = ("assess", "status", "why", "evidence", "may-deploy", "list")
LONGEST = 500  # characters that are looked at
UNDERSTOOD = (
    "I understand: assess SUBJECT [GATE], status [SUBJECT], why ITEM [SUBJECT] [GATE], evidence ITEM [SUBJECT] [GATE], "
    "may-deploy SUBJECT [GATE], list. I start assessments and tell how they stand; nothing that is said here decides "
    "anything."
)
_SAYS: dict[Kind, str] = {
    "assess": r"assess\w*|re-?assess\w*|re-?check|check again|evaluate",
    "why": r"why|reasons?|what blocks|what is missing",
    "evidence": r"evidence|proofs?|prove",
    "status": r"status|stands?|ready|progress|how far|waiting|waits",
    "may-deploy": r"may-deploy|deploy\w*|ship|go live",
    "list": r"list|help|which subjects|which gates",
}  # fmt: skip
_NOT = re.compile(r"\b(?:not|never|stop|cancel|abort)\b|n't\b")
_MENTION = re.compile(r"<[@#!][^>]*>")


@dataclass(frozen=True)
class Command:
    """`item` 0 = none was named; `subject` and `gate` "" = none was named."""

    kind: Kind
    subject: str = ""
    gate: str = ""
    item: int = 0


def typed(text: str) -> Command | str:
    """A slash command, word by word; a sentence where it is none. What is named is looked up by whoever runs it."""
    kind, *rest = clean(unescape(text), LONGEST).split() or ["list"]
    known = next((one for one in KINDS if one == kind.lower()), None)
    if known is None:
        return f"{kind!r} is no command. {UNDERSTOOD}"
    item = 0
    if known in ("why", "evidence"):
        number = rest.pop(0) if rest else ""
        item = _number(number)
        if not item:
            return f"say which item: {known} 9 [SUBJECT] [GATE]"
    if len(rest) > 2 or (known in ("assess", "may-deploy") and not rest):
        return f"write {known} SUBJECT [GATE]. {UNDERSTOOD}"
    subject, gate = (*rest, "", "")[:2]
    return Command(known, subject, gate, item)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0


def plain(text: str, known: Listed) -> Command | None:
    """Plain words, where only one thing can be meant; None where that is open."""
    words = clean(_MENTION.sub(" ", unescape(text)), LONGEST).lower()
    subject = _one(words, ((one.subject, (one.subject, one.name)) for one in known.subjects))
    gate = _one(words, ((one.id, (one.id, one.title)) for one in known.gates))
    if subject is None or gate is None:
        return None
    rest = _without(words, known)
    kinds = [kind for kind in KINDS if re.search(rf"\b(?:{_SAYS[kind]})\b", rest)]
    numbers = {int(found) for found in re.findall(r"(?<![\w.])(?:item\s+|#)?([0-9]{1,3})(?![\w.]*\w)", rest)}
    item = numbers.pop() if len(numbers) == 1 else 0
    return _command(kinds, rest, subject, gate, item, several=bool(numbers))


def _command(kinds: list[Kind], words: str, subject: str, gate: str, item: int, *, several: bool) -> Command | None:
    """One kind and no more, and nothing that turns it round; a number belongs to a question about an item."""
    if len(kinds) != 1 or several:
        return None
    (kind,) = kinds
    about_item = kind in ("why", "evidence")
    if bool(item) != about_item or (kind == "assess" and _NOT.search(words)):
        return None
    return Command(kind, subject, gate, item)


def _one(words: str, known: Iterable[tuple[str, tuple[str, ...]]]) -> str | None:
    """The one that is named, "" for none, None for several."""
    found = {id for id, names in known if any(name and _names(words, name) for name in names)}
    return None if len(found) > 1 else found.pop() if found else ""


def _names(words: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", words) is not None


def _without(words: str, known: Listed) -> str:
    """Names of subjects and gates are taken out: a gate called "status review" asks for no status."""
    names = [name for one in known.subjects for name in (one.subject, one.name)]
    names += [name for one in known.gates for name in (one.id, one.title)]
    for name in sorted(filter(None, names), key=len, reverse=True):
        words = re.sub(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", " ", words)
    return words
