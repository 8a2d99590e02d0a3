"""aws.secret_rotation over real HTTP: what proves a rotation, and what does not."""

import pytest

from collectors.aws.facts import SecretRotationAsk, SecretRotationFacts
from collectors.aws.rotation import secret_rotation
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door


def told(door: Door, secret: str) -> SecretRotationFacts:
    found = door.evidence(secret_rotation, SecretRotationAsk(secret=secret)).facts
    assert isinstance(found, SecretRotationFacts)
    return found


def short(version: str) -> str:
    return version.rpartition("-")[2]


@pytest.mark.parametrize(("secret", "day"), [("finance/netsuite", "2026-05-27"), ("finance/anthropic", "2026-06-03")])
def test_in_both_worlds_each_credential_was_rotated_once(either: Door, secret: str, day: str) -> None:
    found = told(either, secret)
    assert found.state.value == "active"
    assert [r.at.value.date().isoformat() for r in found.rotations] == [day]
    assert found.created is not None
    assert found.created.value < found.rotations[0].at.value


def test_a_change_without_a_new_version_is_no_rotation(odd: Door) -> None:
    assert told(odd, "touched-only").rotations == ()


def test_a_pending_version_is_a_rotation_that_fails_and_none_that_happened(odd: Door) -> None:
    found = told(odd, "stuck")
    assert (found.state.value, found.rotations) == ("rotation failing", ())


def test_a_next_rotation_that_lies_in_the_past_is_failing_and_keeps_those_that_happened(odd: Door) -> None:
    found = told(odd, "overdue")
    assert found.state.value == "rotation failing"
    assert [short(r.version.value) for r in found.rotations] == ["v2"]


def test_a_secret_on_its_way_out_is_deleted(odd: Door) -> None:
    assert told(odd, "going").state.value == "deleted"


def test_a_rotation_that_was_rolled_back_is_none(odd: Door) -> None:
    assert told(odd, "rolled-back").rotations == ()


def test_versions_are_read_to_the_last_page_and_those_without_a_label_are_not_rotations(odd: Door) -> None:
    found = odd.evidence(secret_rotation, SecretRotationAsk(secret="long"))
    assert (found.completeness.pages, found.completeness.items) == (3, 230)
    assert "228 without a label" in found.completeness.note
    assert isinstance(found.facts, SecretRotationFacts)
    assert [(short(r.version.value), r.stage.value) for r in found.facts.rotations] == [
        ("v228", "AWSPREVIOUS"), ("v229", "AWSCURRENT"),
    ]  # fmt: skip


def test_a_secret_may_be_named_by_its_arn(odd: Door) -> None:
    found = told(odd, "arn:aws:secretsmanager:us-east-1:123456789012:secret:overdue-cccccc")
    assert found.secret.value == "overdue"


def test_the_evidence_knows_the_account_and_leaves_descriptions_out(either: Door) -> None:
    found = either.evidence(secret_rotation, SecretRotationAsk(secret="finance/netsuite"))
    assert found.source.account == "123456789012"
    assert found.redacted == ("secret.Description",)
    assert b"OAuth client" not in found.to_bytes()


def test_an_unknown_secret_is_gone(odd: Door) -> None:
    gap = odd.gap(secret_rotation, SecretRotationAsk(secret="nope"))
    assert (gap.reason, gap.status) == (GapReason.GONE, 400)
    assert "nope" in gap.what


def denied(after: int) -> Fault:
    return Fault(kind="status", status=400, body='{"__type": "AccessDeniedException", "message": "no"}', after=after)


@pytest.mark.parametrize(
    ("fault", "reason", "scope"),
    [
        (denied(0), GapReason.DENIED, "secretsmanager:DescribeSecret"),
        (denied(1), GapReason.DENIED, "secretsmanager:ListSecretVersionIds"),
        (denied(3), GapReason.DENIED, "secretsmanager:ListSecretVersionIds"),
        (Fault(kind="truncate"), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="truncate", after=3), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body="{}", after=1), GapReason.MALFORMED, ""),
        (Fault(kind="status", status=200, body='{"Name": "long", "Versions": [{}]}', after=1), GapReason.MALFORMED, ""),
        (
            Fault(kind="status", status=200, body='{"Name": "long", "Versions": [], "NextToken": "x"}', after=1),
            GapReason.TRUNCATED,
            "",
        ),
    ],
)
def test_each_failure_is_a_gap_and_never_a_shorter_list(odd: Door, fault: Fault, reason: GapReason, scope: str) -> None:
    gap = odd.gap(secret_rotation, SecretRotationAsk(secret="long"), fault)
    assert (gap.reason, gap.scope) == (reason, scope), gap
