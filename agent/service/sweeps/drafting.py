"""Has the drafts of a wave's reviews written in one Message Batch a model, before the reviews are made."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime, JsonValue, TypeAdapter

from agent.deps import Deps
from agent.drafting import batches
from agent.drafting.batches import Fetched, Handed, Waiting
from agent.drafting.budget import Budget
from agent.drafting.model import Answer, AnthropicModel, Model, Prompt
from agent.service.sweeps.comparing import Compared, judged_now
from agent.service.sweeps.shared import Common, Planned
from agent.workflow.draft import to_ask
from agent.workflow.state import ReviewState
from collectors.evidence import Model as Frozen


class Given(Frozen):
    """A batch that this sweep gave a vendor, as the store keeps it. `id` "" = it was about to."""

    model: str
    id: str
    at: AwareDatetime
    prompts: tuple[str, ...]

    def handed(self) -> Handed:
        return Handed(self.id, self.at, self.prompts)


Asks = tuple[AnthropicModel, Prompt]
GIVEN = TypeAdapter(tuple[Given, ...])


def read(kept: str) -> tuple[Given, ...]:
    """From the store's column."""
    return GIVEN.validate_python(json.loads(kept).get("given", []))


@dataclass
class Desk:
    """Where the batches of one sweep are kept; `keep` writes them down before anything is waited for."""

    common: Common
    given: tuple[Given, ...]
    keep: Callable[[Mapping[str, JsonValue]], None]
    poll: float

    def note(self, given: tuple[Given, ...]) -> None:
        self.given = given
        self.keep({"given": [one.model_dump(mode="json") for one in given]})

    def prompt(self, planned: Planned, compared: Compared, answers: Mapping[str, str]) -> Asks | None:
        """What this review's draft will ask, where a batch is wished for and the model's vendor takes any."""
        if not self.common.order.batch:
            return None
        found = compared.found or judged_now(self.common, planned, answers)
        asks = to_ask(
            self.common.deps, _frozen(self.common, planned), found.case, found.judged, compared.earlier,
            earlier=compared.any_earlier,
        )  # fmt: skip
        model = asks[0] if asks else None
        return (model, asks[1]) if asks and isinstance(model, AnthropicModel) and model.cloud is None else None

    def drafted(self, deps: Deps, asks: Sequence[Asks]) -> Deps:
        """The same, whose models know the answers that a batch brought."""
        wanted: dict[str, tuple[AnthropicModel, list[Prompt]]] = {}
        for model, prompt in asks:
            wanted.setdefault(model.name, (model, []))[1].append(prompt)
        found = {name: self._fetched(model, prompts) for name, (model, prompts) in wanted.items()}
        return replace(
            deps, model=_knowing(deps, deps.model, found), model_when_met=_knowing(deps, deps.model_when_met, found)
        )

    def _fetched(self, model: AnthropicModel, prompts: list[Prompt]) -> Fetched:
        """From batches that were given before this process, and one more for what was in none of them."""
        answers: dict[str, Answer] = {}
        why = ""
        asked: set[str] = set()
        for one in [one for one in self.given if one.model == model.name]:
            again = batches.fetch_again(model, prompts, one.handed(), self._waiting(one.at))
            answers |= again.answers
            why = again.why
            asked |= set(one.prompts) if one.id or again.answers else set()
        left = [prompt for prompt in prompts if prompt.digest not in asked]
        if left:
            more = self._ask(model, left)
            answers |= more.answers
            why = more.why or why
        return Fetched(answers, why)

    def _ask(self, model: AnthropicModel, prompts: list[Prompt]) -> Fetched:
        now = self.common.deps.clock()
        before = self.given
        digests = tuple(sorted({prompt.digest for prompt in prompts}))
        about = Given(model=model.name, id="", at=now, prompts=digests)
        self.note((*before, about))
        made: list[str] = []

        def keep(id: str) -> None:
            made.append(id)
            self.note((*before, about.model_copy(update={"id": id})))

        found = batches.fetch(model, prompts, self._waiting(now), _budget(self.common.deps), keep)
        if not made:  # nothing was taken, so nothing is paid for
            self.note(before)
        return found

    def _waiting(self, since: datetime) -> Waiting:
        """What is left of the time for a batch that was given at `since`."""
        left = since + self.common.deps.settings.batch_within - self.common.deps.clock()
        return Waiting(max(left, timedelta()).total_seconds(), self.poll)


def _budget(deps: Deps) -> Budget | None:
    return deps.budgets[-1] if deps.budgets else None


def _frozen(common: Common, planned: Planned) -> ReviewState:
    return {
        "card": planned.card, "gate": common.gate_digests[planned.gate], "people": common.people_digest,
    }  # fmt: skip


def _knowing(deps: Deps, model: Model | None, found: Mapping[str, Fetched]) -> Model | None:
    """The model with a batch's answers; what is not among them is asked directly, or written from templates."""
    if model is None or model.name not in found:
        return model
    return found[model.name].model(model.name, model if deps.settings.batch_late == "direct" else None)
