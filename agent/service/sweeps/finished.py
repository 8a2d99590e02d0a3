"""Use case: read the digest of a sweep that has finished, whoever ran it."""

from __future__ import annotations

from pydantic import ValidationError

from agent.deps import Deps
from agent.digests import Digest
from agent.errors import OtherVersion, UsageError
from agent.store.sweeps import Sweeps


def digest_of(deps: Deps, sweep: str = "") -> Digest:
    """That sweep's, or the newest one's. UsageError where there is none, or it has not finished."""
    row = Sweeps(deps.engine).finished(sweep)
    if row is None:
        told = f"no sweep {sweep!r} has finished here" if sweep else "no sweep has finished here yet"
        raise UsageError(f"{told}; `clearance jobs list --ended` says which there were, `clearance sweep` makes one")
    try:
        return Digest.model_validate_json(deps.locker.get(row.digest))
    except ValidationError as error:
        raise OtherVersion(
            f"the digest of {row.id} was written by another version of Clearance; sweep again"
        ) from error
