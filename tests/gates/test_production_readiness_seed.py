"""The Production Readiness Checklist, box by box."""

from __future__ import annotations

import re

from tests.gates.seeds import OWN, boxes, missing, part, places, seed

GATE = OWN.gate("production-readiness")
SEED = "production-readiness-checklist.md"


def squares() -> dict[int, list[str]]:
    text = seed(SEED)
    return {n: boxes(part(text, rf"^#+ .*Square {n}:", r"^#+ .*Square \d+:|^## ")) for n in range(1, 12)}


def test_every_box_of_every_square_is_an_item():
    """None is missing, and none was made up."""
    found = squares()
    gaps = [place for n, rows in found.items() for place in missing(GATE, f"Square {n}, box {{}}", len(rows))]

    assert gaps == []
    assert sum(map(len, found.values())) == len(GATE.items) == len(places(GATE)) == 100


def test_a_parent_box_counts_once():
    """The nested boxes of governance stand under their parent: 95 count."""
    nested = re.findall(r"^ +- \[ \]", seed(SEED), re.MULTILINE)

    assert len([item for item in GATE.items if item.parent]) == len(nested) == 5
    assert len([item for item in GATE.items if not item.parent]) == 95


def test_what_is_marked_critical_is_critical():
    """One box is."""
    marked = [box for box in boxes(seed(SEED)) if "CRITICAL" in box.upper()]

    assert [item.id for item in GATE.items if item.critical] == ["unified_platform"]
    assert len(marked) == 1


def test_its_five_sign_offs_and_its_labels():
    """Roles, thresholds and words of the decision."""
    text = seed(SEED)

    for role in ("Engineering Lead", "Security Officer", "Product Owner", "Executive Sponsor", "Legal"):
        assert role in text
        assert any(role in signer.title for signer in GATE.signers)
    assert len(GATE.signers) == 5
    assert [str(band.at_least) for band in GATE.policy.bands] == ["100", "90", "0"]
    for label in ("DEPLOY", "DEFER", "CANCEL"):
        assert label in text
    assert {band.label for band in GATE.policy.bands} == {"DEPLOY", "DEFER"}
    assert [one.label for one in GATE.policy.by_a_person] == ["CANCEL"]
