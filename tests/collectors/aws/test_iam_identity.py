"""aws.iam over real HTTP: roles, users and their keys."""

import pytest

from collectors.aws.facts import IamIdentityAsk, IamIdentityFacts
from collectors.aws.identity import identity
from collectors.evidence import Answer, Evidence, Gap, GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door, check_pointers


def told(door: Door, name: str) -> IamIdentityFacts:
    found = door.evidence(identity, IamIdentityAsk(name=name)).facts
    assert isinstance(found, IamIdentityFacts)
    return found


def test_in_both_worlds_the_agent_is_an_active_role_without_keys(either: Door) -> None:
    found = told(either, "agent-finance-invoice-recon")
    assert (found.kind.value, found.state.value, found.keys) == ("role", "active", ())


def test_the_account_comes_from_the_roles_own_name_and_its_trust_policy_is_left_out(either: Door) -> None:
    found = either.evidence(identity, IamIdentityAsk(name="agent-finance-invoice-recon"))
    assert found.source.account == "123456789012"
    assert found.redacted == ("role.AssumeRolePolicyDocument",)


def test_a_user_shows_the_last_four_characters_of_its_keys(odd: Door) -> None:
    found = told(odd, "robot")
    assert (found.kind.value, found.state.value) == ("user", "active")
    assert [(k.key.value, k.state.value) for k in found.keys] == [("…0001", "Active"), ("…0002", "Inactive")]


def test_no_whole_key_id_enters_the_evidence(odd: Door) -> None:
    assert b"AKIASANDBOXROBOT" not in odd.evidence(identity, IamIdentityAsk(name="robot")).to_bytes()


@pytest.mark.parametrize("name", ["sleeper", "keyless"])
def test_a_user_without_a_key_that_works_is_inactive(odd: Door, name: str) -> None:
    assert told(odd, name).state.value == "inactive"


def test_a_name_that_neither_a_role_nor_a_user_bears_is_gone(odd: Door) -> None:
    gap = odd.gap(identity, IamIdentityAsk(name="nobody"))
    assert gap.reason is GapReason.GONE
    assert "nobody" in gap.what
    assert [c.path for c in gap.calls] == ["iam:GetRole", "iam:GetUser"]


def denied(after: int) -> Fault:
    body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    return Fault(kind="status", status=403, body=body, after=after)


@pytest.mark.parametrize(
    ("fault", "reason", "scope"),
    [
        (denied(0), GapReason.DENIED, "iam:GetRole"),
        (denied(1), GapReason.DENIED, "iam:GetUser"),
        (denied(2), GapReason.DENIED, "iam:ListAccessKeys"),
        (Fault(kind="status", status=404), GapReason.GONE, ""),
        (Fault(kind="status", status=403), GapReason.DENIED, "iam:GetRole"),
        (Fault(kind="status", status=429), GapReason.THROTTLED, ""),
        (Fault(kind="truncate", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=2), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, after=2), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="<html/>", after=2), GapReason.MALFORMED, ""),
    ],
)
def test_each_failure_is_a_gap_of_its_own_kind(odd: Door, fault: Fault, reason: GapReason, scope: str) -> None:
    gap = odd.gap(identity, IamIdentityAsk(name="robot"), fault)
    assert (gap.reason, gap.scope) == (reason, scope), gap


# --- many together ---------------------------------------------------------------------------------------------------

AGENT = "agent-finance-invoice-recon"


def many(*names: str) -> list[IamIdentityAsk]:
    return [IamIdentityAsk(name=name) for name in (*names, *(f"nobody-{i}" for i in range(20 - len(names))))]


def paths(answer: Answer) -> list[str]:
    return [call.path for call in answer.calls]


def test_many_roles_come_out_of_the_list_of_all(either: Door) -> None:
    """What is not in it is asked for by itself: it may be a user, or gone."""
    found = identity(either.conn, many(AGENT))
    alone = either.evidence(identity, IamIdentityAsk(name=AGENT))
    assert isinstance(found[0], Evidence)
    check_pointers(found[0])
    assert (paths(found[0]), found[0].facts) == (["iam:ListRoles"], alone.facts)
    assert {one.reason for one in found[1:] if isinstance(one, Gap)} == {GapReason.GONE}
    assert paths(found[1]) == ["iam:GetRole", "iam:GetUser"]


@pytest.mark.parametrize(
    "body", ["<E/>", "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>",
             f"<R><ListRolesResult><Roles><member><RoleName>{AGENT}</RoleName></member></Roles></ListRolesResult></R>"],
)  # fmt: skip
def test_without_a_list_that_is_whole_each_role_is_asked_for_by_itself(either: Door, body: str) -> None:
    either.proxy.set(Fault(kind="status", status=403 if "Denied" in body else 200, body=body, times=1))
    found = identity(either.conn, many(AGENT))
    either.proxy.set()
    assert isinstance(found[0], Evidence)
    assert paths(found[0]) == ["iam:GetRole"]


def test_a_user_among_many_is_still_found(odd: Door) -> None:
    (robot, *_) = identity(odd.conn, many("robot"))
    assert isinstance(robot, Evidence)
    assert paths(robot) == ["iam:GetRole", "iam:GetUser", "iam:ListAccessKeys"]
