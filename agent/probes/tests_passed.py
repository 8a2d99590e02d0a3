"""How many test scenarios passed, counted exactly, and whether each that failed is explained."""

from __future__ import annotations

from agent.domain import Finding
from agent.probes.findings import failed, number, passed, unknown
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from collectors.evidence import Fact, Origin
from collectors.statements import TestsFacts


@probe
def enough_tests_passed(tests: TestsFacts, *, at_least: int) -> Finding:
    """The share of scenarios that passed reaches the gate's percentage, and each failed one is named with a reason."""
    if not tests.statement.proven:
        return only_reported(tests.statement, "The count of tests")
    limit = number(at_least, "percent", origin=Origin.GATE, at="at_least")
    told: dict[str, Fact] = {"passed": tests.passed, "whole": tests.of, "limit": limit}
    if tests.of.value < 1:
        return unknown("No scenario was run", told)
    if tests.passed.value * 100 < at_least * tests.of.value:
        return failed("{passed} of {whole} passed, which is under {limit}", told)
    left = int(tests.of.value - tests.passed.value)
    if left != len(tests.failed):
        more: dict[str, Fact] = {
            **told,
            "failed": number(left, "scenarios"),
            "named": number(len(tests.failed), "scenarios"),
        }
        return unknown("{passed} of {whole} passed, and of {failed} that did not, {named} are explained", more)
    return passed("{passed} of {whole} passed, which reaches {limit}", told, valid_until=ends(tests.statement))
