"""Who is told of a sweep's end: those whom CLEARANCE_DIGEST_TO names, through their channel, by the outbox."""

from __future__ import annotations

from agent.deps import Deps
from agent.digests import Digest
from agent.errors import ConfigError, nearest
from agent.outputs.notices import SWEPT
from agent.outputs.sweep import text
from agent.store.outbox import Notice


def readers(deps: Deps) -> tuple[str, ...]:
    """Our ids. ConfigError for somebody whom people.yaml does not know."""
    known = deps.configuration.people().people
    for person in (named := deps.settings.digest_to):
        if person not in known:
            raise ConfigError(f"CLEARANCE_DIGEST_TO: {person!r} is nobody in people.yaml. {nearest(person, known)}")
    return named


def notices(deps: Deps, digest: Digest) -> tuple[Notice, ...]:
    """Nobody is told that nothing changed."""
    if text.is_silent(digest):
        return ()
    about = {"headline": text.headline(digest), "text": text.render(digest)}
    return tuple(Notice(person, SWEPT, about, deps.clock()) for person in readers(deps))
