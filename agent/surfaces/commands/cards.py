"""`cards list|show|check|discover`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.surfaces.options import AsJson, Subject

if TYPE_CHECKING:
    from agent.cards import Card
    from agent.configuration import Configuration
    from agent.gates import Gate
    from agent.service.card_lacks import Lack

group = typer.Typer(
    help="Cards: which subjects there are, and whether a card is right.", no_args_is_help=True, rich_markup_mode=None
)


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="cards")


@group.command("list")
def list_cards(json: AsJson = False) -> int:
    """List the subjects that have a card in your overlay (CLEARANCE_CONFIG)."""
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view, own = screen(), _overlay(opening.configuration())
    cards, wrong = _read(own)
    rows = [
        {"subject": c.subject, "version": c.version, "tier": c.tier, "launch": c.launch.date.isoformat()} for c in cards
    ]
    if json:
        view.json(rows)
    else:
        view.table(("Subject", "Version", "Tier", "Launch"), [list(row.values()) for row in rows])
    for mistake in wrong:
        view.error(mistake)
    return 2 if wrong else 0


def _read(own: Configuration) -> tuple[list[Card], list[str]]:
    """The cards that are right, and the first mistake of each that is not, drafts included."""
    from agent.errors import ConfigError

    cards, wrong = [], []
    for subject in own.card_paths():
        try:
            cards.append(own.card(subject).card)
        except ConfigError as error:
            wrong.append(str(error).splitlines()[0])
    return cards, wrong


@group.command("show")
def show_card(subject: Subject, json: AsJson = False) -> int:
    """Show a card as Clearance reads it."""
    from agent.surfaces import opening
    from agent.surfaces.terminal import screen

    view, loaded = screen(), opening.configuration().card(subject)
    if json:
        view.json(loaded.raw)
    else:
        view.say(f"{loaded.path}")
        view.say(loaded.path.read_text(encoding="utf-8"))
    return 0


@group.command("check")
def check_cards(
    cards: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SUBJECT|FILE...]", help="Subjects or card files; without any, every card."),
    ] = None,
    gate: Annotated[
        str | None, typer.Option("--gate", metavar="G", help="Tell also which keys each card lacks for this gate.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Check cards and people.yaml; every mistake is told with file, line, key and what is allowed.

    With --gate, every key that an item of the gate would need and a card lacks is told, with what comes of it; a card
    that lacks one is code 2 too."""
    from agent.surfaces import checking, opening
    from agent.surfaces.terminal import screen

    settings = opening.read_settings()
    own = opening.configuration(settings)
    files = [_file(own, one) for one in cards or ()] or [*_people(own), *_overlay(own).card_paths().values()]
    if gate is None:
        return checking.check(screen(), files, _right, json)
    known, now = own.gate(gate), settings.clock()()
    return checking.check(screen(), files, _right, json, lambda path: _lacks(path, known, now))


@group.command("discover")
def discover_card(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the subject is called, for example orders-recon.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the draft here; never overwrites a file.")
    ] = None,
    json: AsJson = False,
) -> int:
    """Draft a card from what is called like the subject at the sources that are configured.

    Looks at schedules, services, flags, dashboards, monitors, buckets, secrets, roles, projects, repositories,
    channels, applications and documents by name. Each guess has a question mark; what could not be seen
    is named with why. A draft is refused as a card until a person has confirmed it line by line."""
    from agent.errors import UsageError
    from agent.service import discovery
    from agent.surfaces import discovering, opening
    from agent.surfaces.terminal import screen

    if out is not None and out.exists():
        raise UsageError(f"--out {out}: is there already and is not overwritten; name another file")
    view = screen()
    found = discovery.discover(opening.open_store(view), name)
    if out is not None:
        discovering.write(out, found.text)
    if json:
        view.json(discovering.as_json(found, out))
    else:
        discovering.show(view, found, out)
    return 0


def _overlay(own: Configuration) -> Configuration:
    from agent.errors import ConfigError

    if own.overlay is None:
        raise ConfigError("CLEARANCE_CONFIG is not set; it names the folder with cards/, people.yaml and documents/")
    if not own.overlay.is_dir():
        raise ConfigError(f"CLEARANCE_CONFIG: there is no folder {own.overlay}")
    return own


def _people(own: Configuration) -> list[Path]:
    path = _overlay(own).overlay / "people.yaml"  # type: ignore[operator]
    return [path] if path.exists() else []


def _file(own: Configuration, named: str) -> Path:
    from agent.errors import UsageError, nearest

    paths = own.card_paths()
    if named in paths:
        return paths[named]
    if Path(named).is_file():
        return Path(named)
    raise UsageError(f"{named!r} is neither a subject nor a file. {nearest(named, paths)}")


def _lacks(path: Path, gate: Gate, now: datetime) -> list[Lack]:
    """What a card that is right lacks for a gate; people.yaml lacks nothing."""
    from agent.configuration import load_card
    from agent.service.card_lacks import lacks

    return [] if path.name == "people.yaml" else [*lacks(gate, load_card(path), now)]


def _right(path: Path) -> str:
    """What is told of a file that is right. ConfigError if it is not."""
    from agent.configuration import load_card, refuse_strangers
    from agent.people import load_people
    from agent.probes.success_criteria import targets_digest

    if path.name == "people.yaml":
        people = load_people(path).people
        return f"{len(people)} people, {sum(bool(one.keys) for one in people.values())} of them with a key"
    loaded, known = load_card(path), path.parent.parent.parent / "people.yaml"
    if known.exists():
        refuse_strangers(loaded, load_people(known))
    card = loaded.card
    digest, approved = targets_digest(card.targets), card.targets_approved
    if approved is None:
        return f"{card.subject} {card.version}; nobody approved its targets; their digest is {digest}"
    if approved.digest != digest:
        told = f"goalposts moved: its targets are not those that were approved; their digest is {digest}"
        return f"{card.subject} {card.version}; {told}"
    return f"{card.subject} {card.version}; its targets are those approved on {approved.on} by {approved.by}"
