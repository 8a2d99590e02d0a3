"""Use case: a version of a gate or control means one thing for good; whoever changes it gives it another."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pydantic import ValidationError

from agent import in_place
from agent.deps import Deps
from agent.gates import Control, Gate
from agent.store.versions import Kind, Versions
from agent.workflow import frozen

RAISE = "Give it a new version"


def changed(deps: Deps, gate: Gate, digest: str) -> tuple[str, ...]:
    """A sentence for this gate and each of its controls whose version was used before, and meant something else.

    `digest`: of the gate with its controls, as the locker has it.
    """
    if _was_noted(deps, gate, digest):
        return ()
    return (*of_gate(deps, gate), *(sentence for one in gate.controls for sentence in of_control(deps, one)))


def of_gate(deps: Deps, gate: Gate) -> tuple[str, ...]:
    """The sentence for the gate itself, less its controls."""

    def same(body: bytes) -> bool:
        return in_place.same_gate(Gate.model_validate_json(body), gate)

    return tuple(_told(deps, "gate", gate.id, gate.version, same))


def of_control(deps: Deps, control: Control) -> tuple[str, ...]:
    """The sentence for one control."""

    def same(body: bytes) -> bool:
        return in_place.same_control(Control.model_validate_json(body), control)

    return tuple(_told(deps, "control", control.id, control.version, same))


def _told(deps: Deps, kind: Kind, id: str, version: str, same: Callable[[bytes], bool]) -> Iterator[str]:
    used = Versions(deps.engine).of(kind, id, version)
    if used is None:
        return
    try:
        as_it_was = same(deps.locker.get(used.digest))
    except ValidationError:
        return  # of a product whose gates had another shape: nothing can be compared
    if not as_it_was:
        yield f"{kind} {id} is still version {version} and is not as {used.review} used it. {RAISE}"


def note(deps: Deps, gate: Gate, digest: str, review: str) -> None:
    """From this review on, these versions mean what they mean now."""
    if _was_noted(deps, gate, digest):
        return
    known, now = Versions(deps.engine), deps.clock()
    for one in gate.controls:
        known.note("control", one.id, one.version, frozen.keep(deps, one, "control"), review, now)
    known.note("gate", gate.id, gate.version, digest, review, now)  # last: where it stands, its controls do


def _was_noted(deps: Deps, gate: Gate, digest: str) -> bool:
    used = Versions(deps.engine).of("gate", gate.id, gate.version)
    return used is not None and used.digest == digest
