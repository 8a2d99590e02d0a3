"""The catalogue says what the gates say now."""

from __future__ import annotations

from agent.configuration import Configuration
from agent.service.catalogue import catalogue, in_markdown, request_types
from collectors import needs
from tests.builders import ROOT

OWN = Configuration(ROOT / "config", None)


def test_the_catalogue_is_current():
    """`python -m agent.service.catalogue docs/catalogue.md` writes it anew."""
    assert (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8") == in_markdown(catalogue(OWN))


def test_every_item_says_what_how_and_how_to_mend_it():
    """And why only a person can answer, wherever a person does."""
    for part in catalogue(OWN):
        gate = OWN.gate(part.id)
        assert [entry.number for entry in part.entries] == [item.number for item in gate.items]
        for entry, item in zip(part.entries, gate.items, strict=True):
            told = dict(entry.rows)
            assert {"Asks", "In the checklist", "Method"} <= set(told), (part.id, entry.number)
            assert ("Why only a person can answer" in told) == ("interview" in item.methods)
            assert gate.parts(item.number) or {"Rules", "Remedy"} <= set(told), (part.id, entry.number)
            asked = {name for spec in item.requests for name in request_types(spec)}
            assert not asked or {"Requests", "Freshness"} <= set(told), (part.id, entry.number)
            assert ("Scopes" in told) == any(needs.NEEDS.get(name) for name in asked), (part.id, entry.number)


def test_what_a_gate_does_about_its_checklists_contradictions_is_told():
    notes = {part.id: " ".join(part.notes) for part in catalogue(OWN)}

    assert "36 questions" in notes["readiness-scorecard"]
    assert "4 of 5" in notes["deployment-readiness"]
    assert "30-day review" in notes["pilot-to-prod"]
    assert notes["production-canvas"]
    assert notes["production-readiness"]
