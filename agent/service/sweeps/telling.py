"""Who is told of a sweep's end: those whom CLEARANCE_DIGEST_TO names, through their channel, by the outbox."""

from __future__ import annotations

from functools import partial

from pydantic import ValidationError

from agent.deps import Deps
from agent.digests import Digest
from agent.errors import ClearanceError, ConfigError, nearest
from agent.outputs.notices import SWEPT
from agent.outputs.sweep import text
from agent.store.outbox import Notice
from agent.store.sweeps import SweepRow, Sweeps


def readers(deps: Deps) -> tuple[str, ...]:
    """Our ids. ConfigError for somebody whom people.yaml does not know."""
    known = deps.configuration.people().people
    for person in (named := deps.settings.digest_to):
        if person not in known:
            raise ConfigError(f"CLEARANCE_DIGEST_TO: {person!r} is nobody in people.yaml. {nearest(person, known)}")
    return named


def notices(deps: Deps, row: SweepRow, digest: Digest) -> tuple[Notice, ...]:
    """Nobody is told that nothing changed, nor a second time of what stands as the last message had it."""
    about = {"headline": text.headline(digest), "text": text.render(digest)}
    people = (person for person in readers(deps) if not _is_known(deps, row, digest, person))
    return tuple(Notice(person, SWEPT, about, deps.clock()) for person in people)


def _is_known(deps: Deps, row: SweepRow, digest: Digest, person: str) -> bool:
    """Of an order's sweeps each reader has a last message; one that cannot be read any more keeps nothing back.

    Nor does any sweep since that found something and did not tell this reader: to it nothing has changed now.
    """
    if digest.changed or digest.troubles:
        return False
    sweeps = Sweeps(deps.engine)
    sent, since = sweeps.sent(row.key, row.seq, person, SWEPT)
    try:
        last = _read(deps, sent) if sent else None
        untold = map(partial(_read, deps), sweeps.untold(since, row.seq, person, SWEPT) if sent else ())
        return text.is_silent(digest, last) and not any(one.changed or one.troubles for one in untold)
    except (ClearanceError, ValidationError):
        return False


def _read(deps: Deps, digest: str) -> Digest:
    return Digest.model_validate_json(deps.locker.get(digest))
