"""How much a name looks like a subject's: a score to put guesses in order, never evidence of anything.

A name is cut into words (at signs, at the change to upper case, at digits). What counts is, first, how many of the
subject's words the name has, and then, a quarter as much, how little else it has: `orders-recon` is more like
`orders-recon` than `orders-recon-shadow` is. A word stands for one that it begins (`recon`, `reconciliation`).
Words that any team puts anywhere (NEUTRAL) count for nothing, and so does how the words are joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ALIKE = 0.5  # from here on a name is worth showing as a guess
SAME = 0.9  # of the best score: what reaches it looked just as much alike
SHORTEST = 3  # letters of a word that may stand for a longer one
BEGINS, SAID = 0.8, 0.9  # a word that only begins the other; a name that stands in a description
NEUTRAL = frozenset(
    {"agent", "agents", "ai", "app", "service", "svc", "prod", "production", "live", "a", "of", "for", "the", "and",
     "on", "off", "is", "enabled", "enable", "flag", "kill", "switch", "killswitch", "primary", "backup", "secondary",
     "oncall", "call", "schedule", "dashboard", "overview", "monitor", "role", "user", "bot"}
)  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


def words(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, each once; the neutral ones only where there are no others."""
    found = tuple(dict.fromkeys(word.casefold() for word in _WORD.findall(name)))
    return tuple(word for word in found if word not in NEUTRAL) or found


def alike(subject: str, name: str, said: str = "") -> float:
    """From 0 (nothing in common) to 1 (the same words); `said` is a description, which counts if it has the name."""
    mine, theirs = words(subject), words(name)
    if not mine:
        return 0.0
    if _joined(subject) and _joined(subject) in _joined(said):
        return max(SAID, _of(mine, theirs))
    if "".join(mine) == "".join(theirs):
        return 1.0
    return _of(mine, theirs)


def _of(mine: tuple[str, ...], theirs: tuple[str, ...]) -> float:
    """Recall and precision in one number, recall weighing twice as much (the F2 measure)."""
    if not theirs:
        return 0.0
    recall = sum(_best(word, theirs) for word in mine) / len(mine)
    precision = sum(_best(word, mine) for word in theirs) / len(theirs)
    return 5 * precision * recall / (4 * precision + recall) if recall else 0.0


def _best(word: str, among: Iterable[str]) -> float:
    return max((_same(word, other) for other in among), default=0.0)


def _same(one: str, other: str) -> float:
    if one == other:
        return 1.0
    short, long = sorted((one, other), key=len)
    return BEGINS if len(short) >= SHORTEST and long.startswith(short) else 0.0


def _joined(text: str) -> str:
    return "".join(word.casefold() for word in _WORD.findall(text))
