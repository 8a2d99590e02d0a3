"""Writes a model with long lists as canonical JSON, member by member.

All of it as plain values, and then as one text, takes several times its bytes: 240 MB for the digest of ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from collectors.evidence import Model, canonical

LONG = 100  # members from which on a list of models is written one by one


def written_in_parts(value: Model) -> bytes:
    """The same bytes as written at once."""
    into = BytesIO()
    for part in _parts(value):
        into.write(part)
    return into.getvalue()


def _parts(value: Model) -> Iterator[bytes]:
    long = {name: found for name in type(value).model_fields if (found := _long(getattr(value, name)))}
    rest = value.model_dump(mode="json", by_alias=True, exclude=set(long))
    if not long:
        yield canonical(rest)
        return
    named = {type(value).model_fields[name].serialization_alias or name: found for name, found in long.items()}
    for number, name in enumerate(sorted(rest.keys() | named)):
        yield (b"," if number else b"{") + canonical(name) + b":"
        yield from _members(named[name]) if name in named else [canonical(rest[name])]
    yield b"}"


def _members(found: tuple[Model, ...]) -> Iterator[bytes]:
    for number, one in enumerate(found):
        yield b"," if number else b"["
        yield from _parts(one)
    yield b"]"


def _long(held: object) -> tuple[Model, ...]:
    """The models of a list that is long, or that of a member is; none of anything else."""
    if not (isinstance(held, tuple) and held and isinstance(held[0], Model)):
        return ()
    return held if len(held) > LONG or any(_holds_long(one) for one in held) else ()


def _holds_long(one: Model) -> bool:
    return any(_long(getattr(one, name)) for name in type(one).model_fields)
