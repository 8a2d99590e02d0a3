"""Bytes as the locker holds them: packed where that makes them smaller. Their name is that of the plain bytes.

Packed ones begin with MARK and the number of the dictionary whose words they name, then comes raw deflate. Older ones
are a zlib stream without a dictionary, and short ones are as they are; each is read forever.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from agent.errors import StoreError
from collectors.evidence import sha256

if TYPE_CHECKING:
    from zlib import _Compress

SMALL = 64  # bytes; less is not worth packing
LARGEST = 64_000_000  # bytes that packed ones may come to; what is longer is kept unpacked, so more is not ours
MARK = b"\xc1"  # neither JSON, nor UTF-8, nor zlib begins with it
NEWEST = 1
# By number, the SHA-256 of each dictionary. None is ever changed or taken away: what is stored needs it.
DICTIONARIES = {1: "825acf50119698678811726600c2275f3f0a89e154e0360307836c7e75bb40a2"}
LEVEL, WINDOW, MEMORY = 5, -15, 9  # raw deflate over 32 KB; 6 takes a third more CPU for 3 % fewer bytes


def packed(body: bytes) -> bytes:
    """JSON in a seventh of its size; for all that a review keeps, that takes about three milliseconds."""
    if not SMALL <= len(body) < LARGEST:
        return body
    deflate = _primed().copy()  # the dictionary was read into it already
    found = MARK + bytes([NEWEST]) + deflate.compress(body) + deflate.flush()
    return min(found, body, key=len)


def plain(stored: bytes, digest: str) -> bytes | None:
    """The bytes of that digest; None where what is stored is not them, packed or as they are.

    StoreError where they name a dictionary that this version does not have, or its file is not as it was shipped.
    """
    if sha256(stored) == digest:
        return stored
    marked = stored[:1] == MARK and len(stored) > 1
    try:
        opened = zlib.decompressobj(WINDOW, zdict=dictionary(stored[1])) if marked else zlib.decompressobj()
        body = opened.decompress(stored[2:] if marked else stored, LARGEST)
    except zlib.error:
        return None
    return body if not opened.unconsumed_tail and sha256(body) == digest else None


@cache
def dictionary(number: int) -> bytes:
    """The words that packed bytes of this number refer to; StoreError where they are not at hand."""
    if number not in DICTIONARIES:
        raise StoreError(
            f"the locker holds bytes packed with dictionary {number}, and this version of Clearance has none beyond "
            f"{NEWEST}; install the version that wrote them, or a later one (if none did, restore from a backup)"
        )
    words = (files("agent.store") / "dictionaries" / f"{number}.txt").read_bytes()
    if sha256(words) != DICTIONARIES[number]:
        raise StoreError(
            f"agent/store/dictionaries/{number}.txt is not as it was shipped, so nothing packed with it can be read; "
            "install Clearance again"
        )
    return words


@cache
def _primed() -> _Compress:
    return zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, MEMORY, zdict=dictionary(NEWEST))
