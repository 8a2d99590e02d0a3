"""AWS's descriptions of its services as botocore reads them, without their manual: that is half of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

OPENED_BY: Mapping[str, Callable[..., Any]] = {".json": open, ".json.gz": gzip.open}


class Unworded:
    """In place of botocore's `JSONFileLoader`. A path comes without its ending."""

    def exists(self, file_path: str) -> bool:
        return any(Path(file_path + ending).is_file() for ending in OPENED_BY)

    def load_file(self, file_path: str) -> Any:
        """What the file describes, or None where there is none."""
        for ending, opened in OPENED_BY.items():
            if Path(file_path + ending).is_file():
                with opened(file_path + ending, "rb") as file:
                    return json.loads(file.read(), object_pairs_hook=_unworded)
        return None


def _unworded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A member may be called so too; what it holds is an object then. Some of them botocore wants to be there."""
    return {key: "" if key == "documentation" and isinstance(held, str) else held for key, held in pairs}
