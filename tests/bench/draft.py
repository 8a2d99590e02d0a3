"""`make bench-draft`: calls, tokens and price of a ten-item draft, reckoned offline from what is really sent.

Tokens are characters divided by three: a vendor's tokenizer is not at hand, English prose has about four characters a
token, and slots and JSON fewer, so this is on the high side. Prompts are those that the writer makes, answers those
good model that is asked once; a second call for what was rejected costs as much again. What a model thinks before it
answers is not in here: it is asked for low effort, and thoughts are paid as output. "direct" and "in a batch" find the
fixed part in the vendor's cache, which lasts five minutes and in batches is best effort; the first draft of a series
pays for writing it there. The price list is config/prices.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from agent import resources
from agent.domain import ItemResult
from agent.drafting import prices
from agent.drafting.budget import CHARACTERS_A_TOKEN, estimated
from agent.drafting.model import Answer
from agent.drafting.overview import overview
from agent.drafting.prompts import Prompts
from agent.drafting.showing import Brief, first_prompt
from agent.drafting.slots import offered
from agent.settings import DEFAULT_MODEL, DEFAULT_MODEL_WHEN_MET
from tests.builders import ZONE
from tests.drafting import builders
from tests.drafting.scripted import Good, shown

PRICES = prices.read(resources.folder("config") / "prices.yaml")
DRAFTS = 1000
WORLDS = {"as-written": builders.as_written_items(), "put-right": builders.put_right_items()}


@dataclass(frozen=True)
class Case:
    """A way to draft: the world, the model, and how the fixed part of the prompt and the call are charged."""

    name: str
    world: str
    model: str
    fixed: str = "cache_read_tokens"
    batch: bool = False


CASES = (
    Case("four items open, direct", "as-written", DEFAULT_MODEL),
    Case("four items open, first of a series", "as-written", DEFAULT_MODEL, fixed="cache_write_tokens"),
    Case("four items open, in a batch", "as-written", DEFAULT_MODEL, batch=True),
    Case("all met, direct", "put-right", DEFAULT_MODEL_WHEN_MET),
    Case("all met, in a batch", "put-right", DEFAULT_MODEL_WHEN_MET, batch=True),
    Case("all met, by the strong model", "put-right", DEFAULT_MODEL),
)


def tokens(items: Sequence[ItemResult]) -> tuple[int, int, int]:
    """(fixed part, changing part, answer) of one draft's call."""
    made = overview(builders.outlook(items))
    prompts = Prompts(resources.folder("prompts"))
    brief = Brief("Pilot-to-Prod Checklist", builders.ASKS, ZONE, prompts, offered(made.facts))
    prompt = first_prompt(brief, items)
    schema = json.dumps(prompt.answer_schema)
    answer = json.dumps(Good()(shown(prompt.user)), separators=(",", ":"))
    return estimated(prompt.system + schema), estimated(prompt.user), estimated(answer)


def cost(case: Case) -> Decimal:
    """US dollars for one draft."""
    fixed, changing, answer = tokens(WORLDS[case.world])
    told = Answer(
        text="", stop_reason="end_turn", input_tokens=changing, output_tokens=answer,
        via="batch" if case.batch else "call",
    ).model_copy(update={case.fixed: fixed})  # fmt: skip
    price = PRICES.of(case.model, told)
    assert price is not None, case.model
    return Decimal(price)


def main() -> None:
    print(f"tokens: characters / {CHARACTERS_A_TOKEN:g}; prices checked {PRICES.checked}, {PRICES.source}")
    columns = ("calls", "fixed", "changing", "answer", "USD", "x1000")
    print(f"{'one ten-item draft':38}{'model':20}" + "".join(f"{column:>10}" for column in columns))
    for case in CASES:
        fixed, changing, answer = tokens(WORLDS[case.world])
        each = cost(case)
        told = f"{1:>10}{fixed:>10,}{changing:>10,}{answer:>10,}{each:>10.5f}{each * DRAFTS:>10.2f}"
        print(f"{case.name:38}{case.model:20}{told}")
    print(f"{'unchanged since the last review':38}{'(none)':20}" + f"{0:>10}" * 4 + f"{0:>10.5f}{0:>10.2f}")


if __name__ == "__main__":
    main()
