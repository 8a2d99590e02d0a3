"""What another gate decided: cleared, for this version, and still holding."""

from __future__ import annotations

import pytest

from agent.probes.all import PROBES
from collectors.decisions import DecisionFacts
from tests.builders import AS_OF, at, resource, state, time, told


def facts(word: str = "cleared", until: str | None = "2026-06-27T00:00") -> DecisionFacts:
    return DecisionFacts(
        gate=resource("production-readiness"), review=resource("rv-1"), digest=resource("d1"), decision=state(word),
        holds_until=time(until) if until else None,
    )  # fmt: skip


def asked(decided: DecisionFacts) -> str:
    return told(PROBES["other_gate_is_cleared"]({"decided": decided}, {"as_of": AS_OF.isoformat()}))


def test_cleared_passes_as_long_as_it_holds():
    found = PROBES["other_gate_is_cleared"]({"decided": facts()}, {"as_of": AS_OF.isoformat()})

    assert told(found).startswith("pass: At production-readiness rv-1 is signed as cleared until 27 June 2026")
    assert found.valid_until == at("2026-06-27T00:00")


@pytest.mark.parametrize("word", ["conditional", "blocked", "revoked"])
def test_any_other_decision_fails(word: str):
    assert asked(facts(word)) == f"fail: At production-readiness the last decision is {word}, in rv-1."


@pytest.mark.parametrize("until", [None, AS_OF.isoformat()])
def test_a_decision_that_holds_no_longer_fails(until: str | None):
    assert asked(facts(until=until)) == "fail: At production-readiness the decision cleared of rv-1 holds no longer."
