"""How many tokens a review or a sweep may use, reckoned before each call; over it the fixed texts stand in."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.drafting.model import Answer, Model, ModelUnavailable, Prompt

CHARACTERS_A_TOKEN = 3.0
SHORTEST_ANSWER = 1_000


def estimated(text: str) -> int:
    """Tokens of a text, reckoned high: a vendor's tokenizer is not at hand offline."""
    return int(len(text) / CHARACTERS_A_TOKEN) + 1


@dataclass
class Budget:
    """Tokens left for `whom` ("this review", "this sweep"); shared by threads."""

    whom: str
    limit: int
    used: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def reserve(self, need: int, most: int) -> int:
        """Take up to `most` tokens, at least `need`; 0 = there is no room."""
        with self._lock:
            given = min(most, self.limit - self.used)
            if given < need:
                return 0
            self.used += given
            return given

    def settle(self, reserved: int, used: int) -> None:
        with self._lock:
            self.used += used - reserved


@dataclass(frozen=True)
class Budgeted:
    """A model that answers as long as every budget has room for the prompt and a short answer."""

    model: Model
    budgets: Sequence[Budget]

    @property
    def name(self) -> str:
        return self.model.name

    def write(self, prompt: Prompt) -> Answer:
        """The answer, no longer than what is left allows."""
        asks = estimated(prompt.system + prompt.user)
        taken: list[tuple[Budget, int]] = []
        used = 0
        try:
            for budget in self.budgets:
                given = budget.reserve(asks + SHORTEST_ANSWER, asks + prompt.max_tokens)
                if not given:
                    raise ModelUnavailable(_used_up(budget, asks))
                taken.append((budget, given))
            room = min([prompt.max_tokens, *(given - asks for _, given in taken)])
            answer = self.model.write(prompt.model_copy(update={"max_tokens": room}))
            used = tokens(answer)
            return answer
        finally:
            for budget, given in taken:
                budget.settle(given, used)


def tokens(answer: Answer) -> int:
    """All tokens of an answer and its prompt, cached ones too."""
    prompt = answer.input_tokens + answer.cache_write_tokens + answer.cache_read_tokens
    return prompt + answer.output_tokens


def _used_up(budget: Budget, asks: int) -> str:
    left = max(0, budget.limit - budget.used)
    return (
        f"The token budget of {budget.whom} ({budget.limit:,}) has {left:,} left, and the next call needs about "
        f"{asks + SHORTEST_ANSWER:,}. Raise the budget to have the model asked."
    )
