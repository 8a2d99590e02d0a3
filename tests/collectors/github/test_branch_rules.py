"""github.branch_rules: what a change has to pass, by rulesets and by the branch's own protection."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.evidence import GapReason
from collectors.github.branch_rules import branch_rules
from collectors.github.facts import BranchRulesAsk, BranchRulesFacts
from collectors.sandbox.faults import Fault
from tests.collectors.failures import long_enough
from tests.collectors.optional_place import FAILURES, assert_pointers_lead_to_values, evidence_of, gap_of

REPOSITORY = "acme/finance-agents"
MAIN = BranchRulesAsk(repository=REPOSITORY, branch="main")
RULES, OWN = f"/repos/{REPOSITORY}/rules/branches/main", f"/repos/{REPOSITORY}/branches/main/protection"


def told(answer: object) -> tuple[float, float, str, str]:
    facts = evidence_of(answer).facts
    assert isinstance(facts, BranchRulesFacts)
    return facts.reviews.value, facts.checks.value, facts.rewriting.value, facts.bypass.value


def with_rules(rulesets: dict[str, Any] | None = None, protected: dict[str, Any] | None = None):
    """The world with other rules for the branch."""

    def edit(world: Any) -> None:
        held = world["repositories"][REPOSITORY]
        held["rulesets"] = {"main": rulesets} if rulesets else {}
        held["protected"] = {"main": protected} if protected else {}

    return edit


WHOLE = {"reviews": 1, "checks": ["tests", "types"]}


@pytest.mark.parametrize("world", ["as-written", "put-right"])
def test_both_worlds_protect_the_branch_that_is_launched(place, world):
    here = place(world)
    answer = branch_rules(here.conn, [MAIN])[0]
    assert told(answer) == (1, 1, "refused", "nobody")
    assert here.asked() == [("GET", RULES), ("GET", OWN)]
    assert_pointers_lead_to_values(answer)


@pytest.mark.parametrize(
    ("rulesets", "protected", "expected"),
    [
        (None, None, (0, 0, "allowed", "not told")),
        (WHOLE | {"reviews": 2}, None, (2, 2, "refused", "not told")),
        ({"reviews": 2}, {"checks": ["tests"], "rewriting": True}, (2, 1, "refused", "not told")),
        ({"reviews": 1, "rewriting": True}, WHOLE | {"rewriting": True}, (1, 2, "allowed", "not told")),
        (None, WHOLE | {"admins": False}, (1, 2, "refused", "some")),
        (None, WHOLE | {"pass_by": ["bob"]}, (1, 2, "refused", "some")),
        (WHOLE, WHOLE | {"admins": False}, (1, 2, "refused", "not told")),
        (None, {"reviews": 0}, (0, 0, "refused", "not told")),
    ],
)
def test_both_kinds_of_rules_count(place, rulesets, protected, expected):
    assert told(branch_rules(place(data=with_rules(rulesets, protected)).conn, [MAIN])[0]) == expected


@pytest.mark.parametrize(
    ("rulesets", "protected", "expected"),
    [
        (WHOLE, WHOLE | {"reviews": 0}, (1, 2, "refused", "not told")),
        (WHOLE | {"reviews": 2}, WHOLE, (2, 2, "refused", "not told")),
        (WHOLE, WHOLE | {"checks": []}, (1, 2, "refused", "not told")),
        (WHOLE, WHOLE | {"rewriting": True}, (1, 2, "refused", "not told")),
        (WHOLE, WHOLE, (1, 2, "refused", "nobody")),
    ],
)
def test_what_only_a_ruleset_asks_for_somebody_may_pass_by_unseen(place, rulesets, protected, expected):
    """That nobody passes by the protection says nothing of what stands in a ruleset alone."""
    assert told(branch_rules(place(data=with_rules(rulesets, protected)).conn, [MAIN])[0]) == expected


def test_a_protection_that_names_no_check_binds_nobody_to_one(place):
    def no_check(held: Any) -> Any:
        return held | {"required_status_checks": {"strict": True, "contexts": []}}

    here = place(data=with_rules(WHOLE, WHOLE), edits={OWN: no_check})
    assert told(branch_rules(here.conn, [MAIN])[0]) == (1, 2, "refused", "not told")


@pytest.mark.parametrize(
    ("rulesets", "protected", "expected"),
    [
        (None, WHOLE, ("dismissed", "nobody")),
        (None, WHOLE | {"dismisses": False}, ("kept", "nobody")),
        (None, WHOLE | {"dismisses": None}, ("not told", "nobody")),
        (WHOLE | {"dismisses": None}, None, ("not told", "not told")),
        (WHOLE | {"dismisses": False}, WHOLE | {"dismisses": None}, ("not told", "nobody")),
        (WHOLE | {"dismisses": False}, WHOLE, ("dismissed", "nobody")),
        (WHOLE, WHOLE | {"dismisses": False}, ("dismissed", "not told")),  # whoever passes by the ruleset keeps them
        (None, None, ("not told", "not told")),
    ],
)
def test_of_approvals_from_before_new_commits_the_strictest_rule_counts(place, rulesets, protected, expected):
    facts = evidence_of(branch_rules(place(data=with_rules(rulesets, protected)).conn, [MAIN])[0]).facts
    assert isinstance(facts, BranchRulesFacts)
    assert (facts.stale.value, facts.bypass.value) == expected


def test_who_is_named_is_not_kept(place):
    answer = branch_rules(place(data=with_rules(None, WHOLE | {"pass_by": ["bob"]})).conn, [MAIN])[0]
    assert b"bob" not in evidence_of(answer).to_bytes()


def test_a_list_of_rules_that_does_not_end_is_truncated(place):
    full = [{"type": "creation"}] * 100
    gap_of(branch_rules(place(edits={RULES: lambda _: full}).conn, [MAIN])[0], GapReason.TRUNCATED)


def test_a_protection_that_may_not_be_seen_is_not_none_at_all(place):
    """GitHub hides it behind the same status."""
    here = place()
    here.faults.set(Fault(kind="status", status=404, path=OWN, body='{"message": "Not Found"}'))
    gap = gap_of(branch_rules(here.conn, [MAIN])[0], GapReason.GONE)
    assert "Administration: read" in gap.scope


@pytest.mark.parametrize(("path", "scope"), [(RULES, "Metadata: read"), (OWN, "Administration: read")])
def test_a_refusal_names_the_permission_of_that_call(place, path, scope):
    here = place()
    here.faults.set(Fault(kind="status", status=403, path=path))
    assert scope in gap_of(branch_rules(here.conn, [MAIN])[0], GapReason.DENIED).scope


@pytest.mark.parametrize("path", [RULES, OWN])
@pytest.mark.parametrize(("fault", "reason"), FAILURES)
def test_each_failure_has_its_name(place, path, fault, reason):
    here = place(timeout=long_enough(fault))
    here.faults.set(fault.model_copy(update={"path": path}))
    assert path in gap_of(branch_rules(here.conn, [MAIN])[0], reason).what


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (RULES, [7]), (RULES, [{"type": "pull_request"}]), (RULES, [{"type": "pull_request", "parameters": {}}]),
        (RULES, [{"type": "required_status_checks", "parameters": {"required_status_checks": [{}]}}]),
        (OWN, {}), (OWN, {"enforce_admins": {"enabled": True}}),
        (OWN, {"enforce_admins": {"enabled": "yes"}, "allow_force_pushes": {"enabled": False}}),
        (OWN, {"enforce_admins": {"enabled": True}, "allow_force_pushes": {"enabled": False},
               "required_pull_request_reviews": {}}),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_contracts_is_malformed(place, path, body):
    gap_of(branch_rules(place(edits={path: lambda _: body}).conn, [MAIN])[0], GapReason.MALFORMED)
