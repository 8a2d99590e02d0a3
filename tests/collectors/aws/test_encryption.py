"""s3.encryption over real HTTP: the default encryption, and whether connections in clear are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.aws.encryption import encryption
from collectors.aws.safeguards import EncryptionAsk, EncryptionFacts
from collectors.evidence import GapReason
from collectors.sandbox.faults import Fault
from tests.collectors.aws.aws_door import Door


def ask(bucket: str) -> EncryptionAsk:
    return EncryptionAsk(bucket=bucket, owner="123456789012")


def told(door: Door, bucket: str) -> tuple[str, str | None, str]:
    found = door.evidence(encryption, ask(bucket)).facts
    assert isinstance(found, EncryptionFacts)
    return found.algorithm.value, found.key.value[-4:] if found.key else None, found.in_clear.value


def test_in_both_worlds_the_audit_bucket_has_a_key_of_its_own_and_refuses_connections_in_clear(either: Door) -> None:
    assert told(either, "acme-agent-audit") == ("aws:kms", "0001", "refused")


def test_other_statements_name_people_and_are_not_kept(either: Door) -> None:
    answer = either.evidence(encryption, ask("acme-agent-audit"))
    assert "role/audit" not in answer.to_bytes().decode()
    assert "policy.Statement" in answer.redacted


def test_one_statement_in_other_words_refuses_as_well(odd: Door) -> None:
    assert told(odd, "marked") == ("AES256", None, "refused")


def test_no_encryption_and_no_policy_are_answers(odd: Door) -> None:
    assert told(odd, "plain") == ("none", None, "not refused")


def test_without_an_owner_on_the_card_our_own_account_is_asked_for(odd: Door) -> None:
    calls = odd.evidence(encryption, EncryptionAsk(bucket="marked")).calls
    assert [call.path for call in calls] == ["sts:GetCallerIdentity", "s3:GetBucketEncryption", "s3:GetBucketPolicy"]


BOTH = ["arn:aws:s3:::marked", "arn:aws:s3:::marked/*"]
WHOLE = {
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH,
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}  # fmt: skip


def policy(*statements: Any, after: int = 1) -> Fault:
    return Fault(kind="status", status=200, body=json.dumps({"Statement": list(statements)}), after=after)


def in_clear(door: Door, *statements: Any) -> str:
    door.proxy.set(policy(*statements))
    try:
        return told(door, "marked")[-1]
    finally:
        door.proxy.set()


def test_two_statements_that_cover_bucket_and_objects_refuse_together(odd: Door) -> None:
    assert in_clear(odd, WHOLE) == "refused"
    assert in_clear(odd, *({**WHOLE, "Resource": place} for place in BOTH)) == "refused"


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:role/a"}},
        {"Action": "s3:GetObject"},
        {"Resource": "arn:aws:s3:::marked/*"},
        {"Resource": ["arn:aws:s3:::marked", "arn:aws:s3:::marked/public/*"]},
        {"NotAction": "s3:GetObject", "Action": None},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "true"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:username": "bob"}}},
        {"Condition": {"StringEquals": {"aws:SecureTransport": "false"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": ["false", "true"]}}},
        {"Condition": "aws:SecureTransport"},
        {"Condition": {"Bool": "aws:SecureTransport"}},
    ],
)
def test_a_statement_that_refuses_less_does_not_count(odd: Door, change: dict[str, Any]) -> None:
    assert in_clear(odd, {**WHOLE, **change}) == "not refused"


ROOT = "ServerSideEncryptionConfiguration"
NO = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"


@pytest.mark.parametrize(("after", "scope"), [(0, "s3:GetEncryptionConfiguration"), (1, "s3:GetBucketPolicy")])
def test_a_refusal_names_the_permission_or_another_owner(odd: Door, after: int, scope: str) -> None:
    gap = odd.gap(encryption, ask("marked"), Fault(kind="status", status=403, body=NO, after=after))
    assert (gap.reason, gap.scope) == (GapReason.DENIED, scope)
    assert "not one of account 123456789012" in gap.what


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="status", status=200, body=f"<{ROOT}/>"),
        Fault(kind="status", status=200, body=f"<{ROOT}><Rule/></{ROOT}>"),
        Fault(kind="status", status=200, body="not json", after=1),
        Fault(kind="status", status=200, body="[]", after=1),
        Fault(kind="status", status=200, body='{"Statement": [1]}', after=1),
        Fault(kind="status", status=200, body='{"Statement": "x"}', after=1),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_contracts_is_malformed(odd: Door, fault: Fault) -> None:
    assert odd.gap(encryption, ask("marked"), fault).reason is GapReason.MALFORMED


def test_a_bucket_that_is_not_there_is_gone_and_anothers_denied(odd: Door) -> None:
    assert odd.gap(encryption, ask("nothing")).reason is GapReason.GONE
    assert odd.gap(encryption, EncryptionAsk(bucket="marked", owner="210987654321")).reason is GapReason.DENIED
