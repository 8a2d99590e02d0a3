"""What of a gate, a control or a card is not as it was, though its version is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from agent.gates import Control, Gate, ItemSpec, Remediation


def moved(before: Gate, now: Gate) -> Iterator[str]:
    """One sentence for the gate and each of its controls that was changed without its version."""
    if before.version == now.version and _bare(before) != _bare(now):
        yield f"gate {now.id} is still version {now.version} and is not as it was"
    known = {one.id: one for one in now.controls}
    for one in before.controls:
        other = known.get(one.id, one)
        if other.version == one.version and not same_control(one, other):
            yield f"control {one.id} is still version {one.version} and is not as it was"


def same_gate(before: Gate, now: Gate) -> bool:
    """Is it the same but for what its controls bring, which have versions of their own?"""
    return _bare(before) == _bare(now)


def same_control(before: Control, now: Control) -> bool:
    return before == now


def card_keys(before: Mapping[str, JsonValue], now: Mapping[str, JsonValue]) -> list[str]:
    """The top keys in which two cards differ."""
    return sorted(key for key in {*before, *now} if before.get(key) != now.get(key))


def _bare(gate: Gate) -> Gate:
    brought = {name: spec for one in gate.controls for name, spec in one.windows.items()}
    windows = {name: spec for name, spec in gate.windows.items() if brought.get(name) != spec}
    items = tuple(_own(gate, item) for item in gate.items)
    return gate.model_copy(update={"items": items, "controls": (), "windows": windows})


def _own(gate: Gate, item: ItemSpec) -> ItemSpec:
    """The item less what its controls bring; their rules stand before its own."""
    used = [one for name in item.control for one in gate.controls if one.id == name]
    names = {spec.name for one in used for spec in one.requests}
    remedies = [one.remediation for one in used]
    own: dict[str, object] = {
        "requests": tuple(spec for spec in item.requests if spec.name not in names),
        "rules": item.rules[sum(len(one.rules) for one in used) :],
        "remediation": Remediation(who="", how="") if item.remediation in remedies else item.remediation,
    }
    return item.model_copy(update=own)
