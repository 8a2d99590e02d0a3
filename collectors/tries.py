"""What `doctor` tries on the very things that cards name, where a permission hangs on the thing and not on the account.

The reads are those of the collectors, over the same allow-lists, and nothing that they bring is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from collectors.connections import SourceCheck, Tried
from collectors.errors import Denied, SourceError, Throttled, Unreachable

MOST = 5  # things of one kind: enough to see a policy that is wrong, and no sweep
State = Literal["held", "missing", "not seen", "not needed"]
T = TypeVar("T")


@dataclass
class Trial:
    """One read of one thing; None = the thing turned out to need none. `got` is what it gave, None while refused."""

    permission: str
    about: str
    read: Callable[[], object] | None
    got: object = field(default=None, init=False)


def first_of_each(asks: Iterable[T], thing: Callable[[T], Hashable]) -> list[T]:
    """One question about each of the first few things."""
    return list({thing(ask): ask for ask in reversed([*asks])}.values())[::-1][:MOST]


def run(trials: Iterator[Trial]) -> list[Tried]:
    """Each in turn; the source that no longer answers is not asked further."""
    found: list[Tried] = []
    with closing(trials) as coming:  # type: ignore[type-var]  # generators, which close what they opened
        for trial in coming:
            told, failure = _one(trial)
            found.append(told)
            if isinstance(failure, (Unreachable, Throttled)):
                break
    return found


def _one(trial: Trial) -> tuple[Tried, SourceError | None]:
    if trial.read is None:
        return _told(trial, "not needed"), None
    try:
        trial.got = trial.read()
    except SourceError as failure:
        missing = isinstance(failure, Denied) and failure.scope
        return _told(trial, "missing" if missing else "not seen", f"{failure.what}. {failure.next_step}"), failure
    return _told(trial, "held"), None


def _told(trial: Trial, state: State, sentence: str = "") -> Tried:
    return Tried(permission=trial.permission, about=trial.about, state=state, sentence=sentence)


def with_tried(check: SourceCheck, tried: Sequence[Tried]) -> SourceCheck:
    """The check, in which what was tried takes the place of what it believed.

    A permission is held where every thing gave what was asked of it, and missing where one thing refused.
    """
    states: dict[str, set[str]] = defaultdict(set)
    for one in tried:
        states[one.permission].add(one.state)
    held = [name for name, told in states.items() if "held" in told and told <= {"held", "not needed"}]
    missing = [name for name, told in states.items() if "missing" in told]
    return check.model_copy(
        update={
            "held": (*(name for name in check.held if name not in states), *held),
            "missing": (*(name for name in check.missing if name not in states), *missing),
            "tried": (*check.tried, *tried),
        }
    )
