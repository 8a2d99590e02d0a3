"""Each fact as a page shows it: its value, and down to the source, query, times, raw value and the vendor's page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import JsonValue

from agent.domain import ReviewDocument, Used
from agent.drafting.values import instant, say
from agent.outputs.html_place import Line, place, raw
from collectors.evidence import Answer, Call, Evidence, Origin

ORIGINS = {Origin.CARD: "the card", Origin.GATE: "the gate", Origin.CODE: "worked out by code"}
MOST_CALLS = 6


@dataclass(frozen=True)
class FactView:
    """`rows` are names and values in the order to show them; `link` is an https page or ""; `lines` the body."""

    anchor: str
    slot: str
    role: str
    value: str
    source: str
    rows: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    link: str

    @property
    def tip(self) -> str:
        return f"{self.slot}, {self.role}: {self.source}"


def fact_view(document: ReviewDocument, number: int, used: Used, answers: Mapping[str, Answer]) -> FactView:
    """A fact of an item. Evidence that is not at hand is named by its digest and nothing is made up for it."""
    fact = used.fact
    role = re.sub(r"(?:_\d+)+$", "", used.role).replace("_", " ")
    value, anchor = say(fact, document.zone), f"i{number}-{used.slot}"
    event = (("event time", instant(fact.at, document.zone)),) if fact.at else ()
    place_ = (("pointer", fact.pointer),) if fact.pointer else ()
    if fact.origin is not Origin.EVIDENCE or not fact.evidence:
        source = ORIGINS.get(fact.origin, "the evidence")
        body: JsonValue = dict(document.card) if fact.origin is Origin.CARD else {}
        lines = place(body, fact.pointer) if fact.pointer else ()
        return FactView(anchor, used.slot, role, value, source, (*event, *place_), lines, "")
    kept = answers.get(fact.evidence)
    kind = document.evidence.get(fact.evidence, "evidence")
    digest = (("evidence", fact.evidence),)
    if not isinstance(kept, Evidence):
        return FactView(anchor, used.slot, role, value, kind, (*event, *place_, *digest), (), "")
    rows = (*_asked(kept, document.zone), *event, *place_, *digest)
    lines = place(kept.body, fact.pointer)
    return FactView(anchor, used.slot, role, value, source_of(kept), rows, lines, web_page(kept.link))


def source_of(kept: Evidence) -> str:
    account = f", account {kept.source.account}" if kept.source.account else ""
    return f"{kept.request_type} from {kept.source.base_url}{account}" + (" (sandbox)" if kept.source.sandbox else "")


def web_page(link: str) -> str:
    """The address if it is a page that a browser may open; nothing else becomes a link."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return ""
    return link if parts.scheme in ("https", "http") and parts.hostname else ""


def _asked(kept: Evidence, zone: str) -> tuple[tuple[str, str], ...]:
    params: dict[str, JsonValue] = {
        name: value for name, value in kept.params.items() if name != "window" and value is not None
    }
    told = [("question", raw(params))] if params else []
    told += [("window", span)] if (span := _window(kept.params.get("window"))) else []
    told += [("query", _call(call)) for call in kept.calls[:MOST_CALLS]]
    more = len(kept.calls) - MOST_CALLS
    told += [("query", f"and {more} more")] if more > 0 else []
    return (*told, ("fetched at", instant(kept.collected_at, zone)))


def _window(value: JsonValue) -> str:
    known = isinstance(value, dict) and {"start", "end"} <= set(value)
    return f"{value['start']} until {value['end']}" if known else ""  # type: ignore[call-overload, index]


def _call(call: Call) -> str:
    asked = f"?{call.query}" if call.query else ""
    pages = f" ({call.pages:,} pages)" if call.pages > 1 else ""
    return f"{call.method} {call.path}{asked} → {call.status}{pages}"
