"""A fact as it is shown to who asks for its source: on the terminal, in chat, to programs."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import JsonValue

from agent.deps import Deps
from agent.domain import ReviewDocument, Used
from agent.drafting.values import say
from collectors.evidence import Origin, resolve

RAW_SHOWN = 300  # characters of a raw value
ORIGINS = {Origin.CARD: "the card", Origin.GATE: "the gate", Origin.CODE: "worked out by code"}


@dataclass(frozen=True)
class FactRow:
    """A fact and where it comes from. `raw` is the JSON text at the pointer, "" where there is none.

    `fetched_at` is ISO 8601, "" where nothing was fetched; `link` as the evidence has it.
    """

    slot: str
    role: str
    value: str
    source: str
    pointer: str
    raw: str
    fetched_at: str
    link: str
    evidence: str


def fact_row(deps: Deps, document: ReviewDocument, used: Used) -> FactRow:
    """Reads the evidence from the locker; StoreError where it is not there, or is not what was sealed."""
    fact, value = used.fact, say(used.fact, document.zone)
    if fact.origin is not Origin.EVIDENCE or not fact.evidence:
        raw = _raw(dict(document.card), fact.pointer) if fact.origin is Origin.CARD else ""
        return FactRow(used.slot, used.role, value, ORIGINS.get(fact.origin, ""), fact.pointer, raw, "", "", "")
    kept = json.loads(deps.locker.get(fact.evidence))
    asked = kept["source"]
    account = f", account {asked['account']}" if asked["account"] else ""
    source = f"{kept['request_type']} from {asked['base_url']}{account}" + (" (sandbox)" if asked["sandbox"] else "")
    raw = _raw(kept["body"], fact.pointer)
    return FactRow(
        used.slot, used.role, value, source, fact.pointer, raw, kept["collected_at"], kept["link"], fact.evidence
    )  # fmt: skip


def _raw(body: JsonValue, pointer: str) -> str:
    try:
        text = json.dumps(resolve(body, pointer))
    except KeyError:
        return ""
    return text if len(text) <= RAW_SHOWN else text[: RAW_SHOWN - 1] + "…"
