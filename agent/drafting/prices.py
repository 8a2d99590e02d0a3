"""What a model's tokens cost, from the table in config/prices.yaml. A model that is not in it has no known price."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from agent.domain import Usage
from agent.drafting.model import Answer
from collectors.evidence import Model

_MILLION = Decimal(1_000_000)


class Price(Model):
    """US dollars per million tokens. `up_to`: the longest prompt in tokens that is charged so; None = any."""

    input: Decimal
    cache_write: Decimal
    cache_read: Decimal
    output: Decimal
    effort: Literal["", "low", "medium", "high"] = ""
    up_to: int | None = None


class Prices(Model):
    """`checked` says when somebody last compared the table with `source`; `batch` is the factor for batches."""

    checked: date
    source: str
    batch: Decimal
    models: Mapping[str, Price]

    def of(self, model: str, answer: Answer) -> str | None:
        """What one answer cost in US dollars, or None where that is not known. What is used again costs nothing."""
        if answer.via == "reuse":
            return "0"
        price = self.models.get(model)
        prompt = answer.input_tokens + answer.cache_write_tokens + answer.cache_read_tokens
        if price is None or (price.up_to is not None and prompt > price.up_to):
            return None
        factor = self.batch if answer.via == "batch" else Decimal(1)
        return format((_cost(price, answer) * factor).normalize(), "f")

    def paid(self, model: str, answer: Answer) -> Usage:
        """What one answer took: a call unless it is used again, its tokens, and its price where that is known."""
        return Usage(
            model_calls=answer.via != "reuse", input_tokens=answer.input_tokens, output_tokens=answer.output_tokens,
            cache_write_tokens=answer.cache_write_tokens, cache_read_tokens=answer.cache_read_tokens,
            price_usd=self.of(model, answer),
        )  # fmt: skip

    def effort(self, model: str) -> str:
        """How much effort to ask of a model; "" where the model takes no such word."""
        return self.models[model].effort if model in self.models else ""


def _cost(price: Price, answer: Answer) -> Decimal:
    parts = (
        (answer.input_tokens, price.input),
        (answer.cache_write_tokens, price.cache_write),
        (answer.cache_read_tokens, price.cache_read),
        (answer.output_tokens, price.output),
    )
    return sum((count * rate for count, rate in parts), Decimal(0)) / _MILLION


NO_PRICES = Prices(checked=date.min, source="", batch=Decimal(1), models={})


@cache
def read(path: Path) -> Prices:
    """The table of a file."""
    return Prices.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
