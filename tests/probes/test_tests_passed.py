"""The share of scenarios that passed, exactly, and what became of the others."""

from __future__ import annotations

import pytest

from agent.probes.all import PROBES
from collectors.statements import TestsFacts
from tests.builders import number, resource, statement, told


def asked(passed: int, of: int, *failed: str, proven: bool = True) -> str:
    facts = TestsFacts(
        statement=statement("lena.fischer", proven=proven),
        passed=number(passed, "scenarios"), of=number(of, "scenarios"),
        where=resource("the release"), failed=tuple(resource(one) for one in failed),
    )  # fmt: skip
    return told(PROBES["enough_tests_passed"]({"tests": facts}, {"at_least": 75}))


def test_four_of_five_pass_when_the_fifth_is_explained():
    assert asked(4, 5, "Three ledgers") == "pass: 4 scenarios of 5 scenarios passed, which reaches 75 %."


@pytest.mark.parametrize(("passed", "of", "said"), [(75, 100, "unknown"), (749, 1000, "fail"), (3, 4, "unknown")])
def test_the_threshold_is_exact(passed: int, of: int, said: str):
    """At 75 % it is reached, and then each that failed has to be named."""
    assert asked(passed, of).startswith(f"{said}: ")


def test_what_failed_and_is_not_named_is_unknown():
    assert "are explained" in asked(4, 5)


def test_no_scenario_and_no_key_are_unknown():
    assert asked(0, 0) == "unknown: No scenario was run."
    assert asked(5, 5, proven=False).startswith("unknown: The count of tests is only as reported")
