"""A gate or control from its file, with everything that is wrong with it told at once, by line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from agent import controls, gate_check, gate_names, gate_structure, yaml_lines
from agent.errors import ConfigError
from agent.gates import Control, Gate
from agent.reading_on import Loc, Mistake, ReadOn, read_on

KEPT = 32  # gates; nobody has more at work at once


@dataclass(frozen=True)
class Known:
    """Of the controls that were asked for, those that are right, and the files of the others; `names` of all."""

    controls: Mapping[str, Control]
    wrong: Mapping[str, Path]
    names: Collection[str]


# What was right, by what it was read from: a file whose text is another is read and checked anew.
_RIGHT: dict[tuple[Path, str, str], tuple[Known, Gate]] = {}


def gate_in(path: Path, controls_of: Callable[[Collection[str]], Known], taken: str = "") -> Gate:
    """The gate with its controls in it; a ConfigError names every mistake. `taken`: why it cannot have its id.

    A process that assesses many times goes through it once: it is what its text and its controls make of it.
    """
    text = yaml_lines.text_of(path)
    scanned, read = _as_far_as_it_goes(path, text)
    known = controls_of({name for item in read.value.items for name in item.control} if read.value else ())
    before = _RIGHT.get((path, text, taken))
    if before and _is(before[0], known):
        return before[1]
    found = [*_named(path, read, "gate", taken)]
    if read.value is not None:
        whole = controls.resolve(read.value, known.controls)
        found += read.still_to_tell(_in_gate(read.value, whole, read, known))
    refuse(path, scanned, read, found)
    if len(_RIGHT) >= KEPT:
        _RIGHT.clear()
    _RIGHT[path, text, taken] = known, whole
    return whole


def _is(before: Known, known: Known) -> bool:
    """The very same controls: equal ones may still be read otherwise, as true and 1 are equal to Python."""
    same = (before.names, before.wrong, [*before.controls]) == (known.names, known.wrong, [*known.controls])
    return same and all(one is known.controls[name] for name, one in before.controls.items())


@lru_cache(maxsize=KEPT)
def _as_far_as_it_goes(path: Path, text: str) -> tuple[yaml_lines.Scanned, ReadOn[Gate]]:
    scanned = yaml_lines.scan_text(path, text, again=False)
    return scanned, read_on(scanned.data, Gate)


def control_in(path: Path, taken: str = "") -> Control:
    """The control. A ConfigError names every mistake in it."""
    return _control(path, yaml_lines.text_of(path), taken)


@lru_cache(maxsize=4 * KEPT)  # of a call that raises nothing is kept
def _control(path: Path, text: str, taken: str) -> Control:
    scanned = yaml_lines.scan_text(path, text, again=False)
    read = read_on(scanned.data, Control)
    found = [*_named(path, read, "control", taken)]
    if read.value is not None:
        checks = (*gate_check.mistakes_in_control(read.value), *gate_names.mistakes_in_control(read.value))
        found += read.still_to_tell(checks)
    refuse(path, scanned, read, found)
    assert read.value
    return read.value


def refuse(
    path: Path, scanned: yaml_lines.Scanned, read: ReadOn[Gate] | ReadOn[Control], found: Iterable[Mistake]
) -> None:
    """Raise a ConfigError with one line a mistake, in the order of the file, if there is any."""
    rows = [(line, yaml_lines.dotted(loc), yaml_lines.TWICE) for line, loc in scanned.twice]
    for loc, text in (*read.mistakes, *found):
        written = _as_written(loc, read.renamed)
        rows.append((yaml_lines.line_of(written, scanned.lines), yaml_lines.dotted(written), text))
    if rows:
        told = (f"{path}:{line}: {key}: {text}" for line, key, text in sorted(rows, key=lambda row: row[0]))
        raise ConfigError("\n".join(dict.fromkeys(told)))


def _as_written(loc: Loc, renamed: Mapping[Loc, Loc]) -> Loc:
    """The place as the file has it, where a key was meant that is written otherwise."""
    meant = next((one for one in renamed if loc[: len(one)] == one), None)
    return (*renamed[meant], *loc[len(meant) :]) if meant else loc


def _named(path: Path, read: ReadOn[Gate] | ReadOn[Control], what: str, taken: str) -> Iterator[Mistake]:
    if read.value is None or read.told_already(("id",)):
        return
    if read.value.id != path.stem:
        yield ("id",), f"is {read.value.id!r}; a {what}'s file is named after its id"
    elif taken:
        yield ("id",), taken


def _in_gate(gate: Gate, whole: Gate, read: ReadOn[Gate], known: Known) -> Iterator[Mistake]:
    yield from controls.mistakes(gate, known.controls, known.wrong, known.names)
    short = {i for i, item in enumerate(gate.items) if set(item.control) - set(known.controls)}
    for loc, text in (*gate_check.mistakes(whole), *gate_structure.mistakes(whole, read.broken)):
        if not (loc[:1] == ("items",) and len(loc) > 1 and loc[1] in short and _hangs_on_controls(loc)):
            yield loc, text
    yield from gate_names.mistakes(gate)


def _hangs_on_controls(loc: Loc) -> bool:
    """Would it perhaps be right, if the item's control were there?"""
    return len(loc) == 2 or loc[2] in ("rules", "control", "remediation", "requests")
