"""The permissions that tell of budgets, encryption, backups and trails, tried on those that cards name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from collectors.aws.safeguards import BudgetAsk
from collectors.evidence import Request
from collectors.tries import Trial, first_of_each

A = TypeVar("A", bound=Request)
Read = Callable[..., Trial]


def trials(trial: Read, asks: Sequence[Request], account: str) -> Iterator[Trial]:
    """For the first few things of each type of request; `account` is that of our own credentials."""
    for budget in first_of_each(_of(asks, BudgetAsk), lambda ask: ask.name):
        asked = {"AccountId": budget.owner or account, "BudgetName": budget.name}
        yield trial("budgets", "DescribeBudget", asked, f"budget {budget.name}")


def _of(asks: Sequence[Request], kind: type[A]) -> list[A]:
    return [ask for ask in asks if isinstance(ask, kind)]
