"""Use case: read the digest of a sweep that has finished, whoever ran it."""

from __future__ import annotations

from pydantic import ValidationError

from agent.deps import Deps
from agent.digests import Digest
from agent.errors import OtherVersion, UsageError
from agent.service.sweep_order import SweepOrder
from agent.store.sweeps import Sweeps


def digest_of(deps: Deps, sweep: str = "", *, only_changed: bool | None = None) -> Digest:
    """That sweep's, or the newest one's. UsageError where there is none, or it has not finished.

    `only_changed`: None = as whoever began the sweep ordered it. The store has all of it, for whoever joined.
    """
    row = Sweeps(deps.engine).finished(sweep)
    if row is None:
        raise UsageError(_none(deps, sweep))
    try:
        whole = Digest.model_validate_json(deps.locker.get(row.digest))
        short = SweepOrder.model_validate_json(row.body).only_changed if only_changed is None else only_changed
        return whole.only_changed() if short else whole
    except ValidationError as error:
        raise OtherVersion(
            f"the digest of {row.id} was written by another version of Clearance; sweep again"
        ) from error


def _none(deps: Deps, sweep: str) -> str:
    newest = Sweeps(deps.engine).finished()
    if newest is None:
        return "no sweep has finished here yet; `clearance sweep` makes one"
    listed = "those that workers made stand in `clearance jobs list --ended`"
    return f"no sweep {sweep!r} has finished here; the newest is {newest.id} (`clearance digest`), and {listed}"
