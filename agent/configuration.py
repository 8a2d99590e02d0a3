"""Gates, cards and people: the product's own configuration and the overlay of those who use it."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agent import drafts, yaml_lines
from agent.cards import Card
from agent.errors import ConfigError, UsageError, nearest
from agent.gates import Control, Gate, ItemSpec
from agent.people import People, load_people

if TYPE_CHECKING:
    from agent import gate_files

CARD_FILE = "card.yaml"
TAKEN = "'{id}' is the product's own {what}; give yours an id of its own"


@dataclass(frozen=True)
class LoadedCard:
    """A card as checked, and the values exactly as its YAML has them."""

    card: Card
    raw: dict[str, JsonValue]
    path: Path


@dataclass(frozen=True)
class Gates:
    """By id, the gates that can be read, and of the others all that is wrong with them."""

    right: dict[str, Gate]
    wrong: dict[str, str]

    @property
    def told(self) -> list[str]:
        """A sentence for each that cannot be read."""
        return [f"gate {id} cannot be read; {why}" for id, why in self.wrong.items()]


@dataclass(frozen=True)
class Configuration:
    """`own` is the product's config folder, `overlay` the user's (or None)."""

    own: Path
    overlay: Path | None

    def gate_paths(self) -> dict[str, Path]:
        """Every gate by id. An overlay's of the product's own id would pass for it: refused when it is read."""
        return self._by_id("gates")

    def _by_id(self, folder: str) -> dict[str, Path]:
        own = {path.stem: path for path in sorted((self.own / folder).glob("*.yaml"))}
        theirs = sorted((self.overlay / folder).glob("*.yaml")) if self.overlay else []
        return own | {path.stem: path for path in theirs}

    def gates(self) -> Gates:
        """Every gate that can be read; one that cannot costs the others nothing, and is told."""
        right, wrong = dict[str, Gate](), dict[str, str]()
        for id in self.gate_paths():
            try:
                right[id] = self.gate(id)
            except ConfigError as error:
                wrong[id] = str(error)
        return Gates(right, wrong)

    def gate(self, id: str) -> Gate:
        paths = self.gate_paths()
        if id not in paths:
            raise UsageError(f"there is no gate {id!r}. {nearest(id, paths)}")
        return self.load_gate(paths[id])

    def load_gate(self, path: Path) -> Gate:
        """The gate in this file with its controls in it. A ConfigError tells all that is wrong with it or with them."""
        from agent import gate_files

        return gate_files.gate_in(path, self._known_controls, self._taken(path, "gates", "gate"))

    def raw_items(self, path: Path) -> tuple[ItemSpec, ...]:
        """A gate's items as far as its file can be read; what is wrong there its own check tells."""
        from agent.reading_on import read_on

        read = read_on(yaml_lines.scan(path).data, Gate)
        return read.value.items if read.value else ()

    def paths(self, folder: str) -> list[Path]:
        """Every file of `gates` or `controls`, the product's own and the overlay's, right or wrong."""
        folders = [self.own, *([self.overlay] if self.overlay else [])]
        return [path for one in folders for path in sorted((one / folder).glob("*.yaml"))]

    def _taken(self, path: Path, folder: str, what: str) -> str:
        """Why an overlay's file may not have the id it has: it would pass for the product's own."""
        theirs = self.overlay is not None and path.parent.resolve() == (self.overlay / folder).resolve()
        return TAKEN.format(id=path.stem, what=what) if theirs and (self.own / folder / path.name).is_file() else ""

    def control_paths(self) -> dict[str, Path]:
        """Every control by id. An overlay's of the product's own id would pass for it: refused when it is read."""
        return self._by_id("controls")

    def load_control(self, path: Path) -> Control:
        """The control in this file. A ConfigError tells all that is wrong with it."""
        from agent import gate_files

        return gate_files.control_in(path, self._taken(path, "controls", "control"))

    def _known_controls(self, wanted: Collection[str]) -> gate_files.Known:
        from agent import gate_files

        right, wrong, paths = {}, {}, self.control_paths()
        for id in sorted({*wanted} & {*paths}):
            try:
                right[id] = self.load_control(paths[id])
            except ConfigError:
                wrong[id] = paths[id]
        return gate_files.Known(right, wrong, tuple(paths))

    def controls(self, wanted: Collection[str] | None = None) -> dict[str, Control]:
        """The controls by id; of `wanted`, those that there are."""
        paths = self.control_paths() if wanted is None or wanted else {}
        return {id: self.load_control(path) for id, path in paths.items() if wanted is None or id in wanted}

    def card_paths(self) -> dict[str, Path]:
        found = sorted((self.overlay / "cards").glob(f"*/{CARD_FILE}")) if self.overlay else []
        return {path.parent.name: path for path in found}

    def card(self, subject: str) -> LoadedCard:
        paths = self.card_paths()
        if self.overlay is None:
            raise ConfigError(
                "CLEARANCE_CONFIG is not set; it names the folder with cards/, people.yaml and documents/"
            )
        if subject not in paths:
            raise UsageError(f"there is no card for {subject!r} in {self.overlay / 'cards'}. {nearest(subject, paths)}")
        return load_card(paths[subject])

    def people(self) -> People:
        path = self.overlay / "people.yaml" if self.overlay else None
        return load_people(path) if path and path.exists() else People()

    def people_as_written(self) -> bytes:
        """The bytes of people.yaml; none where there is no such file."""
        path = self.overlay / "people.yaml" if self.overlay else None
        try:
            return path.read_bytes() if path else b""
        except (FileNotFoundError, NotADirectoryError):
            return b""

    def attestations(self, subject: str) -> Path | None:
        folder = self.overlay / "cards" / subject / "attestations" if self.overlay else None
        return folder if folder and folder.is_dir() else None

    @property
    def documents(self) -> Path | None:
        folder = self.overlay / "documents" if self.overlay else None
        return folder if folder and folder.is_dir() else None


def load_card(path: Path, *, again: bool = True) -> LoadedCard:
    """The card in this file. A ConfigError tells all that is wrong with it, a draft's unconfirmed guesses included.

    `again`: it may soon be read once more; of a thousand cards each is read once, and none is kept in mind.
    """
    raw, lines = yaml_lines.read(path, again=again)
    unconfirmed = [*drafts.complaints(path, raw, lines)]
    if isinstance(raw, dict):
        raw = {key: value for key, value in raw.items() if key != drafts.KEY}
    try:
        card = yaml_lines.checked(path, raw, lines, Card)
    except ConfigError as error:
        raise ConfigError("\n".join([*unconfirmed, str(error)])) from error
    if unconfirmed:
        raise ConfigError("\n".join(unconfirmed))
    if card.subject != path.parent.name and path.name == CARD_FILE:
        line = yaml_lines.line_of(("subject",), lines)
        raise ConfigError(f"{path}:{line}: subject: is {card.subject!r}; the card's folder is named after its subject")
    return LoadedCard(card, json.loads(json.dumps(raw, default=_as_text)), path)


def refuse_strangers(loaded: LoadedCard, people: People) -> None:
    """A ConfigError for every id on a card that people.yaml does not know, with its line and the nearest names."""
    card, (_, lines) = loaded.card, yaml_lines.read(loaded.path)
    named: list[tuple[yaml_lines.Loc, str | None]] = [
        *((("people", "builders", i), one) for i, one in enumerate(card.people.builders)),
        *((("people", "approvers_m8", i), one) for i, one in enumerate(card.people.approvers_m8)),
        (("people", "lead"), card.people.lead),
        (("people", "second_approver"), card.people.second_approver),
        (("people", "sponsor"), card.people.sponsor),
        *((("people", "roles", role), one) for role, named in card.people.roles.items() for one in named),
        (("targets_approved", "by"), card.targets_approved.by if card.targets_approved else None),
        *((("kill_switch", "may_flip", i), one) for i, one in enumerate(card.kill_switch.may_flip)),
        *((("runbook", "owners", i), one) for i, one in enumerate(card.runbook.owners or ())),
        *(
            (("dashboards", i, "watchers", j), one)
            for i, dashboard in enumerate(card.dashboards)
            for j, one in enumerate(dashboard.watchers)
        ),
    ]
    rows = [
        f"{loaded.path}:{yaml_lines.line_of(loc, lines)}: {yaml_lines.dotted(loc)}: "
        f"{one!r} is nobody in people.yaml. {nearest(one, people.people)}"
        for loc, one in named
        if one is not None and one not in people.people
    ]
    if rows:
        raise ConfigError("\n".join(rows))


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
