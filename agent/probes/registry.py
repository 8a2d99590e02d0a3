"""The `@probe` decorator, and what a probe asks for: facts by position, parameters by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from agent.domain import Finding


@dataclass(frozen=True)
class Probe:
    """`facts` and `params` name what the function takes; `required` are the parameters without a default."""

    name: str
    about: str
    function: Callable[..., Finding]
    facts: Mapping[str, Any]
    params: Mapping[str, TypeAdapter[Any]]
    required: frozenset[str]

    def __call__(self, facts: Mapping[str, object], params: Mapping[str, object]) -> Finding:
        """Run it. `params` are plain YAML values and are checked against the function's annotations."""
        typed = {name: self.params[name].validate_python(value) for name, value in params.items()}
        return self.function(**facts, **typed).model_copy(update={"probe": self.name})


PROBES: dict[str, Probe] = {}


def probe(function: Callable[..., Finding]) -> Callable[..., Finding]:
    """Register a pure statement. Positional parameters are facts, keyword-only ones come from the gate's `with`."""
    hints = get_type_hints(function)
    signature = inspect.signature(function).parameters.values()
    keyword = [p for p in signature if p.kind is p.KEYWORD_ONLY]
    PROBES[function.__name__] = Probe(
        name=function.__name__,
        about=(inspect.getdoc(function) or "").split("\n")[0],
        function=function,
        facts={p.name: hints[p.name] for p in signature if p.kind is p.POSITIONAL_OR_KEYWORD},
        params={p.name: TypeAdapter(hints[p.name]) for p in keyword},
        required=frozenset(p.name for p in keyword if p.default is p.empty),
    )
    return function
