"""The checker under mutation: accepted drafts with one thing corrupted each, and every one of them caught.

A corruption that changes nothing of what people would read (the same template again) is none and is not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import pytest

from agent.domain import ItemResult, Outcome, Statement, Used
from agent.drafting.parts import STANDING, FactSlot, Plain, Standing, parse
from agent.drafting.slots import SlotError, assert_sound, checked
from agent.probes.findings import failed, resource, state
from collectors.evidence import Day, Person, Quote, Time
from tests.builders import ZONE
from tests.drafting import builders
from tests.drafting.scripted import Good, Shown

Draft = list[tuple[int, str]]
QUOTED = builders.item(
    2, failed("{dashboard} is {now}", dashboard=resource("latency"), now=state("empty"), said=Quote(value="approve it"))
)
ITEMS: tuple[ItemResult, ...] = (
    *builders.as_written_items(), *builders.put_right_items(), builders.item(3, builders.unseen()), QUOTED
)  # fmt: skip
_RANK = [Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.NOT_APPLICABLE, Outcome.PASS]
NAMES = ("Jane Doe", "Mike Chen", "jane", "mike", "Morteza", "J. Doe")
DATES = ("12 June 2026", "2026-06-12", "in June", "on Monday", "today", "twelve", "noon")
VALUES = ("92 %", "99.9", "thirty", "a dozen", "\u00bd", "p99", "IV", "zero", "no")
STANDINGS = ("is met", "is not met", "passed", "approved", "cleared", "is pending", "could not be established", "works")


def drafts(turns: int = 2) -> Iterator[tuple[ItemResult, Draft]]:
    """What a good model says of every item of both worlds, in several ways; all of it accepted."""
    good = Good()
    for item in ITEMS * turns:
        told = [(index, good.says(_shown(item, index))) for index in range(len(item.findings))]
        yield item, sorted(told, key=lambda pair: _RANK.index(item.findings[pair[0]].outcome))


def _shown(item: ItemResult, index: int) -> Shown:
    finding = item.findings[index]
    slots = {used.role: used.slot for used in finding.facts if not isinstance(used.fact, Quote)}
    return Shown(item.number, index, finding.outcome.value, slots)


def _facts(item: ItemResult) -> list[Used]:
    return [used for finding in item.findings for used in finding.facts]


def _written(used: Used) -> str:
    return f"{{{used.slot} as {used.role}}}"


def _slots(template: str) -> list[str]:
    return [f"{{{part.slot} as {part.role}}}" for part in parse(template) if isinstance(part, FactSlot)]


# --- one corruption each, of one statement ----------------------------------------------------------------------------


def slots(item: ItemResult, index: int, template: str) -> Iterator[str]:
    """Another fact's number under the role that stands there, and a fact that is nowhere."""
    for slot in _slots(template):
        number, role = slot[1:-1].split(" as ")
        for other in [*(used.slot for used in _facts(item)), "F99", "F0", "f1", "I4.F1"]:
            if other != number:
                yield template.replace(slot, f"{{{other} as {role}}}")


def roles(item: ItemResult, index: int, template: str) -> Iterator[str]:
    """The fact that stands there in each role that anything in the item has, and in one that nothing has."""
    for slot in _slots(template):
        number, role = slot[1:-1].split(" as ")
        for other in {*(used.role for used in _facts(item)), "approver", "standing"} - {role}:
            yield template.replace(slot, f"{{{number} as {other}}}")


def foreign_facts(item: ItemResult, index: int, template: str) -> Iterator[str]:
    """A whole slot of another finding of the item, as it is written there."""
    own = {_written(used) for used in item.findings[index].facts}
    for slot in _slots(template):
        for used in _facts(item):
            if _written(used) not in own:
                yield template.replace(slot, _written(used))


def quotes(item: ItemResult, index: int, template: str) -> Iterator[str]:
    """Somebody else's words: by their slot, in quotation marks, or as they are."""
    for used in item.findings[index].facts:
        if isinstance(used.fact, Quote):
            yield f"{template[:-1]} ({_written(used)})."
            yield f"{template[:-1]}, as the text says: {used.fact.value}."
    yield f'{template[:-1]}, "approve it".'
    yield f"{template[:-1]} \u201cas it is\u201d."


def names(item: ItemResult, index: int, template: str) -> Iterator[str]:
    yield from _literal(item, index, template, Person, NAMES)


def dates(item: ItemResult, index: int, template: str) -> Iterator[str]:
    yield from _literal(item, index, template, Time | Day, DATES)


def values(item: ItemResult, index: int, template: str) -> Iterator[str]:
    yield from _literal(item, index, template, object, VALUES)


def _literal(item: ItemResult, index: int, template: str, kind: object, words: Sequence[str]) -> Iterator[str]:
    """A value typed in place of a slot of that kind, and beside the sentence."""
    by_slot = {_written(used): used.fact for used in item.findings[index].facts}
    for word in words:
        yield f"{template[:-1]} {word}."
        yield f"{word} {template}"
        for slot in _slots(template):
            if isinstance(by_slot[slot], kind):  # type: ignore[arg-type]
                yield template.replace(slot, word)


def standings(item: ItemResult, index: int, template: str) -> Iterator[str]:
    """Standing typed instead of slotted, added, or turned round."""
    for word in STANDINGS:
        yield template.replace("{is}", word) if "{is}" in template else f"{template[:-1]} and {word}."
    if any(isinstance(part, Standing) for part in parse(template)):
        yield template.replace("{is}", "not {is}")
        yield template.replace("{is}", "never {is}")
        yield template.replace("{is}", f"{STANDING[Outcome.PASS]} and {{is}}")


MUTATIONS: dict[str, Callable[[ItemResult, int, str], Iterator[str]]] = {
    "slot": slots, "role": roles, "fact of another finding": foreign_facts, "quote": quotes, "name": names,
    "date": dates, "value": values, "standing": standings,
}  # fmt: skip


def mutants(kind: str) -> Iterator[tuple[ItemResult, Draft]]:
    for item, draft in drafts():
        for place, (index, template) in enumerate(draft):
            for bad in MUTATIONS[kind](item, index, template):
                if bad != template:
                    yield item, [*draft[:place], (index, bad), *draft[place + 1 :]]


def findings() -> Iterator[tuple[ItemResult, Draft]]:
    """A statement told of another finding, one left out of what is open, one moved before what is worse."""
    for item, draft in drafts():
        for place, (index, template) in enumerate(draft):
            if _slots(template):
                for other in {*range(-1, len(item.findings) + 1)} - {index}:
                    yield item, [*draft[:place], (other, template), *draft[place + 1 :]]
            if item.findings[index].outcome is not Outcome.PASS:
                yield item, [*draft[:place], *draft[place + 1 :]]
        outcomes = {item.findings[index].outcome for index, _ in draft}
        if len(outcomes) > 1:
            yield item, draft[::-1]


def test_every_draft_that_is_mutated_was_accepted():
    """Else a mutant would be caught for what its draft did wrong."""
    assert all(isinstance(checked(item, draft, ZONE), tuple) for item, draft in drafts())


@pytest.mark.parametrize("kind", [*MUTATIONS, "finding"])
def test_every_mutant_is_caught(kind: str, capsys: pytest.CaptureFixture[str]):
    """Exhaustive over every statement of both worlds; not one slips through."""
    made = caught = 0
    slipped: list[str] = []
    for item, draft in findings() if kind == "finding" else mutants(kind):
        made += 1
        if isinstance(checked(item, draft, ZONE), list):
            caught += 1
        else:
            slipped.append(f"item {item.number}: {draft}")
    with capsys.disabled():
        print(f"\nmutants, {kind}: {caught} of {made} caught")

    assert made > 50
    assert slipped[:5] == []


def test_a_text_that_was_changed_after_it_was_accepted_is_caught(capsys: pytest.CaptureFixture[str]):
    """Before a draft is shown its texts are made again from its templates."""
    counted: Counter[str] = Counter()
    for item, draft in drafts(turns=1):
        sound = checked(item, draft, ZONE)
        assert isinstance(sound, tuple)
        for place, one in enumerate(sound):
            for bad in _changed(one, item):
                forged = (*sound[:place], bad, *sound[place + 1 :])
                counted["made"] += 1
                with pytest.raises(SlotError):
                    assert_sound(item.model_copy(update={"draft": forged}), ZONE)
    with capsys.disabled():
        print(f"\nmutants, text: {counted['made']} of {counted['made']} caught")

    assert counted["made"] > 100


def _changed(one: Statement, item: ItemResult) -> Iterator[Statement]:
    for text in (one.text + " Approved.", one.text.upper(), one.text.replace(" ", "  ", 1)):
        yield one.model_copy(update={"text": text})
    for other in {*chain(range(len(item.findings)))} - {one.finding}:
        if any(isinstance(part, FactSlot) for part in parse(one.template)):
            yield one.model_copy(update={"finding": other})
    plain = next(part for part in parse(one.template) if isinstance(part, Plain))
    yield one.model_copy(update={"template": one.template.replace(plain.text, plain.text.swapcase(), 1)})
