"""Use case: everything that every gate asks, from the gates' YAML and the rules' own sentences. Asks nothing.

`python -m agent.service.catalogue FILE` writes it as Markdown; `docs/catalogue.md` is that file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent import resources
from agent.configuration import Configuration
from agent.gates import Gate, ItemSpec, RequestSpec
from agent.outputs.escape import md
from agent.outputs.score import shares
from agent.probes.all import PROBES
from collectors import needs
from collectors.registry import REQUESTS


@dataclass(frozen=True)
class Entry:
    """One item. `rows` are (what, text): what it asks, why, method, requests, scopes, rules, freshness, remedy …"""

    number: int
    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    """One gate."""

    id: str
    version: str
    title: str
    shares: str
    notes: tuple[str, ...]
    entries: tuple[Entry, ...]


def catalogue(own: Configuration) -> list[Part]:
    return [_part(own.gate(id)) for id in own.gate_paths()]


def _part(gate: Gate) -> Part:
    entries = tuple(_entry(gate, item) for item in gate.items)
    return Part(gate.id, gate.version, gate.title, shares(gate.items), gate.notes, entries)


def _entry(gate: Gate, item: ItemSpec) -> Entry:
    return Entry(item.number, item.title, tuple((what, text) for what, text in _rows(gate, item) if text))


def _rows(gate: Gate, item: ItemSpec) -> Iterator[tuple[str, str]]:
    types = [*dict.fromkeys(name for spec in item.requests for name in request_types(spec))]
    yield "Asks", item.asks
    yield "In the checklist", item.seed or f"item {item.number}"
    yield "Why", item.guidance
    yield "Method", ", ".join(item.methods) + _rule_of_method(gate, item)
    yield "Why only a person can answer", item.why_a_person
    yield "Controls", ", ".join(item.control)
    yield "Requests", "; ".join(f"{name}: {_about(name)}" for name in types)
    yield "Scopes", ", ".join(dict.fromkeys(scope for name in types for scope in needs.NEEDS.get(name, ())))
    yield "Rules", " ".join(dict.fromkeys(PROBES[rule.probe].about for rule in item.rules))
    yield "Freshness", _freshness(gate, item) if types else ""
    yield "Remedy", item.remediation.how


def _rule_of_method(gate: Gate, item: ItemSpec) -> str:
    told = "; counts through item " + str(item.parent) if item.parent else ""
    told += "; stands as its parts do" if gate.parts(item.number) else ""
    told += "; critical" if item.critical else ""
    told += "; may be approved as not applying" if item.may_not_apply else ""
    return told + ("" if item.waivable else "; takes no waiver")


def request_types(spec: RequestSpec) -> list[str]:
    """Every type of request that a card may choose here."""
    if not spec.type.startswith("$"):
        return [spec.type]
    return [str(params.get("request", name)) for name, params in spec.accepts.items()]


def _about(name: str) -> str:
    about = (REQUESTS[name].ask.__doc__ or "").strip().split("\n")[0] if name in REQUESTS else ""
    return about.rstrip(".")


def _freshness(gate: Gate, item: ItemSpec) -> str:
    limits = dict.fromkeys(spec.fetched_within or gate.fetched_within for spec in item.requests)
    return f"fetched within {' or '.join(limits)}"


def in_markdown(parts: Iterable[Part]) -> str:
    """The whole catalogue as one document."""
    lines = [
        "# Catalogue",
        "",
        "What each gate asks, item by item. Written by `python -m agent.service.catalogue`.",
        "",
    ]
    for part in parts:
        lines += [f"## {md(part.title)} (`{part.id}` {part.version})", "", md(part.shares), ""]
        if part.notes:
            lines += ["Where the checklist contradicts itself or leaves something open:", ""]
            lines += [*(f"- {md(note)}" for note in part.notes), ""]
        for entry in part.entries:
            lines += [f"### {entry.number}. {md(entry.title)}", ""]
            lines += [*(f"- {what}: {md(text)}" for what, text in entry.rows), ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(
        in_markdown(catalogue(Configuration(resources.folder("config"), None))), encoding="utf-8"
    )
