"""What `doctor` finds: the settings and where they came from, the overlay, and whether each source answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from pydantic import JsonValue

from agent.deps import Deps
from agent.settings import NAMES, SECRET
from agent.surfaces.terminal import Screen
from collectors.connections import SourceCheck
from collectors.doctor import check_all

STATES = {
    "ok": "✅ ok",
    "refused": "❌ refused",
    "unreachable": "❌ unreachable",
    "not configured": "➖ not configured",
}
VENDOR_OF = {"s3": "aws", "cloudtrail": "aws"}


@dataclass(frozen=True)
class Setting:
    """`value` of a secret is "set"."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True)
class Examined:
    """`needed`: the vendors that some card names as a source."""

    settings: tuple[Setting, ...]
    overlay: str
    sources: tuple[SourceCheck, ...]
    needed: frozenset[str]

    @property
    def well(self) -> bool:
        """Does every source answer that is configured or that a card names?"""
        return all(
            s.state == "ok" or (s.state == "not configured" and s.vendor not in self.needed) for s in self.sources
        )

    def as_json(self) -> dict[str, object]:
        return {
            "settings": [asdict(s) for s in self.settings],
            "overlay": self.overlay,
            "sources": [s.model_dump(mode="json") | {"needed": s.vendor in self.needed} for s in self.sources],
            "well": self.well,
        }


def examine(deps: Deps) -> Examined:
    cards = {subject: deps.configuration.card(subject).raw for subject in deps.configuration.card_paths()}
    needed = frozenset(VENDOR_OF.get(vendor, vendor) for card in cards.values() for vendor in _vendors(card))
    people = deps.configuration.people().people
    overlay = (
        f"{deps.configuration.overlay}: {len(cards)} cards, {len(people)} people"
        if deps.configuration.overlay
        else "not set"
    )
    return Examined(tuple(_settings(deps)), overlay, tuple(check_all(deps.connections)), needed)


def _settings(deps: Deps) -> Iterator[Setting]:
    own = deps.settings
    yield Setting("CLEARANCE_HOME", str(own.home.absolute()), own.origins.get("CLEARANCE_HOME", "default"))
    for name in NAMES:
        value = own.get(name)
        if value and name != "CLEARANCE_HOME":
            yield Setting(name, "set" if _is_secret(name) else value, own.origins.get(name, ""))
    for environment in own.sdk_keys:
        if environment != "*":
            yield Setting(f"SDK key of {environment}", "set", "clearance.toml")


def _is_secret(name: str) -> bool:
    """CLEARANCE_KEY is the path of a file; a database URL may hold a password."""
    return name == "CLEARANCE_DATABASE_URL" or (name != "CLEARANCE_KEY" and any(part in name for part in SECRET))


def _vendors(value: JsonValue) -> Iterator[str]:
    """Vendors of every `source: x.y` and `request: x.y` on a card."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("source", "request") and isinstance(inner, str):
                yield inner.split(".")[0]
            yield from _vendors(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _vendors(inner)


def show(screen: Screen, found: Examined) -> None:
    screen.heading("Settings")
    screen.table(("Name", "Value", "From"), [(s.name, s.value, s.origin) for s in found.settings])
    screen.say(f"Overlay (CLEARANCE_CONFIG): {found.overlay}")
    sources(screen, found)


def sources(screen: Screen, found: Examined) -> None:
    screen.heading("Sources")
    rows = [(s.vendor, STATES[s.state] + _wanted(s, found), s.account, s.sentence) for s in found.sources]
    screen.table(("Source", "State", "Account", "What it said"), rows)


def _wanted(source: SourceCheck, found: Examined) -> str:
    return ", and a card names it" if source.state == "not configured" and source.vendor in found.needed else ""
