"""A digest as one JSON document, in ASCII: no terminal reads anything into it. config/schema/sweep.schema.json."""

from __future__ import annotations

import json

from agent.digests import Digest


def render(digest: Digest) -> str:
    return json.dumps(digest.model_dump(mode="json"), indent=2) + "\n"
