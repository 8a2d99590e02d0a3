"""Makes worlds out of the put-right one: what people say is changed, or left out, before it is signed and laid out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from agent.yaml_lines import FastLoader
from tests import plain_yaml
from tests.acceptance.conftest import SUBJECT

Change = Callable[[Path], None]
SHARED = ("controls", "shared")
CARD = f"cards/{SUBJECT}/card.yaml"


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=FastLoader)


def write(path: Path, data: object) -> None:
    path.write_text(plain_yaml.dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def all_of(*changes: Change) -> Change:
    def change(source: Path) -> None:
        for one in changes:
            one(source)

    return change


def says(word: str, gate: str, part: str, *boxes: str) -> Change:
    """Whoever answered these boxes says this instead, with a note; every box of the part where none is named."""

    def change(source: Path) -> None:
        left = set(boxes)
        for path in sorted((source / "statements").glob("answers-*.yaml")):
            said = read(path)
            answers = said["fields"]["boxes"]
            if (said["fields"]["gate"], said["fields"]["part"]) == (gate, part):
                for box in {*answers} & ({*boxes} or {*answers}):
                    answers[box] = {"says": word, "note": "We looked at it together last week."}
                    left.discard(box)
                write(path, said)
        assert not left, f"nobody answers {left} in {gate} {part}"

    return change


def no(gate: str, part: str, *boxes: str) -> Change:
    return says("no", gate, part, *boxes)


def without(*names: str) -> Change:
    """These statements were never made."""

    def change(source: Path) -> None:
        for name in names:
            (source / "statements" / f"{name}.yaml").unlink()

    return change


def silent(source: Path) -> None:
    """Nobody ever stated anything."""
    for path in (source / "statements").iterdir():
        path.unlink()


def stated(name: str, kind: str, author: str, fields: Mapping[str, object]) -> Change:
    """One more statement, or another in place of the one of this name."""
    about = {"kind": kind, "subject": SUBJECT, "version": "1.0", "author": author, "made_at": "2026-06-17T09:00-04:00"}

    def change(source: Path) -> None:
        write(source / "statements" / f"{name}.yaml", {**about, "fields": dict(fields)})

    return change


def edited(name: str, **fields: object) -> Change:
    """The statement of this name says these things otherwise."""

    def change(source: Path) -> None:
        path = source / "statements" / f"{name}.yaml"
        said = read(path)
        write(path, {**said, "fields": {**said["fields"], **fields}})

    return change


def card(edit: Callable[[Any], None]) -> Change:
    def change(source: Path) -> None:
        data = read(source / CARD)
        edit(data)
        write(source / CARD, data)

    return change


def nothing_applies(gate: str, items: int) -> Change:
    """Everybody says of every box that it does not apply, and a sponsor approves that of every item of the gate."""
    reasons = {str(number): "This subject has nothing of the kind" for number in range(1, items + 1)}
    approved = {"gate": gate, "requested_by": "mike.chen", "items": reasons}

    def change(source: Path) -> None:
        for path in sorted((source / "statements").glob("answers-*.yaml")):
            said = read(path)
            boxes = said["fields"]["boxes"]
            said["fields"]["boxes"] = {box: {"says": "not_applicable", "note": "There is none here."} for box in boxes}
            write(path, said)
        stated("na", "not_applicable", "priya.shah", approved)(source)

    return change
