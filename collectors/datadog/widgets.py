"""The widgets of a dashboard that show data, and the metric queries behind each as people see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from collectors.datadog.reading import at, listing, mapping, text

WITHOUT_DATA = frozenset({"note", "free_text", "image", "iframe"})
# A metric query of the older kind, alone: an expression over several is not taken apart.
PLAIN = re.compile(
    r"(avg|sum|min|max|count|p\d\d?):[\w.]+\{[^{}]*\}(\s*by\s*\{[^{}]*\})?(\.(as_count|as_rate|rollup|fill)\([\w\s,]*\))*"
)


@dataclass(frozen=True)
class Panel:
    """A widget that shows data: where it stands in the dashboard, and its queries; None = one we do not run."""

    pointer: str
    definition: dict[str, JsonValue]
    queries: tuple[str | None, ...]

    def asked(self) -> list[str]:
        return list(dict.fromkeys(query for query in self.queries if query is not None))


def defaults_of(board: dict[str, JsonValue]) -> Mapping[str, tuple[str, str]]:
    """What each template variable stands for as the dashboard opens: ("env:production", "production")."""
    given = board.get("template_variables")
    return {
        name: _default(variable)
        for variable in (given if isinstance(given, list) else [])
        if (name := text(at(variable, "name"))) and at(variable, "type") != "group"
    }


def _default(variable: JsonValue) -> tuple[str, str]:
    several, prefix = at(variable, "defaults"), text(at(variable, "prefix"))
    given = several if isinstance(several, list) and several else [at(variable, "default")]
    values = [value for value in given if isinstance(value, str) and value]
    if not values or "*" in values:
        return "*", "*"
    if len(values) > 1:
        joined = ",".join(values)
        return (f"{prefix} IN ({joined})" if prefix else joined), f"({' OR '.join(values)})"
    return (f"{prefix}:{values[0]}" if prefix else values[0]), values[0]


def filled(query: str, defaults: Mapping[str, tuple[str, str]]) -> str | None:
    """The query as people see it when the dashboard opens; None when a variable is unknown."""
    for name in sorted(defaults, key=len, reverse=True):
        scope, value = defaults[name]
        query = re.sub(rf"\${re.escape(name)}\.value(?![\w-])", lambda _, v=value: v, query)  # type: ignore[misc]
        query = re.sub(rf"\${re.escape(name)}(?![\w-])", lambda _, s=scope: s, query)  # type: ignore[misc]
    return None if "$" in query else _one_syntax(query)


def _one_syntax(query: str) -> str | None:
    """The vendor refuses `,` and `!` beside IN and AND, which a variable with several defaults brings in."""
    found = re.search(r"\{([^{}]*)\}", query)
    if found is None or " IN (" not in found[1]:
        return query
    terms = [term.strip() for term in re.split(r",(?![^(]*\))", found[1])]
    if any(term.startswith("!") for term in terms):
        return None
    return query[: found.start(1)] + " AND ".join(term for term in terms if term != "*") + query[found.end(1) :]


def widgets_of(
    widgets: JsonValue, here: str, defaults: Mapping[str, tuple[str, str]], told: str
) -> Iterator[Panel]:  # fmt: skip
    for i, widget in enumerate(listing(widgets, f"Datadog's {told}: widgets")):
        definition = mapping(at(widget, "definition"), f"Datadog's {told}: a widget's definition")
        inside = f"{here}/{i}/definition"
        if definition.get("type") == "group":
            yield from widgets_of(definition.get("widgets"), f"{inside}/widgets", defaults, told)
        elif str(definition.get("type")) not in WITHOUT_DATA:
            yield Panel(inside, definition, tuple(_queries(definition.get("requests"), defaults)))


def _queries(requests: JsonValue, defaults: Mapping[str, tuple[str, str]]) -> Iterator[str | None]:
    """Every metric query of a widget; None for each request of a kind that we do not run."""
    each = list(requests.values()) if isinstance(requests, dict) else requests
    if not isinstance(each, list) or not each:
        yield None
        return
    for request in each:
        old, new = text(at(request, "q")), at(request, "queries")
        if old is not None:
            query = filled(old.strip(), defaults)
            yield query if query and PLAIN.fullmatch(query) else None
        elif isinstance(new, list) and new:
            for query_of in new:
                known = at(query_of, "data_source") == "metrics" and text(at(query_of, "query"))
                yield filled(known, defaults) if known else None
        else:
            yield None
