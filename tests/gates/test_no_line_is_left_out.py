"""Every list line of every checklist is accounted for: it has its place in a gate, or the reason why it asks nothing.

`ledger/` has one row for each passage with boxes, bullets, numbers or table rows: the words of its heading, how many
lines it has, and the place (`{}` counts them one by one) or the reason.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import plain_yaml
from tests.gates.seeds import OWN, missing, places, seed

LEDGER = Path(__file__).parent / "ledger"
GATES = {
    "pilot-to-prod-checklist": "pilot-to-prod",
    "production-readiness-checklist": "production-readiness",
    "complete-production-canvas": "production-canvas",
    "production-readiness-helper": "readiness-scorecard",
    "phase-6-deployment-readiness": "deployment-readiness",
}
HEADING = re.compile(r"^(?:#{1,5} .*|\*\*[^*]+\*\*(?::.*)?|\*\*[^*]+:\*\*\s*)$")
ROW = re.compile(r"^\s*(?:- |\d+\. |\|(?![-: |]+$))")


def passages(text: str) -> list[tuple[str, int]]:
    """Each heading that has list lines of its own under it: its first words, and how many lines."""
    found: list[tuple[str, int]] = []
    head, count = "", 0
    for line in [*text.splitlines(), "# end"]:
        if HEADING.match(line):
            found += [(head, count)] if count else []
            head, count = " ".join(re.findall(r"[\w/%-]+", line)[:4]), 0
        else:
            count += bool(ROW.match(line))
    return found


def rows(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = plain_yaml.load((LEDGER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_passage_of_the_checklist_is_in_the_ledger(name: str):
    """In its order, with as many lines; a line that is added or lost there fails here."""
    assert passages(seed(f"{name}.md")) == [(row["under"], row["rows"]) for row in rows(name)]


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_line_has_its_place_or_a_reason(name: str):
    gate = OWN.gate(GATES[name])
    known = places(gate)

    for row in rows(name):
        if "place" not in row:
            assert len(row["because"]) > 10
        elif "{}" in row["place"]:
            assert missing(gate, row["place"], row["rows"]) == []
        else:
            assert row["place"] in known, row
