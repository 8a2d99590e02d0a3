"""Says which `$names` of a gate or control lead nowhere: keys that no card has, `$each` without a list, wrong heads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from agent.cards import Card
from agent.controls import OF_ITEM
from agent.errors import nearest
from agent.gates import Control, Gate, ItemSpec, RequestSpec, RuleSpec, WindowSpec
from agent.reading_on import Loc, Mistake, fields, under

CARD, EACH, WINDOW, FOLLOW, MAYBE = "card", "each", "window", "follow", "maybe."
OF_A_CONTROL: Mapping[str, Collection[str]] = {"param": (), "gate": ("id",), "item": OF_ITEM}


@dataclass(frozen=True)
class Here:
    """What a name may mean at one place. `each`: what an element is, None where no list is gone through."""

    windows: Collection[str]
    in_control: bool = False
    each: object = None

    def heads(self) -> set[str]:
        return {CARD, EACH, WINDOW, "as_of", "people", *(OF_A_CONTROL if self.in_control else ())}


def mistakes(gate: Gate) -> Iterator[Mistake]:
    """Those of the gate's own file; what a control says is told with the control."""
    here = Here({*gate.windows, *(name for one in gate.controls for name in one.windows)})
    yield from _windows(gate.windows)
    for i, item in enumerate(gate.items):
        yield from _item(item, ("items", i), here)
    for i, check in enumerate(gate.checks):
        yield from _values(check.with_, ("checks", i, "with"), here)
    for i, signer in enumerate(gate.signers):
        yield from _card_key(signer.one_of, ("signers", i, "one_of"))


def mistakes_in_control(control: Control) -> Iterator[Mistake]:
    """Those of a control's file."""
    here = Here(control.windows, in_control=True)
    yield from _windows(control.windows)
    for j, spec in enumerate(control.requests):
        yield from _request(spec, ("requests", j), here)
    for j, rule in enumerate(control.rules):
        yield from _rule(rule, ("rules", j), here)
    yield from _who(control.remediation.who, ("remediation", "who"))


def _windows(windows: Mapping[str, WindowSpec]) -> Iterator[Mistake]:
    for name, spec in windows.items():
        yield from _name(spec.from_, ("windows", name, "from"), Here(()))
        if spec.to is not None:
            yield from _name(spec.to, ("windows", name, "to"), Here(()))


def _item(item: ItemSpec, loc: Loc, here: Here) -> Iterator[Mistake]:
    yield from _values(item.with_, (*loc, "with"), here)
    for j, spec in enumerate(item.requests):
        yield from _request(spec, (*loc, "requests", j), here)
    for j, rule in enumerate(item.rules):
        yield from _rule(rule, (*loc, "rules", j), here)
    yield from _who(item.remediation.who, (*loc, "remediation", "who"))


def _request(spec: RequestSpec, loc: Loc, here: Here) -> Iterator[Mistake]:
    inner = replace(here, each=_element(spec.each), windows={*here.windows, *([FOLLOW] if spec.follows else ())})
    yield from _each(spec.each, spec.when, loc, inner)
    yield from _values({"type": spec.type, "with": spec.with_, "accepts": spec.accepts}, loc, inner)


def _rule(rule: RuleSpec, loc: Loc, here: Here) -> Iterator[Mistake]:
    inner = replace(here, each=_element(rule.each))
    yield from _each(rule.each, rule.when, loc, inner)
    yield from _values(rule.with_, (*loc, "with"), inner)


def _each(each: str | None, when: Mapping[str, object], loc: Loc, here: Here) -> Iterator[Mistake]:
    """A `when` over a key that nothing has would never hold, and what hangs on it never be asked."""
    if each is not None:
        yield from _card_key(each, (*loc, "each"))
    for key in when:
        path = key.split(".")
        lost = _lost(Card, path)
        if lost is not None and (here.each is None or _lost(here.each, path) is not None):
            yield (*loc, "when", key), f"neither the element nor a card has it. {lost}"


def _who(who: str, loc: Loc) -> Iterator[Mistake]:
    if who.startswith("$"):
        yield from _card_key(who, loc)


def _card_key(name: str, loc: Loc) -> Iterator[Mistake]:
    if _parts(name)[0] != CARD or not name.startswith("$"):
        yield loc, f"{name!r} is no key of a card; write for example $card.people.lead"
    else:
        yield from _name(name, loc, Here(()))


def _values(value: object, loc: Loc, here: Here) -> Iterator[Mistake]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _values(inner, (*loc, key), here)
    elif isinstance(value, list | tuple):
        for i, inner in enumerate(value):
            yield from _values(inner, (*loc, i), here)
    elif isinstance(value, str) and value.startswith("$"):
        yield from _name(value, loc, here)


def _name(name: str, loc: Loc, here: Here) -> Iterator[Mistake]:
    head, *path = _parts(name)
    if head not in here.heads():
        yield loc, f"there is no ${head}. {nearest(head, here.heads())}"
    elif head == EACH and here.each is None:
        yield loc, "stands for an element, and nothing is gone through here: `each` is missing"
    elif head == WINDOW and (not path or path[0] not in here.windows):
        yield loc, f"there is no window {'.'.join(path)!r}. {nearest('.'.join(path), here.windows)}"
    elif head in (CARD, EACH):
        lost = _lost(Card if head == CARD else here.each, path)
        if lost is not None:
            yield loc, f"no {'card' if head == CARD else 'element'} has {'.'.join(path)!r}. {lost}"
    elif (known := OF_A_CONTROL.get(head)) and not {*path} <= {*known}:
        yield loc, f"there is no {name}. {nearest('.'.join(path), known)}"


def _parts(name: str) -> list[str]:
    return name.removeprefix("$").removeprefix(MAYBE).split(".")


def _element(each: str | None) -> object:
    """What an element of this list is; None without a list, or without one that a card has."""
    if each is None or _lost(Card, _parts(each)[1:]) is not None:
        return None if each is None else object
    at: object = Card
    for part in _parts(each)[1:]:
        at = under(at, part)
    return under(at, 0) or at


def _lost(at: object, path: list[str]) -> str | None:
    """The nearest names where the path leaves what is known; None while it does not."""
    for part in path:
        known = fields(at)
        if known and part not in known:
            return nearest(part, known)
        at = under(at, part)
    return None
