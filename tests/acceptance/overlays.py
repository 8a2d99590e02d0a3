"""Changes to an overlay, made by its owners: another card, a gate of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.acceptance.conftest import GATE, SUBJECT
from tests.gates.seeds import WRITTEN_OUT


def card_with(change: Callable[[Any], None], subject: str = SUBJECT) -> Callable[[Path], None]:
    """The mend that changes the card."""

    def mend(overlay: Path) -> None:
        own = overlay / f"cards/{SUBJECT}/card.yaml"
        card = yaml.load(own.read_text(encoding="utf-8"), Loader=FastLoader)
        change(card)
        path = overlay / f"cards/{subject}/card.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(plain_yaml.dump(card, sort_keys=False), encoding="utf-8")

    return mend


def own_gate(overlay: Path, old: str = "", new: str = "", version: str = "1") -> str:
    """A gate of the overlay's own, and its id: the product's, every rule written out, with one passage replaced."""
    text = WRITTEN_OUT.read_text(encoding="utf-8")
    assert old in text
    (overlay / "gates").mkdir(exist_ok=True)
    changed = text.replace(f"id: {GATE}", "id: our-own", 1).replace(old, new)
    changed = changed.replace('version: "1"', f'version: "{version}"', 1)
    (overlay / "gates" / "our-own.yaml").write_text(changed, encoding="utf-8")
    return "our-own"
