"""A digest as one JSON document, in ASCII: no terminal reads anything into it.

`python -m agent.outputs.sweep.as_json FILE` writes the schema that it holds to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import JsonValue

from agent.digests import Digest


def render(digest: Digest) -> str:
    return json.dumps(digest.model_dump(mode="json"), indent=2) + "\n"


def schema() -> dict[str, JsonValue]:
    """The JSON schema of `sweep --json`. Every field is there, whether it says something or not."""
    made = Digest.model_json_schema(mode="serialization")
    for part in (made, *made["$defs"].values()):
        if "properties" in part:
            part["required"] = sorted(part["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "clearance-sweep/1", **made}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(schema(), indent=2) + "\n", encoding="utf-8")
