"""Use case: which flag stops a subject. The person who asks may be in a hurry: a card with mistakes is no reason to
say nothing, as long as the flag is named."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from pydantic import JsonValue

from agent import yaml_lines
from agent.cards import KillSwitch
from agent.deps import Deps
from agent.domain import Finding, ReviewDocument
from agent.errors import ConfigError, UsageError
from agent.service.finishing import shown
from collectors.connections import LaunchDarklyAccess

NEEDED = ("project", "environment", "flag")
PROBES = {"switch_is_on_and_off_really_stops", "drill_was_run_before_launch", "time_to_stop_is_recorded"}


@dataclass(frozen=True)
class Switch:
    """`values` as the card has them, `link` the vendor's page of the flag; `mistake` says why this may be wrong."""

    subject: str
    name: str
    version: str
    values: dict[str, JsonValue]
    link: str
    mistake: str = ""


def switch(deps: Deps, subject: str) -> Switch:
    """The switch that the card names; of a card that does not load, what it says of it all the same, else what the
    latest review read. The card's own error where the flag cannot be named."""
    try:
        card = deps.configuration.card(subject).card
    except (ConfigError, UsageError) as error:
        return _despite(deps, subject, error)
    values = card.kill_switch.model_dump(mode="json", exclude_none=True)
    return Switch(subject, card.name, card.version, values, link_of(deps, values))


def _despite(deps: Deps, subject: str, error: ConfigError | UsageError) -> Switch:
    first = str(error).splitlines()[0]
    raw = _raw(deps, subject)
    values = _named(raw.get("kill_switch"))
    if values:
        told = f"the card does not load ({first}); what it says of the switch is shown as it stands, confirm it"
        return Switch(subject, "", str(raw.get("version", "")), values, link_of(deps, values), told)
    document = latest(deps, subject)
    values = _named(document.card.get("kill_switch")) if document else {}
    if document is None or not values:
        raise error
    told = f"the card does not load ({first}); this is the switch as {document.review} read it, and may have changed"
    return Switch(subject, "", document.version, values, link_of(deps, values), told)


def _raw(deps: Deps, subject: str) -> dict[str, JsonValue]:
    path = deps.configuration.card_paths().get(subject)
    try:
        data = yaml_lines.read(path)[0] if path else None
    except ConfigError:
        return {}
    return data if isinstance(data, dict) else {}


def _named(value: JsonValue) -> dict[str, JsonValue]:
    """The switch's own keys, if they name a flag; nothing else that stands there."""
    if not isinstance(value, dict) or not all(isinstance(value.get(key), str) and value[key] for key in NEEDED):
        return {}
    return {key: value[key] for key in KillSwitch.model_fields if isinstance(value.get(key), str)}


def link_of(deps: Deps, values: dict[str, JsonValue]) -> str:
    """Where a person sees the flag, and switches it off."""
    base = (deps.connections.launchdarkly or LaunchDarklyAccess()).base_url.rstrip("/")
    project, environment, flag = (quote(str(values[key]), safe="") for key in NEEDED)
    return f"{base}/{project}/{environment}/features/{flag}"


def latest(deps: Deps, subject: str, version: str = "") -> ReviewDocument | None:
    """The latest review of a subject, or of one version of it, that has something to show. What a rehearsal saw at
    another instant is not how things stand.
    """
    rows = [r for r in deps.reviews.all() if r.subject == subject and r.document and version in ("", r.version)]
    rows = [row for row in rows if not row.rehearsal]
    return shown(deps, rows[-1].id).document if rows else None


def findings(document: ReviewDocument) -> tuple[Finding, ...]:
    """What a review found about the switch: does off stop, was it drilled, how fast did it stop."""
    return tuple(found for item in document.items for found in item.findings if found.probe in PROBES)
