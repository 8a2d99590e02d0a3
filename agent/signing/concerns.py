"""Which concerns of a reader the signers have answered, and what an answer has to be. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.concerns import Concern
from agent.domain import SignOff, SignOffDecision
from agent.signing import own_words

LETS_THROUGH = frozenset({SignOffDecision.CLEARED, SignOffDecision.CONDITIONAL})


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
        if why := own_words.unreadable(text):
            return f"--concern {id}=…: the answer {why}"
        if own_words.words(text) < own_words.FEWEST:
            return f"--concern {id}=…: answer it in your own words, three at least"
        if own_words.repeats(text, _words_of(known[id])):
            return f"--concern {id}=…: this repeats what the concern says; answer it in your own words"
    if len({own_words.plain(text) for text in answers.values()}) < len(answers):
        return "the answers to the concerns are the same text; each needs one of its own"
    return ""


def _words_of(concern: Concern) -> tuple[str, ...]:
    return (concern.question, concern.against, *(quote.text for quote in concern.quotes))
