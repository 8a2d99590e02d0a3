"""`make bench`: every measured aim in one table of ratios. `python -m tests.bench [NAME …]`

`python -m tests.bench calls:1,10` and `sweep:1000` measure those sizes alone. Nothing is asserted: a machine that does
other things is too slow, and the head of the table says how busy it is.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping

from tests.bench import calls, cold, one, page, s3, store, sweep, table
from tests.bench.table import Row

BENCHES: Mapping[str, Callable[..., Iterator[Row]]] = {
    "calls": calls.rows, "sweep": sweep.rows, "s3": s3.rows, "one": one.rows, "store": store.rows, "page": page.rows,
    "cold": cold.rows,
}  # fmt: skip


def main(asked: list[str]) -> None:
    print(table.head(), flush=True)
    for word in asked or list(BENCHES):
        name, _, sizes = word.partition(":")
        if name not in BENCHES:
            sys.exit(f"there is no bench {name!r}; there is {', '.join(BENCHES)}")
        table.show(BENCHES[name](*(int(size) for size in sizes.split(",") if size)))


if __name__ == "__main__":
    main(sys.argv[1:])
