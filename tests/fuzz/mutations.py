"""One broken answer out of a whole one: cut, a field gone, a field null, a field of another type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Found = tuple[dict[str, Any] | list[Any], str | int, str]  # container, key, path
OTHER_TYPES: tuple[object, ...] = (None, True, False, 0, -1, 2.5, "", "text", [], {}, [None], [{}], {"id": None}, ["x"])
PUT = b"event: put\ndata: "  # how the SDK's stream begins


def broken(body: bytes, kind: str, chance: Random) -> tuple[bytes, str]:
    """The body with one mutation of `kind`, and where it was made. A body without fields is cut."""
    if body.startswith(PUT):
        inner, told = broken(body.removeprefix(PUT).strip(), kind, chance)
        return PUT + inner + b"\n\n", told
    if body.lstrip()[:1] == b"<":
        return _XML[kind](body, chance)
    try:
        value = json.loads(body)
    except ValueError:
        return _cut(body, chance)
    return _JSON[kind](body, value, chance)


def _cut(body: bytes, chance: Random) -> tuple[bytes, str]:
    at = chance.randrange(len(body)) if body else 0
    return body[:at], f"cut at byte {at} of {len(body)}"


# --- JSON ------------------------------------------------------------------------------------------------------------


def _places(value: object, path: str = "") -> Iterator[Found]:
    """Every place that holds a value: of an object's field or a list's element."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key, f"{path}/{key}"  # type: ignore[misc]
        yield from _places(inner, f"{path}/{key}")


def _chosen(value: object, chance: Random, fields_only: bool = False) -> Found | None:
    """A place at random; each name is as likely as another, however often a list repeats it."""
    by_name: dict[str, list[Found]] = {}
    for found in _places(value):
        if not fields_only or isinstance(found[0], dict):
            by_name.setdefault(re.sub(r"/\d+", "/*", found[2]), []).append(found)
    return chance.choice(by_name[chance.choice(sorted(by_name))]) if by_name else None


def _drop(body: bytes, value: object, chance: Random) -> tuple[bytes, str]:
    told = []
    for _ in range(chance.choice((1, 1, 2, 4))):
        if place := _chosen(value, chance, fields_only=True):
            holder, key, path = place
            del holder[key]  # type: ignore[arg-type]
            told.append(path)
    return json.dumps(value).encode(), f"without {' '.join(told)}"


def _null(body: bytes, value: object, chance: Random) -> tuple[bytes, str]:
    return _replaced(value, chance, lambda _: None)


def _retype(body: bytes, value: object, chance: Random) -> tuple[bytes, str]:
    def other(old: object) -> object:
        return chance.choice([new for new in OTHER_TYPES if type(new) is not type(old)])

    return _replaced(value, chance, other)


def _replaced(value: object, chance: Random, change: Callable[[object], object]) -> tuple[bytes, str]:
    place = _chosen(value, chance)
    if place is None:
        return json.dumps(change(value)).encode(), "the whole body"
    holder, key, path = place
    new = holder[key] = change(holder[key])  # type: ignore[index,call-overload]
    return json.dumps(value).encode(), f"{path} = {json.dumps(new)}"


_JSON: dict[str, Callable[[bytes, Any, Random], tuple[bytes, str]]] = {
    "cut": lambda body, value, chance: _cut(body, chance),
    "field removed": _drop,
    "null": _null,
    "wrong type": _retype,
}


# --- XML, as S3 and IAM write it -------------------------------------------------------------------------------------

# What S3 leaves out of an answer that is whole: then it is the true answer of another bucket, and nobody can tell.
MAY_BE_ABSENT = frozenset({b"Rule", b"Expiration", b"NoncurrentVersionExpiration"})
ELEMENT = re.compile(rb"<(\w+)(?: [^>]*)?(?<!/)>(?:(?!<\1[ >]).)*?</\1>", re.DOTALL)
LEAF = re.compile(rb"<(\w+)>[^<]*</\1>")


def _without_element(body: bytes, chance: Random) -> tuple[bytes, str]:
    found = _element(body, chance)
    if found is None:
        return _cut(body, chance)
    return body[: found.start()] + body[found.end() :], f"without <{found[1].decode()}> at {found.start()}"


def _element(body: bytes, chance: Random) -> re.Match[bytes] | None:
    """Any element, at any depth, that must be there."""
    starts = [m.start() for m in re.finditer(rb"<\w", body)]
    found = [m for start in starts if (m := ELEMENT.match(body, start)) and m[1] not in MAY_BE_ABSENT]
    return chance.choice(found) if found else None


def _refilled(text: Callable[[Random, bytes], bytes]) -> Callable[[bytes, Random], tuple[bytes, str]]:
    def refill(body: bytes, chance: Random) -> tuple[bytes, str]:
        found = list(LEAF.finditer(body))
        if not found:
            return _cut(body, chance)
        leaf = chance.choice(found)
        tag, new = leaf[1], text(chance, leaf[0])
        changed = b"<%s>%s</%s>" % (tag, new, tag)
        return body[: leaf.start()] + changed + body[leaf.end() :], f"<{tag.decode()}> holds {new!r}"

    return refill


def _of_another_type(chance: Random, leaf: bytes) -> bytes:
    """In XML all is text: where a number or a time stands any word is wrong, where a name stands only an element."""
    numeric = re.search(rb">-?\d[\d.:TZ-]*<", leaf)
    return chance.choice((b"surprise", b"<Day/>", b"-1", b"2.5", b"true")) if numeric else b"<Day/>"


_XML: dict[str, Callable[[bytes, Random], tuple[bytes, str]]] = {
    "cut": _cut,
    "field removed": _without_element,
    "null": _refilled(lambda chance, leaf: b""),
    "wrong type": _refilled(_of_another_type),
}

KINDS = tuple(_JSON)
