"""Technical debt: what was left undone on purpose, and whether it may be."""

from __future__ import annotations

from agent.domain import Finding
from agent.probes.findings import failed, number, passed
from agent.probes.registry import probe
from agent.probes.stated import ends, only_reported
from collectors.evidence import Fact
from collectors.statements import DebtFacts

NEVER_STRATEGIC = ("security", "data")  # a trade-off against these is none that anybody may make for speed


@probe
def debt_is_acceptable(debt: DebtFacts) -> Finding:
    """Somebody listed the technical debt, none of it has to be settled first, and none of it is security or data."""
    if not debt.statement.proven:
        return only_reported(debt.statement, "The list of technical debt")
    told: dict[str, Fact] = {"author": debt.statement.author, "count": number(len(debt.debts), "debts")}
    bad = [one for one in debt.debts if one.stands.value == "unacceptable"]
    if bad:
        more: dict[str, Fact] = {**told, "bad": number(len(bad), "debts"), "debt": bad[0].what}
        return failed("{author} lists {count}, of which {bad} must be settled first, such as {debt}", more)
    wrong = [one for one in debt.debts if one.touches.value in NEVER_STRATEGIC]
    if wrong:
        also: dict[str, Fact] = {**told, "debt": wrong[0].what, "touches": wrong[0].touches}
        return failed("{author} lists {debt} as acceptable, and it touches {touches}", also)
    return passed("{author} lists {count}, all acceptable for launch", told, valid_until=ends(debt.statement))
