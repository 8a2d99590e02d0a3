"""A model whose answers are there already, from the last review or from a batch; what is not there is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agent.drafting.exchanges import Exchange
from agent.drafting.model import Answer, Model, ModelUnavailable, Prompt


@dataclass(frozen=True)
class Known:
    """`answers` by prompt digest. What is not among them goes to `beyond`; where that is None, `why_not` says so."""

    name: str
    answers: Mapping[str, Answer]
    beyond: Model | None = None
    why_not: str = ""

    def write(self, prompt: Prompt) -> Answer:
        """The answer to exactly this prompt."""
        found = self.answers.get(prompt.digest)
        if found is not None:
            return found
        if self.beyond is None:
            raise ModelUnavailable(self.why_not)
        return self.beyond.write(prompt)


def used_again(exchanges: Iterable[Exchange]) -> dict[str, Answer]:
    """Whole answers of earlier exchanges by prompt digest, at no cost; what was refused or cut off is asked anew."""
    free = {"via": "reuse", "input_tokens": 0, "output_tokens": 0, "cache_write_tokens": 0, "cache_read_tokens": 0}
    return {one.prompt: one.answer.model_copy(update=free) for one in exchanges if one.answer and one.answer.whole}
