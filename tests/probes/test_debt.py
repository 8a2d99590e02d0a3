"""Technical debt: listed, none that may not be left, and none against security or data."""

from __future__ import annotations

from agent.probes.all import PROBES
from collectors.statements import Debt, DebtFacts
from tests.builders import resource, state, statement, told


def debt(what: str = "The old parser", touches: str = "maintainability", stands: str = "strategic") -> Debt:
    return Debt(what=resource(what), touches=state(touches), stands=state(stands), why="It goes.", plan="In autumn.")


def asked(*debts: Debt, proven: bool = True) -> str:
    facts = DebtFacts(statement=statement("lena.fischer", proven=proven), debts=debts)
    return told(PROBES["debt_is_acceptable"]({"debt": facts}, {}))


def test_what_may_wait_passes_and_so_does_an_empty_list():
    assert asked(debt()) == "pass: Lena Fischer lists 1 debt, all acceptable for launch."
    assert asked() == "pass: Lena Fischer lists 0 debts, all acceptable for launch."


def test_what_must_be_settled_first_fails():
    said = asked(debt(), debt("A secret in the log", "security", "unacceptable"))
    assert (
        said == "fail: Lena Fischer lists 2 debts, of which 1 debt must be settled first, such as A secret in the log."
    )


def test_security_and_data_are_no_trade_off():
    assert asked(debt("No backup", "data")) == "fail: Lena Fischer lists No backup as acceptable, and it touches data."


def test_a_list_that_no_key_proves_is_unknown():
    assert asked(proven=False).startswith("unknown: The list of technical debt is only as reported by Lena Fischer")
