"""LangSmith's filter language, as much of it as cards use: and, or, not, eq, neq, gt, gte, lt, lte, has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

Fields = Mapping[str, object]
Test = Callable[[Fields], bool]
_TOKEN = re.compile(r'\s*(?:(?P<word>[a-z_]+)|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?)|(?P<mark>[(),]))')
_COMPARE: dict[str, Callable[[object, object], bool]] = {
    "eq": lambda held, wanted: held == wanted,
    "neq": lambda held, wanted: held != wanted,
    "gt": lambda held, wanted: _ordered(held) > _ordered(wanted),
    "gte": lambda held, wanted: _ordered(held) >= _ordered(wanted),
    "lt": lambda held, wanted: _ordered(held) < _ordered(wanted),
    "lte": lambda held, wanted: _ordered(held) <= _ordered(wanted),
    "has": lambda held, wanted: isinstance(held, tuple) and wanted in held,
}


class Invalid(Exception):
    """The filter cannot be understood; the vendor answers 400."""


def parse(text: str, known: frozenset[str]) -> Test:
    """The filter as a test of one run; `known` are the fields that it may name."""
    parser = _Parser(_tokens(text), known)
    test = parser.test()
    if parser.rest:
        raise Invalid(f"unexpected {parser.rest[0]}")
    return test


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if not found:
            raise Invalid(f"unexpected character at {at}")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str], known: frozenset[str]) -> None:
        self.rest, self._known = tokens, known

    def test(self) -> Test:
        word = self._take()
        self._take("(")
        if word in ("and", "or", "not"):
            return self._joined(word)
        if word not in _COMPARE:
            raise Invalid(f"unknown function {word}")
        name = self._take()
        if name not in self._known:
            raise Invalid(f"unknown field {name}")
        self._take(",")
        wanted = _value(self._take())
        self._take(")")
        return lambda run: _COMPARE[word](run[name], wanted)

    def _joined(self, word: str) -> Test:
        tests = [self.test()]
        while self._take() == ",":
            tests.append(self.test())
        if word == "not":
            return lambda run: not tests[0](run)
        joined = all if word == "and" else any
        return lambda run: joined(test(run) for test in tests)

    def _take(self, wanted: str | None = None) -> str:
        token = self.rest.pop(0) if self.rest else ""
        if wanted is not None and token != wanted:
            raise Invalid(f"expected {wanted} and found {token or 'the end'}")
        return token


def _value(token: str) -> object:
    if token.startswith('"'):
        return token[1:-1].replace('\\"', '"')
    try:
        return float(token)
    except ValueError as error:
        raise Invalid(f"{token or 'the end'} is no value") from error


def _ordered(value: object) -> float:
    """Instants and numbers, comparable."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value).timestamp()
        except ValueError as error:
            raise Invalid(f"{value} is no time") from error
    if isinstance(value, int | float):
        return float(value)
    raise Invalid("this field cannot be compared so")
