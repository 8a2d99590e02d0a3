"""Writes a dictionary for the locker's packing: `python -m tests.store.dictionary FILE`.

What it learns from are the locker's pieces of both worlds, each assessed at every gate, without their names, instants,
digests and signatures. A dictionary that was released is never written again: what is stored needs it. Another one gets
the next number, in `agent.store.packing.DICTIONARIES`.
"""

from __future__ import annotations

import heapq
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from agent.service.assess import assess
from agent.store.packing import plain
from agent.store.schema import blobs
from tests.acceptance.conftest import desk_over, start_world
from tests.worlds import CARD

SIZE, PIECE, WORD = 32_468, 96, 8  # bytes: deflate looks back 32 768, less what it keeps free; of one piece; compared
WORLDS = ("as-written", "put-right")
SUBJECT = CARD.split("/")[1]
OWN = re.compile(
    rb"[0-9a-f]{20,}|[A-Za-z0-9+/=_-]{48,}|finance.?invoice.?recon|invoice-recon"
    rb"|\d{4}-\d\d-\d\dT[0-9:.+Z-]+|rv-[0-9a-f]{8}"
)


def samples() -> Iterator[bytes]:
    """Every piece that reviews of the two worlds leave in a locker, as plain bytes."""
    for name in WORLDS:
        with (
            tempfile.TemporaryDirectory() as folder,
            contextmanager(start_world)(name, Path(folder) / "world") as world,
        ):
            deps = desk_over(world, Path(folder) / "desk").deps()
            for gate in sorted(deps.configuration.gate_paths()):
                assess(deps, SUBJECT, gate)
            with deps.engine.connect() as connection:
                for digest, stored in connection.execute(select(blobs.c.digest, blobs.c.body)):
                    yield plain(bytes(stored), digest) or b""


def written(found: list[bytes]) -> bytes:
    """Of the pieces of these texts, those whose words most texts hold, each word once; the best of them last."""
    texts = {part for text in found for part in OWN.split(text) if len(part) >= WORD}
    worth = _worth(found)
    step = PIECE // 2
    pieces = {text[start : start + PIECE] for text in texts for start in range(0, len(text), step)}
    waiting = [(-_rate(piece, worth), piece) for piece in pieces]
    heapq.heapify(waiting)
    taken: list[bytes] = []
    while waiting and sum(map(len, taken)) < SIZE:
        _, piece = heapq.heappop(waiting)
        rate = _rate(piece, worth)
        if waiting and -rate > waiting[0][0]:  # what was taken meanwhile holds some of its words
            heapq.heappush(waiting, (-rate, piece))
        elif rate:
            taken.append(piece)
            for word in _words(piece):
                worth.pop(word, None)
    return b"".join(reversed(taken))[-SIZE:]


def _worth(found: list[bytes]) -> dict[bytes, int]:
    """In how many texts each word stands; one that stands in one alone is worth nothing."""
    seen: Counter[bytes] = Counter()
    for text in found:
        seen.update({word for part in OWN.split(text) for word in _words(part)})
    return {word: count for word, count in seen.items() if count > 1}


def _words(text: bytes) -> set[bytes]:
    return {text[start : start + WORD] for start in range(len(text) - WORD + 1)}


def _rate(piece: bytes, worth: dict[bytes, int]) -> float:
    return sum(worth.get(word, 0) for word in _words(piece)) / max(len(piece), 1)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(written(list(samples())))
