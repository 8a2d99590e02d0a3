"""A model that is asked each prompt once, over the network: what came of it is what it says again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.drafting.model import Answer, Model, ModelUnavailable, Prompt


def _digest(prompt: Prompt) -> str:
    return prompt.digest


@dataclass
class Once:
    """`sent` counts the prompts that went out. `alike` names those that have one answer; by default equal ones."""

    behind: Model
    alike: Callable[[Prompt], str] = _digest
    sent: int = 0
    known: dict[str, Answer | ModelUnavailable] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.behind.name

    def write(self, prompt: Prompt) -> Answer:
        key = self.alike(prompt)
        if key not in self.known:
            self.sent += 1
            self.known[key] = self._asked(prompt)
        found = self.known[key]
        if isinstance(found, Answer):
            return found
        raise ModelUnavailable(found.sentence)

    def _asked(self, prompt: Prompt) -> Answer | ModelUnavailable:
        try:
            return self.behind.write(prompt)
        except ModelUnavailable as gone:
            return gone
