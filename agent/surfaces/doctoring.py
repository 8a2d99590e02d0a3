"""What `doctor` finds: the settings and where they came from, the overlay, and how it stands with each source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from pydantic import JsonValue

from agent.deps import Deps
from agent.errors import ClearanceError, ConfigError
from agent.service import own_switch
from agent.service.needs import Needed, needed_by, vendor_of
from agent.settings import NAMES, SECRET
from agent.store.outbox import undelivered
from agent.surfaces import needing, rounds
from agent.surfaces.needing import Permission
from agent.surfaces.slack import health
from agent.surfaces.terminal import Screen
from collectors.connections import SourceCheck
from collectors.doctor import check_all
from collectors.needs import DISCOVERS

ANY = "*"
STATES = {
    "ok": "✅ ok",
    "refused": "❌ refused",
    "unreachable": "❌ unreachable",
    "not configured": "➖ not configured",
}


@dataclass(frozen=True)
class Setting:
    """`value` of a secret is "set"."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True)
class Examined:
    """`needed`: the vendors that some card names as a source; with a gate, those that it asks.

    `clock_set`: CLEARANCE_CLOCK is set, so how far it is from the sources' clocks says nothing."""

    settings: tuple[Setting, ...]
    overlay: str
    sources: tuple[SourceCheck, ...]
    needed: frozenset[str]
    asking: Needed
    permissions: tuple[Permission, ...]
    clock_set: bool
    undelivered: tuple[str, ...] = ()
    login: str = ""
    login_works: bool = True
    chat: str = ""
    chat_works: bool = True
    switch: str = ""
    switch_sure: bool = True
    rounds: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Does every source answer that is configured or needed, is no permission known to be missing, is nobody
        waiting for a message that could not be delivered, can every gate be read, does everything go round that is
        looked after, and is Clearance's own switch heard where there is one?"""
        answers = all(
            s.state == "ok" or (s.state == "not configured" and s.vendor not in self.needed) for s in self.sources
        )
        told = not self.undelivered and self.login_works and self.switch_sure and self.chat_works and not self.rounds
        return (
            answers
            and told
            and not self.asking.unread
            and not any(p.state == needing.MISSING for p in self.permissions)
        )

    def as_json(self) -> dict[str, object]:
        return {
            "settings": [asdict(s) for s in self.settings],
            "overlay": self.overlay,
            "gates": list(self.asking.gates),
            "sources": [self._source(s) for s in self.sources],
            "permissions": [asdict(p) for p in self.permissions],
            "blind": needing.blind_rows(self.sources, self.asking),
            "discover": {vendor: list(names) for vendor, names in DISCOVERS.items()},
            "unplanned": [sentence for _, sentence in self.asking.unplanned],
            "undelivered": list(self.undelivered),
            "rounds": list(self.rounds),
            "login": self.login,
            "chat": self.chat,
            "switch": self.switch,
            "well": self.well,
        }

    def _source(self, one: SourceCheck) -> dict[str, object]:
        told = one.model_dump(mode="json", include={"vendor", "state", "account", "sentence"}) | {
            "account": account(one)
        }
        return told | {"needed": one.vendor in self.needed, "clock": needing.clock_of(one, self.clock_set)}


def examine(deps: Deps, gate: str | None = None, subject: str | None = None) -> Examined:
    """Asks every source. `gate` and `subject` narrow what is needed to their questions; UsageError if unknown."""
    asking = needed_by(deps, gate, subject)
    sources = tuple(check_all(deps.connections, asking.requests()))
    login, works = _login(deps)
    chat, answers = health.chat(deps)
    switch, sure = _switch(deps)
    return Examined(
        settings=tuple(_settings(deps)), overlay=_overlay(deps), sources=sources,
        needed=_needed(deps, gate, subject, asking), asking=asking, permissions=needing.permissions(sources, asking),
        clock_set=bool(deps.settings.get("CLEARANCE_CLOCK")), undelivered=tuple(_undelivered(deps)),
        login=login, login_works=works, switch=switch, switch_sure=sure, chat=chat, chat_works=answers,
        rounds=rounds.troubles(deps),
    )  # fmt: skip


def _needed(deps: Deps, gate: str | None, subject: str | None, asking: Needed) -> frozenset[str]:
    """Where a gate cannot be asked about a card, and where none is named, whatever the card names is needed."""
    cards = {subject} if subject else set(deps.configuration.card_paths())
    unknown = {card for card, _ in asking.unplanned} if gate else cards
    named = {vendor for card in unknown for vendor in _named_on(deps, card)}
    return frozenset(named | {one.vendor for one in asking.asked})


def _named_on(deps: Deps, subject: str) -> Iterator[str]:
    """The vendors that a card names; none of one that cannot be read, which is told among what cannot be asked."""
    try:
        raw = deps.configuration.card(subject).raw
    except ConfigError:
        return
    yield from _vendors(raw)


def _undelivered(deps: Deps) -> Iterator[str]:
    for row in undelivered(deps.engine):
        yield f"{row.person} could not be told of {row.review} ({row.kind}, tried {row.attempts} times): {row.error}"


def _login(deps: Deps) -> tuple[str, bool]:
    """How people log in to `serve`, and whether that works now."""
    if not deps.settings.get("CLEARANCE_OIDC_ISSUER"):
        return "a one-time link, on this machine, with your own key (CLEARANCE_OIDC_ISSUER is not set)", True
    from agent.surfaces.web.oidc.provider import provider_of
    from agent.surfaces.web.place import place_of

    try:
        provider = provider_of(deps.settings)
        place_of(deps.settings, by_login=True)
        if provider:
            provider.endpoints()
    except ClearanceError as error:
        return f"❌ OpenID Connect: {error}", False
    known = sum(
        login.issuer == deps.settings.get("CLEARANCE_OIDC_ISSUER")
        for one in deps.configuration.people().people.values()
        for login in one.logins
    )
    people = f"people.yaml knows {known} login{'s' * (known != 1)} there"
    return f"OpenID Connect at {deps.settings.get('CLEARANCE_OIDC_ISSUER')}: it answers; {people}", True


def _switch(deps: Deps) -> tuple[str, bool]:
    """Clearance's own switch: off is no trouble, not to have heard it is."""
    now = own_switch.of(deps)
    if now.sure:
        return f"{'✅ on' if now.on else '⏳ off, new work is queued'}: Clearance is {now.told}", True
    return f"❌ {'on' if now.on else 'off, new work is queued'}: Clearance is {now.told}", False


def _overlay(deps: Deps) -> str:
    own = deps.configuration
    if own.overlay is None:
        return "not set"
    return f"{own.overlay}: {len(own.card_paths())} cards, {len(own.people().people)} people"


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
                yield vendor_of(inner)
            yield from _vendors(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _vendors(inner)


def show(screen: Screen, found: Examined) -> None:
    screen.heading("Settings")
    screen.table(("Name", "Value", "From"), [(s.name, s.value, s.origin) for s in found.settings])
    screen.say(f"Overlay (CLEARANCE_CONFIG): {found.overlay}")
    screen.say(f"Login to the page (`clearance serve`): {found.login}")
    screen.say(f"Chat: {found.chat}")
    screen.say(f"Clearance's own switch (`clearance switch show`): {found.switch}")
    sources(screen, found)
    _wrong(screen, "Messages that could not be delivered (`clearance outbox` tries again)", found.undelivered)
    _wrong(screen, "Rounds that a process makes beside its work", found.rounds)
    needing.show(screen, found.sources, found.asking, found.permissions, found.clock_set)


def _wrong(screen: Screen, heading: str, sentences: Sequence[str]) -> None:
    if sentences:
        screen.heading(heading)
    for sentence in sentences:
        screen.say(f"❌ {sentence}", indent=2)


def sources(screen: Screen, found: Examined) -> None:
    screen.heading("Sources")
    rows = [(s.vendor, STATES[s.state] + _wanted(s, found), account(s), s.sentence) for s in found.sources]
    screen.table(("Source", "State", "Account", "What it said"), rows)


def account(source: SourceCheck) -> str:
    """As people know it: LAUNCHDARKLY_SDK_KEY opens one environment, and LaunchDarkly does not tell it which."""
    return "" if source.account == ANY else source.account


def _wanted(source: SourceCheck, found: Examined) -> str:
    return ", and a card names it" if source.state == "not configured" and source.vendor in found.needed else ""
