"""aws.iam_keys over real HTTP: a new key is a rotation when its elders work no more."""

import pytest

from agent.domain import Outcome
from agent.probes.identity import credential_rotated_in_pilot
from collectors.aws.facts import IamKeysAsk, IamKeysFacts
from collectors.aws.keys import iam_keys
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door
from tests.collectors.aws.trail_estate import PILOT


def ask(name: str) -> IamKeysAsk:
    return IamKeysAsk(name=name, window=PILOT)


def facts_of(door: Door, name: str) -> IamKeysFacts:
    found = door.evidence(iam_keys, ask(name)).facts
    assert isinstance(found, IamKeysFacts)
    return found


def test_in_both_worlds_the_archive_users_key_was_replaced_and_the_new_one_is_used(either: Door) -> None:
    found = facts_of(either, "svc-invoice-archive")
    assert found.state.value == "active"
    assert [r.at.value.date().isoformat() for r in found.rotations] == ["2026-05-28"]
    assert [(k.key.value, k.state.value) for k in found.keys] == [("…C001", "Inactive"), ("…C002", "Active")]
    assert found.keys[1].used is not None
    assert found.keys[1].used.value > found.rotations[0].at.value
    finding = credential_rotated_in_pilot(found, credential="c", window=PILOT)
    assert finding.outcome is Outcome.PASS


def test_two_keys_that_work_are_a_rotation_half_done(told: Door) -> None:
    found = facts_of(told, "half")
    assert (found.state.value, found.rotations) == ("half rotated", ())
    finding = credential_rotated_in_pilot(found, credential="c", window=PILOT)
    assert finding.outcome is Outcome.FAIL


@pytest.mark.parametrize(("name", "state"), [("still", "active"), ("keyless", "inactive"), ("new", "active")])
def test_a_first_key_is_no_rotation(told: Door, name: str, state: str) -> None:
    found = facts_of(told, name)
    assert (found.state.value, found.rotations) == (state, ())


@pytest.mark.parametrize("name", ["fresh", "swapped"])
def test_a_new_key_without_an_elder_is_unknown_because_deleted_ones_are_not_listed(told: Door, name: str) -> None:
    gap = told.gap(iam_keys, ask(name))
    assert gap.reason is GapReason.BLIND
    assert "cloudtrail.rotations" in gap.next_step


def test_a_key_that_was_never_used_says_so(odd: Door) -> None:
    found = facts_of(odd, "robot")
    assert [(k.key.value, k.used is None) for k in found.keys] == [("…0002", True), ("…0001", False)]


def test_a_role_has_no_keys_and_is_told_so(either: Door) -> None:
    gap = either.gap(iam_keys, ask("agent-finance-invoice-recon"))
    assert gap.reason is GapReason.GONE
    assert "a role has no access keys" in gap.next_step


def test_no_whole_key_id_enters_evidence_or_gap(odd: Door) -> None:
    assert b"AKIASANDBOXROBOT" not in odd.evidence(iam_keys, ask("robot")).to_bytes()
    gap = odd.gap(iam_keys, ask("robot"), denied(2))
    assert b"AKIASANDBOXROBOT" not in gap.to_bytes()


def denied(after: int) -> Fault:
    body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    return Fault(kind="status", status=403, body=body, after=after)


def last_used(inner: str) -> Fault:
    body = f"<R><GetAccessKeyLastUsedResult>{inner}</GetAccessKeyLastUsedResult></R>"
    return Fault(kind="status", status=200, body=body, after=2)


@pytest.mark.parametrize(
    ("fault", "reason", "scope"),
    [
        (denied(0), GapReason.DENIED, "iam:GetUser"),
        (denied(1), GapReason.DENIED, "iam:ListAccessKeys"),
        (denied(2), GapReason.DENIED, "iam:GetAccessKeyLastUsed"),
        (Fault(kind="status", status=404), GapReason.GONE, ""),
        (Fault(kind="status", status=429), GapReason.THROTTLED, ""),
        (Fault(kind="status", status=500), GapReason.UNREACHABLE, ""),
        (Fault(kind="cut"), GapReason.UNREACHABLE, ""),
        (Fault(kind="truncate"), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=2), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="<html/>", after=2), GapReason.MALFORMED, ""),
        (last_used("<UserName>robot</UserName>"), GapReason.MALFORMED, ""),
        (last_used("<UserName>other</UserName><AccessKeyLastUsed/>"), GapReason.MALFORMED, ""),
    ],
)
def test_each_failure_is_a_gap_of_its_own_kind(odd: Door, fault: Fault, reason: GapReason, scope: str) -> None:
    gap = odd.gap(iam_keys, ask("robot"), fault)
    assert (gap.reason, gap.scope) == (reason, scope), gap


def page(marker: str) -> Fault:
    """One key, and that there are more behind this marker."""
    key = "<member><AccessKeyId>AKIASANDBOXROBOT0003</AccessKeyId><Status>Active</Status>"
    inner = f"<AccessKeyMetadata>{key}<CreateDate>2026-05-20T00:00:00Z</CreateDate></member></AccessKeyMetadata>"
    inner += "<IsTruncated>true</IsTruncated>" + (f"<Marker>{marker}</Marker>" if marker else "")
    body = f"<R><ListAccessKeysResult>{inner}</ListAccessKeysResult></R>"
    return Fault(kind="status", status=200, body=body, after=1, times=1)


def test_the_keys_are_listed_to_the_last_page(odd: Door) -> None:
    """The second page of the real list begins with its second key."""
    gap = odd.gap(iam_keys, ask("robot"), page("1"), denied(2))
    assert [call.path for call in gap.calls[:3]] == ["iam:GetUser", "iam:ListAccessKeys", "iam:ListAccessKeys"]
    assert "Marker=1" in gap.calls[2].query


def test_keys_that_say_more_and_not_where_are_truncated(odd: Door) -> None:
    assert odd.gap(iam_keys, ask("robot"), page("")).reason is GapReason.TRUNCATED


def test_an_empty_name_is_nobody_and_never_the_caller(odd: Door) -> None:
    """Without a user IAM would answer for the keys of whoever asks."""
    assert odd.gap(iam_keys, ask("")).reason is GapReason.GONE
    assert odd.proxy.seen == []
