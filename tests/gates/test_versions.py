"""A gate or control changes only with its version: each is pinned by digest, under its name and version.

After a change that is meant: raise the version, then `CLEARANCE_PINS=write pytest tests/gates/test_versions.py`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from agent.gates import Control, Gate
from collectors.evidence import canonical, sha256
from tests.gates.seeds import OWN

PINS = Path(__file__).parent / "versions.json"


def digest(one: Gate | Control) -> str:
    return sha256(canonical(one.model_dump(mode="json", by_alias=True)))


def now() -> dict[str, str]:
    gates = [OWN.gate(id) for id in OWN.gate_paths()]
    found = {f"gate {one.id} {one.version}": digest(one) for one in gates}
    return found | {f"control {one.id} {one.version}": digest(one) for one in OWN.controls().values()}


def test_what_changed_has_a_new_version():
    found = now()
    if os.environ.get("CLEARANCE_PINS") == "write":
        PINS.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    pinned = json.loads(PINS.read_text(encoding="utf-8"))

    assert {name for name, one in found.items() if pinned.get(name, one) != one} == set(), "give it a new version"
    assert set(found) == set(pinned), "pin what is new, and take out what is gone"
