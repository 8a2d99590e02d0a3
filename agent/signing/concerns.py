"""Which concerns of a reader the signers have answered, and what an answer has to be. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from agent.concerns import Concern
from agent.domain import SignOff, SignOffDecision

LETS_THROUGH = frozenset({SignOffDecision.CLEARED, SignOffDecision.CONDITIONAL})
FEWEST_WORDS, LONGEST = 3, 2000
_UNSEEN = frozenset({"Cf", "Cs", "Co", "Cn"})


def unanswered(concerns: Sequence[Concern], signed: Sequence[SignOff]) -> list[str]:
    """The ids of those that none of these sign-offs answers as it should."""
    good = {id for one in signed for id in one.concerns if not mistake(concerns, one.concerns)}
    return [one.id for one in concerns if one.id not in good]


def lets_through_unanswered(concerns: Sequence[Concern], one: SignOff, earlier: Sequence[SignOff]) -> list[str]:
    """The concerns over which this sign-off would let the subject through; a stricter one needs no answers."""
    return unanswered(concerns, [*earlier, one]) if one.decision in LETS_THROUGH else []


def mistake(concerns: Sequence[Concern], answers: Mapping[str, str]) -> str:
    """What is wrong with a signer's answers, as a sentence; empty when they are in order."""
    known = {one.id: one for one in concerns}
    for id, text in answers.items():
        if id not in known:
            there = ", ".join(known) or "none"
            return f"--concern {id}=…: there is no such concern; this review has {there}"
        if len(text) > LONGEST:
            return f"--concern {id}=…: the answer is longer than {LONGEST} characters"
        if len({word for word in _plain(text).split() if not word.isdigit()}) < FEWEST_WORDS:
            return f"--concern {id}=…: answer it in your own words, three at least"
        if _repeats(text, known[id]):
            return f"--concern {id}=…: this repeats what the concern says; answer it in your own words"
    if len({_plain(text) for text in answers.values()}) < len(answers):
        return "the answers to the concerns are the same text; each needs one of its own"
    return ""


def _repeats(text: str, concern: Concern) -> bool:
    """Is it a part of the question, of a quote or of what it is set against, or little besides these?"""
    said = [_plain(one) for one in (concern.question, concern.against, *(quote.text for quote in concern.quotes))]
    answer = f" {_plain(text)} "
    if any(answer in f" {one} " for one in said):
        return True
    for one in sorted(filter(None, said), key=len, reverse=True):
        answer = answer.replace(f" {one} ", " ")
    return len(answer.split()) < FEWEST_WORDS


def _plain(text: str) -> str:
    """Its words alone: the same whatever signs, unseen characters and wide or small letters stand around them."""
    seen = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in _UNSEEN)
    return " ".join("".join(c if c.isalnum() else " " for c in seen).split()).casefold()
