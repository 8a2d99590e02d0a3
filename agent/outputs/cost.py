"""What a review cost, in words. It is no part of what is signed."""

from __future__ import annotations

from agent.domain import Usage
from agent.drafting.values import count


def models(used: Usage) -> str:
    """What the models did for a review, and its price: "2 model calls, 13,200 tokens, $0.021"."""
    tokens = used.input_tokens + used.cache_write_tokens + used.cache_read_tokens + used.output_tokens
    price = "price not known" if used.price_usd is None else f"${used.price_usd} by its vendor's list"
    calls = f"{used.model_calls} model call{'' if used.model_calls == 1 else 's'}"
    return f"{calls}, {count(tokens, 'tokens')}, {price}"


def whole(used: Usage) -> str:
    """Sources and models."""
    calls = sum(used.calls.values())
    asked = f"{calls:,} call{'s' * (calls != 1)} to sources"
    answers = f"{used.reused:,} answer{'s' * (used.reused != 1)} from the locker"
    return f"{asked}, {answers}, {models(used) if used.model_calls else 'no model call'}"
