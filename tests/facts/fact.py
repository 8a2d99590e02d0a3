"""What can be said of a fact of the sheet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """`tests`: where it is shown, as `path::name` (a test function, or a table of one: the name of the constant)."""

    tests: tuple[str, ...]

    def __init__(self, *tests: str) -> None:
        object.__setattr__(self, "tests", tests)


@dataclass(frozen=True)
class OutOfScope:
    """`module`: the file whose docstring says so; `says`: words that stand in that docstring."""

    module: str
    says: str


@dataclass(frozen=True)
class Nothing:
    """The block states no fact that a request could meet; `why` in a few words (advice for tests, a heading row …)."""

    why: str


Said = Shown | OutOfScope | Nothing
